/* Drifts of Gabor functions that were moved by known amounts. */
#include "gabor_test.h"

#include "gabor/drift.h"

enum { SIDE = 11, COUNT = 3 };

static fs_kernels kernels_of(const fs_gabor *gabors) {
    fs_kernels k = {0};
    assert_int_equal(fs_kernels_create(&k, COUNT, 1, SIDE, SIDE, NULL), FS_OK);
    for (int i = 0; i < COUNT; i++)
        fs_gabor_sample(&gabors[i], SIDE, SIDE, k.values + (size_t)i * SIDE * SIDE);
    return k;
}

static void test_angles_are_of_lines(void **state) {
    (void)state;
    assert_near(fs_gabor_theta_difference(0.1, M_PI - 0.1), -0.2, 1e-12);
    assert_near(fs_gabor_theta_difference(M_PI - 0.1, 0.1), 0.2, 1e-12);
    assert_near(fs_gabor_theta_difference(0, M_PI / 2), M_PI / 2, 1e-12);
    assert_near(fs_gabor_theta_difference(M_PI / 2, 0), M_PI / 2, 1e-12);
    assert_near(fs_gabor_theta_difference(1, 1), 0, 1e-12);
}

static void test_known_drifts_are_found(void **state) {
    const fs_gabor start = {
        .lambda = 5, .theta = 0.05, .psi = 0.4, .sigma = 2.2, .gamma = 0.9, .amplitude = 1};
    fs_gabor before[COUNT] = {start, start, start}, after[COUNT] = {start, start, start};
    fs_gabor_drifts drifts = {0};
    fs_pool *pool = NULL;
    fs_random random;
    (void)state;
    after[1].theta = M_PI - 0.1; /* past the end of the half turn */
    after[1].psi = -0.4;
    after[2].lambda = 4.4;
    after[2].sigma = 2.5;
    fs_kernels k = kernels_of(before), l = kernels_of(after);
    assert_int_equal(fs_pool_create(&pool, 2, NULL), FS_OK);
    assert_int_equal(fs_gabor_drifts_of(&drifts, &k, &l, pool, NULL, NULL), FS_OK);
    assert_int_equal(drifts.count, COUNT);
    const double expected[COUNT][3] = {{0, 0, 0}, {0, -0.15, 0}, {-0.6, 0, 0.3}};
    for (int i = 0; i < COUNT; i++) {
        assert_near(drifts.items[i].lambda, expected[i][0], 1e-3);
        assert_near(drifts.items[i].theta, expected[i][1], 1e-3);
        assert_near(drifts.items[i].sigma, expected[i][2], 1e-3);
        assert_true(fs_gabor_drift_counts(&drifts.items[i]));
    }
    fs_gabor_fits fits[2] = {{0}};
    assert_int_equal(fs_gabor_fits_of(&fits[0], &k, pool, NULL, NULL), FS_OK);
    assert_int_equal(fs_gabor_fits_of(&fits[1], &l, NULL, NULL, NULL), FS_OK);
    fs_gabor_mean_drift mean = {0};
    assert_int_equal(fs_gabor_mean_drift_of(&mean, &fits[0], &fits[1], NULL), FS_OK);
    assert_int_equal(mean.count, COUNT);
    assert_near(mean.lambda.mean, 0.2, 1e-3);
    assert_near(mean.theta.mean, 0.05, 1e-3);
    assert_near(mean.sigma.mean, 0.1, 1e-3);
    assert_near(mean.lambda.median, 0, 1e-3);
    assert_near(mean.theta.median, 0, 1e-3);
    assert_near(mean.lambda.signed_mean, -0.2, 1e-3);
    assert_near(mean.theta.signed_mean, -0.05, 1e-3);
    fits[1].items[2].r2 = 0.4; /* explained no longer: left out */
    assert_int_equal(fs_gabor_mean_drift_of(&mean, &fits[0], &fits[1], NULL), FS_OK);
    assert_int_equal(mean.count, 2);
    assert_near(mean.lambda.mean, 0, 1e-3);
    assert_near(mean.theta.median, 0.075, 1e-3);     /* of 0 and 0.15 */
    fits[1].items[1].stderror[FS_GABOR_THETA] = NAN; /* at a bound: no drift of its own */
    assert_int_equal(fs_gabor_mean_drift_of(&mean, &fits[0], &fits[1], NULL), FS_OK);
    assert_true(mean.count == 2 && mean.lambda.kernels == 2 && mean.theta.kernels == 1);
    assert_near(mean.theta.mean, 0, 1e-3);
    for (int i = 0; i < COUNT; i++)
        fits[1].items[i].r2 = 0.4;
    assert_int_equal(fs_gabor_mean_drift_of(&mean, &fits[0], &fits[1], NULL), FS_OK);
    assert_true(mean.count == 0 && isnan(mean.lambda.mean) && isnan(mean.sigma.median));
    fs_gabor_fits_free(&fits[0]);
    fs_gabor_fits_free(&fits[1]);
    fs_gabor_drifts_free(&drifts);
    fs_random_seed(&random, 8, 0);
    for (int i = 0; i < SIDE * SIDE; i++)
        l.values[i] = fs_random_unit(&random); /* no Gabor function */
    assert_int_equal(fs_gabor_drifts_of(&drifts, &k, &l, pool, NULL, NULL), FS_OK);
    assert_false(fs_gabor_drift_counts(&drifts.items[0]));
    fs_gabor_drifts_free(&drifts);
    l.count--;
    assert_int_equal(fs_gabor_drifts_of(&drifts, &k, &l, pool, NULL, NULL), FS_ERROR_UNSUPPORTED);
    fs_kernels_free(&k);
    fs_kernels_free(&l);
    fs_pool_destroy(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_angles_are_of_lines),
        cmocka_unit_test(test_known_drifts_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
