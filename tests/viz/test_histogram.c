#include "viz_test.h"

#include "viz/histogram.h"

static int counted(const fs_histogram *h, double low, double high) {
    int n = 0;
    for (int i = 0; i < h->used; i++)
        if (fs_histogram_low(h, i) >= low && fs_histogram_low(h, i + 1) <= high)
            n += (int)h->counts[i];
    return n;
}

/* Every count is that of its bin, whatever came before. */
static void test_counts_are_exact(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    float *values = test_normals(COUNT, 30, 1);
    for (int i = 0; i < COUNT; i += 7)
        values[i] = 0;
    fs_histogram h;
    fs_histogram_clear(&h);
    fs_histogram_add(&h, values, COUNT);
    assert_true(fs_histogram_valid(&h));
    assert_int_equal(h.total, COUNT);
    assert_int_equal(h.zeros, (COUNT + 6) / 7);
    assert_true(h.used > FS_HISTOGRAM_BINS / 3);
    for (int i = 0; i < h.used; i++) {
        uint64_t expected = 0;
        for (int k = 0; k < COUNT; k++)
            expected += values[k] != 0 && values[k] >= fs_histogram_low(&h, i) &&
                        values[k] < fs_histogram_low(&h, i + 1);
        assert_int_equal(h.counts[i], expected);
    }
    fs_free(values);
}

static void test_order_does_not_matter(void **state) {
    (void)state;
    enum { COUNT = 999 };
    float *values = test_normals(COUNT, 1e-3F, 2);
    values[500] = 4e4F;
    values[501] = -7;
    fs_histogram a, b;
    fs_histogram_clear(&a);
    fs_histogram_clear(&b);
    fs_histogram_add(&a, values, COUNT);
    for (int i = COUNT - 1; i >= 0; i--)
        fs_histogram_add(&b, &values[i], 1);
    assert_memory_equal(&a, &b, sizeof a);
    fs_free(values);
}

static void test_extremes(void **state) {
    (void)state;
    const float values[] = {3e38F, -3e38F, 1e-45F, 0, NAN, INFINITY, 1e30F, 1e30F, -0.0F};
    fs_histogram h;
    for (int n = 0; n <= 9; n++) {
        fs_histogram_clear(&h);
        fs_histogram_add(&h, values, n);
        assert_true(fs_histogram_valid(&h));
    }
    assert_int_equal(h.total, 7);
    assert_int_equal(h.zeros, 2);
    fs_histogram_clear(&h);
    fs_histogram_add(&h, values + 6, 2);
    assert_int_equal(counted(&h, 0, 1e31), 2);
}

static void test_damage_is_seen(void **state) {
    (void)state;
    float *values = test_normals(200, 1, 3);
    fs_histogram good, h;
    fs_histogram_clear(&good);
    fs_histogram_add(&good, values, 200);
    h = good, h.first++;
    assert_false(fs_histogram_valid(&h));
    h = good, h.exponent = 1 << 20;
    assert_false(fs_histogram_valid(&h));
    h = good, h.used = FS_HISTOGRAM_BINS + 1;
    assert_false(fs_histogram_valid(&h));
    h = good, h.counts[0]++;
    assert_false(fs_histogram_valid(&h));
    h = good, h.low = NAN;
    assert_false(fs_histogram_valid(&h));
    fs_free(values);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_are_exact), cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_extremes), cmocka_unit_test(test_damage_is_seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
