/* The score of a chosen Gabor function: amplitude and offset are the best ones, at the fit it is the fit's.
 */
#include "gabor/fit.h"
#include "gabor/score.h"
#include "gabor_test.h"

enum { SEED = 3, K = 7, N = K * K };

static void draw_kernel(fs_random *random, fs_gabor *gabor, double *profile, double noise) {
    *gabor = random_gabor(random, K);
    fs_gabor_sample(gabor, K, K, profile);
    for (int i = 0; i < N; i++)
        profile[i] += noise * fs_random_range(random, -1, 1);
}

static double rss_of(const fs_gabor *gabor, const double *profile) {
    double values[N], rss = 0;
    fs_gabor_sample(gabor, K, K, values);
    for (int i = 0; i < N; i++)
        rss += (profile[i] - values[i]) * (profile[i] - values[i]);
    return rss;
}

/* No other amplitude and offset come closer, and what was in the argument does not matter. */
static void test_amplitude_and_offset(void **state) {
    (void)state;
    fs_random random;
    fs_random_seed(&random, SEED, 0);
    for (int draw = 0; draw < 50; draw++) {
        double profile[N], fitted[N], residual[N];
        fs_gabor gabor, other;
        draw_kernel(&random, &gabor, profile, 0.2);
        fs_gabor_score score = fs_gabor_score_of(&gabor, profile, K, K, fitted, residual);
        gabor.amplitude = 1e9;
        gabor.offset = -4;
        fs_gabor_score same = fs_gabor_score_of(&gabor, profile, K, K, NULL, NULL);
        assert_memory_equal(&score, &same, sizeof score);
        gabor.amplitude = score.amplitude;
        gabor.offset = score.offset;
        assert_near(rss_of(&gabor, profile), score.rss, 1e-9 * (1 + score.rss));
        for (int i = 0; i < 4; i++) {
            other = gabor;
            other.amplitude += i < 2 ? (i ? 1e-3 : -1e-3) : 0;
            other.offset += i < 2 ? 0 : i == 2 ? 1e-3 : -1e-3;
            assert_true(rss_of(&other, profile) >= score.rss - 1e-12);
        }
        for (int i = 0; i < N; i++)
            assert_near(fitted[i] + residual[i], profile[i], 1e-12);
    }
}

static void test_agrees_with_the_fit(void **state) {
    (void)state;
    fs_random random;
    fs_random_seed(&random, SEED, 1);
    fs_fitter *fitter = NULL;
    assert_int_equal(fs_fitter_create(&fitter, K, K, NULL), FS_OK);
    for (int draw = 0; draw < 10; draw++) {
        double profile[N];
        fs_gabor gabor;
        draw_kernel(&random, &gabor, profile, 0.3);
        const fs_gabor_fit fit = fs_fitter_gabor(fitter, profile);
        const fs_gabor_score score = fs_gabor_score_of(&fit.gabor, profile, K, K, NULL, NULL);
        assert_near(score.r2, fit.r2, 1e-6);
        assert_near(score.amplitude, fit.gabor.amplitude, 1e-3 * fit.gabor.amplitude);
        assert_near(score.offset, fit.gabor.offset, 1e-3 * (1 + fabs(fit.gabor.offset)));
        gabor = fit.gabor;
        gabor.psi += M_PI; /* half a turn off: the amplitude says so */
        assert_near(fs_gabor_score_of(&gabor, profile, K, K, NULL, NULL).amplitude, -score.amplitude,
                    1e-9 * score.amplitude);
    }
    fs_fitter_destroy(fitter);
}

/* Neither a constant kernel nor a function that is constant on the pixels divides by zero. */
static void test_constants(void **state) {
    (void)state;
    double flat[N], ramp[N], fitted[N];
    for (int i = 0; i < N; i++) {
        flat[i] = 3;
        ramp[i] = i;
    }
    fs_gabor gabor = {.lambda = 5, .sigma = 2, .gamma = 1};
    fs_gabor_score score = fs_gabor_score_of(&gabor, flat, K, K, fitted, NULL);
    assert_near(score.r2, 0, 0);
    assert_near(fitted[7], 3, 1e-12);
    gabor.x0 = gabor.y0 = 1e6; /* its envelope does not reach the kernel */
    score = fs_gabor_score_of(&gabor, ramp, K, K, fitted, NULL);
    assert_near(score.amplitude, 0, 0);
    assert_near(score.r2, 0, 1e-12);
    assert_near(fitted[7], (N - 1) / 2.0, 1e-9);
}

static void test_ranges_hold_the_fits(void **state) {
    (void)state;
    fs_random random;
    fs_random_seed(&random, SEED, 2);
    fs_fitter *fitter = NULL;
    assert_int_equal(fs_fitter_create(&fitter, K, K, NULL), FS_OK);
    for (int draw = 0; draw < 20; draw++) {
        double noise[N];
        for (int i = 0; i < N; i++)
            noise[i] = fs_random_range(&random, -1, 1);
        const fs_gabor gabor = fs_fitter_gabor(fitter, noise).gabor;
        for (int p = FS_GABOR_LAMBDA; p <= FS_GABOR_Y0; p++) {
            const fs_gabor_range range = fs_gabor_range_of((fs_gabor_parameter)p, K, K);
            const double value = fs_gabor_get(&gabor, (fs_gabor_parameter)p);
            assert_true(range.low < range.high);
            assert_true(value >= range.low - 1e-9 && value <= range.high + 1e-9);
        }
    }
    fs_fitter_destroy(fitter);
}

static void test_parameters_by_number(void **state) {
    (void)state;
    fs_gabor gabor = {0};
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++)
        fs_gabor_set(&gabor, (fs_gabor_parameter)p, p + 0.5);
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++)
        assert_near(fs_gabor_get(&gabor, (fs_gabor_parameter)p), p + 0.5, 0);
    assert_near(gabor.psi, FS_GABOR_PSI + 0.5, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amplitude_and_offset),
        cmocka_unit_test(test_agrees_with_the_fit),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_ranges_hold_the_fits),
        cmocka_unit_test(test_parameters_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
