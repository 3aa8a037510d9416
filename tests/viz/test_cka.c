/* CKA against NumPy's numbers of its definition (tests/data/make_cka_fixture.py), and what it must not see.
 */
#include "viz_test.h"

#include "base/npy.h"
#include "viz/cka.h"

enum { BATCHES = 3, N = 9, LAYERS = 2 };

static fs_npy read_fixture(const char *name) {
    fs_npy npy = {0};
    fs_error err = {0};
    char path[512];
    snprintf(path, sizeof path, FS_TEST_DATA "/cka/%s.npy", name);
    if (fs_npy_read(&npy, path, &err) != FS_OK)
        fail_msg("%s", err.message);
    return npy;
}

/* U-centred Gram matrices of the layers of one network, [LAYERS][n][n]. */
static void grams_of(const fs_npy *layers, int batch, int n, double *out) {
    for (int l = 0; l < LAYERS; l++) {
        const size_t count = (size_t)layers[l].dim[1] * (size_t)n;
        float *copy = fs_alloc_array(count, sizeof *copy);
        assert_non_null(copy);
        memcpy(copy, layers[l].data + (size_t)batch * count, count * sizeof *copy);
        assert_int_equal(
            fs_cka_gram(copy, n, layers[l].dim[1], out + (size_t)l * (size_t)n * (size_t)n, NULL, NULL),
            FS_OK);
        fs_free(copy);
    }
}

static fs_cka *cka_of(const fs_npy *a, const fs_npy *b) {
    double grams_a[LAYERS * N * N], grams_b[LAYERS * N * N];
    fs_cka *cka = NULL;
    assert_int_equal(fs_cka_create(&cka, LAYERS, LAYERS, NULL), FS_OK);
    for (int batch = 0; batch < BATCHES; batch++) {
        grams_of(a, batch, N, grams_a);
        grams_of(b, batch, N, grams_b);
        fs_cka_add(cka, grams_a, grams_b, N);
    }
    assert_int_equal(fs_cka_batches(cka), BATCHES);
    return cka;
}

static void test_numpy_agrees(void **state) {
    fs_npy a[LAYERS] = {read_fixture("a0"), read_fixture("a1")};
    fs_npy b[LAYERS] = {read_fixture("b0"), read_fixture("b1")};
    fs_npy expected = read_fixture("cka");
    fs_cka *cka = cka_of(a, b);
    (void)state;
    for (int i = 0; i < LAYERS; i++)
        for (int j = 0; j < LAYERS; j++)
            assert_close(fs_cka_value(cka, i, j), (double)expected.data[i * LAYERS + j], 1e-5, 1);
    fs_cka_destroy(cka);
    for (int i = 0; i < LAYERS; i++) {
        fs_npy_free(&a[i]);
        fs_npy_free(&b[i]);
    }
    fs_npy_free(&expected);
}

/* The same layer turned, scaled and moved: its columns in another order, times -3, plus 7. */
static void test_rotation_scale_and_offset_do_not_count(void **state) {
    fs_npy a[LAYERS] = {read_fixture("a0"), read_fixture("a1")}, b[LAYERS] = {a[0], a[1]};
    (void)state;
    for (int l = 0; l < LAYERS; l++) {
        const int64_t rows = a[l].dim[0], columns = a[l].dim[1];
        b[l].data = fs_alloc_array((size_t)(rows * columns), sizeof *b[l].data);
        for (int64_t i = 0; i < rows * columns; i++)
            b[l].data[i / columns * columns + columns - 1 - i % columns] = 7 - 3 * a[l].data[i];
    }
    fs_cka *cka = cka_of(a, b);
    assert_close(fs_cka_value(cka, 0, 0), 1, 1e-5, 1);
    assert_close(fs_cka_value(cka, 1, 1), 1, 1e-5, 1);
    assert_true(fs_cka_value(cka, 0, 1) < 0.999);
    assert_close(fs_cka_value(cka, 0, 1), fs_cka_value(cka, 1, 0), 1e-5, 1);
    fs_cka_destroy(cka);
    for (int l = 0; l < LAYERS; l++) {
        fs_npy_free(&a[l]);
        fs_npy_free(&b[l]);
    }
}

/* The mean over independent layers is zero, which the biased estimator's is far from at n = 9. */
static void test_independent_layers_have_none(void **state) {
    enum { ROUNDS = 400, WIDTH = 20 };
    double gram_a[N * N], gram_b[N * N];
    fs_cka *cka = NULL;
    (void)state;
    assert_int_equal(fs_cka_create(&cka, 1, 1, NULL), FS_OK);
    for (int r = 0; r < ROUNDS; r++) {
        float *a = test_normals(N * WIDTH, 1, (uint64_t)(2 * r)),
              *b = test_normals(N * WIDTH, 1, (uint64_t)(2 * r + 1));
        assert_int_equal(fs_cka_gram(a, N, WIDTH, gram_a, NULL, NULL), FS_OK);
        assert_int_equal(fs_cka_gram(b, N, WIDTH, gram_b, NULL, NULL), FS_OK);
        fs_cka_add(cka, gram_a, gram_b, N);
        fs_free(a);
        fs_free(b);
    }
    assert_close(fs_cka_value(cka, 0, 0), 0, 0.03, 1);
    fs_cka_destroy(cka);
}

static void test_constant_and_infinite_layers(void **state) {
    float constant[N * 3], broken[N * 3] = {0};
    double gram[N * N], other[N * N];
    fs_cka *cka = NULL;
    (void)state;
    for (int i = 0; i < N * 3; i++)
        constant[i] = (float)(i % 3);
    broken[4] = INFINITY;
    assert_int_equal(fs_cka_gram(constant, N, 3, gram, NULL, NULL), FS_OK);
    assert_int_equal(fs_cka_gram(broken, N, 3, other, NULL, NULL), FS_ERROR_DIVERGED);
    assert_int_equal(fs_cka_create(&cka, 1, 1, NULL), FS_OK);
    fs_cka_add(cka, gram, gram, N);
    assert_true(isnan(fs_cka_value(cka, 0, 0)));
    fs_cka_destroy(cka);
}

/* Columns in several pieces on several threads give what one thread gives, to rounding. */
static void test_threads_agree(void **state) {
    enum { WIDE = 30000 };
    double one[N * N], many[N * N];
    fs_pool *pool = NULL;
    (void)state;
    assert_int_equal(fs_pool_create(&pool, 3, NULL), FS_OK);
    float *a = test_normals((size_t)N * WIDE, 1, 3), *b = test_normals((size_t)N * WIDE, 1, 3);
    assert_int_equal(fs_cka_gram(a, N, WIDE, one, NULL, NULL), FS_OK);
    assert_int_equal(fs_cka_gram(b, N, WIDE, many, pool, NULL), FS_OK);
    for (int i = 0; i < N * N; i++)
        assert_close(one[i], many[i], 1e-5, WIDE);
    fs_free(a);
    fs_free(b);
    fs_pool_destroy(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numpy_agrees),
        cmocka_unit_test(test_rotation_scale_and_offset_do_not_count),
        cmocka_unit_test(test_independent_layers_have_none),
        cmocka_unit_test(test_constant_and_infinite_layers),
        cmocka_unit_test(test_threads_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
