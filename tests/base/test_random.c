#include "helpers.h"

#include <math.h>
#include <stdlib.h>

#include "base/progress.h"
#include "base/random.h"

/* The first outputs of xoshiro256** from the state {1, 2, 3, 4}, worked out by hand from the definition:
 * rotl(2 * 5, 7) * 9 = 11520; then s = {7, 0, 262146, 6 << 45}, whose s[1] gives 0; and so on. */
static void generator_follows_its_definition(void **state) {
    (void)state;
    fs_random random = {{1, 2, 3, 4}};
    assert_true(fs_random_u64(&random) == 11520);
    assert_true(random.s[0] == 7 && random.s[1] == 0 && random.s[2] == 262146);
    assert_true(random.s[3] == UINT64_C(6) << 45);
    assert_true(fs_random_u64(&random) == 0);
    assert_true(fs_random_u64(&random) == UINT64_C(1509978240));
}

/* splitmix64 from 0 begins e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec. */
static void seeding_is_splitmix(void **state) {
    (void)state;
    fs_random random;
    fs_random_seed(&random, 0, 0);
    assert_true(random.s[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(random.s[1] == UINT64_C(0x6e789e6aa1b965f4));
    assert_true(random.s[2] == UINT64_C(0x06c45d188009454f));
    assert_true(random.s[3] == UINT64_C(0xf88bb8a8724c81ec));
}

static void streams_and_seeds_differ(void **state) {
    (void)state;
    uint64_t first[64];
    for (uint64_t i = 0; i < 64; i++) {
        fs_random random;
        fs_random_seed(&random, i / 8, i % 8);
        first[i] = fs_random_u64(&random);
        for (uint64_t j = 0; j < i; j++)
            assert_true(first[i] != first[j]);
    }
}

static void uniform_numbers_stay_in_range(void **state) {
    (void)state;
    enum { N = 60000 };
    fs_random random;
    int bins[7] = {0};
    double sum = 0;
    fs_random_seed(&random, 1, 0);
    for (int i = 0; i < N; i++) {
        double unit = fs_random_unit(&random), range = fs_random_range(&random, -2, 3);
        int whole = fs_random_int(&random, 7);
        assert_true(unit >= 0 && unit < 1 && range >= -2 && range < 3 && whole >= 0 && whole < 7);
        sum += unit;
        bins[whole]++;
    }
    assert_true(fabs(sum / N - 0.5) < 0.01);
    for (int i = 0; i < 7; i++)
        assert_true(abs(bins[i] - N / 7) < 600); /* six standard deviations */
    assert_int_equal(fs_random_int(&random, 1), 0);
    double tiny = fs_random_range(&random, 1, nextafter(1, 2));
    assert_true(tiny == 1);
}

static void normal_numbers_have_their_moments(void **state) {
    (void)state;
    enum { N = 100001 };
    static float x[N + 1];
    fs_random random, again;
    fs_random_seed(&random, 5, 3);
    again = random;
    x[N] = -77;
    fs_random_normal(&random, x, N, 2.0f);
    assert_true(x[N] == -77);
    double sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < N; i++) {
        assert_true(isfinite(x[i]));
        sum += x[i];
        squares += (double)x[i] * x[i];
        fourth += pow(x[i], 4);
    }
    assert_true(fabs(sum / N) < 0.05);
    assert_true(fabs(squares / N - 4) < 0.1);
    assert_true(fabs(fourth / N / 16 - 3) < 0.15);
    float y[3];
    fs_random_normal(&again, y, 3, 2.0f);
    assert_memory_equal(x, y, sizeof y);
}

static int reports;

static void count_report(void *context, const fs_progress_state *progress) {
    assert_ptr_equal(context, &reports);
    assert_true(progress->done == 3);
    reports++;
}

static void progress_reaches_its_receiver(void **state) {
    (void)state;
    atomic_bool cancel = false;
    fs_progress progress = {count_report, &reports, &cancel};
    fs_progress nobody = {0};
    fs_progress_state now = {.label = "x", .done = 3, .total = 4};
    fs_progress_report(&progress, &now);
    fs_progress_report(&nobody, &now);
    fs_progress_report(NULL, &now);
    assert_int_equal(reports, 1);
    assert_false(fs_progress_cancelled(&progress) || fs_progress_cancelled(&nobody) ||
                 fs_progress_cancelled(NULL));
    cancel = true;
    assert_true(fs_progress_cancelled(&progress));
    double before = fs_seconds();
    assert_true(fs_seconds() >= before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generator_follows_its_definition),  cmocka_unit_test(seeding_is_splitmix),
        cmocka_unit_test(streams_and_seeds_differ),          cmocka_unit_test(uniform_numbers_stay_in_range),
        cmocka_unit_test(normal_numbers_have_their_moments), cmocka_unit_test(progress_reaches_its_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
