/* The fits: known functions are found, turned kernels give turned angles, rivals win where they should. */
#include "../base/helpers.h"
#include "gabor/intervals.h"
#include "gabor/models.h"
#include "gabor_test.h"
#include "recovery.h"

enum { SEED = 5, K = 9, N = K * K };

static fs_fitter *fitter_of(int height, int width) {
    fs_fitter *fitter = NULL;
    fs_error err = {0};
    if (fs_fitter_create(&fitter, height, width, &err) != FS_OK)
        fail_msg("%s", err.message);
    return fitter;
}

static void test_recovery(void **state) {
    (void)state;
    static const int sizes[] = {7, 11, 15, 21}, draws[] = {40, 20, 10, 5};
    for (int i = 0; i < 4; i++) {
        recovery r = recover(sizes[i], draws[i], 0, SEED);
        assert_int_equal(r.recovered, r.draws);
    }
}

/* Of 9 x 60 intervals at 95 %, 513 hold; 486 or fewer would be six standard deviations away. */
static void test_coverage(void **state) {
    (void)state;
    recovery r = recover(7, 60, 0.05, SEED);
    int covered = 0, all = 0;
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
        covered += r.covered[p];
        all += r.intervals[p];
    }
    assert_true(covered >= 0.90 * all && covered <= 0.99 * all);
}

/* Transposed, theta is mirrored at 45 degrees; mirrored left to right, at 90 degrees. Phase and lengths stay.
 */
static void test_turned_kernels(void **state) {
    (void)state;
    double kernel[N], transposed[N], mirrored[N];
    fs_gabor g = {
        .lambda = 5, .theta = 0.4, .psi = 1, .sigma = 2, .gamma = 0.8, .x0 = 0.5, .y0 = -0.3, .amplitude = 1};
    fs_fitter *fitter = fitter_of(K, K);
    fs_gabor_sample(&g, K, K, kernel);
    for (int i = 0; i < N; i++) {
        transposed[i % K * K + i / K] = kernel[i];
        mirrored[i / K * K + K - 1 - i % K] = kernel[i];
    }
    fs_gabor t = fs_fitter_gabor(fitter, transposed).gabor, m = fs_fitter_gabor(fitter, mirrored).gabor;
    assert_near(t.theta, M_PI / 2 - 0.4, 1e-6);
    assert_near(t.psi, 1, 1e-5);
    assert_near(t.x0, -0.3, 1e-5);
    assert_near(t.y0, 0.5, 1e-5);
    assert_near(m.theta, M_PI - 0.4, 1e-6);
    assert_near(m.psi, 1, 1e-5);
    assert_near(m.x0, -0.5, 1e-5);
    assert_near(m.lambda, 5, 1e-5);
    fs_fitter_destroy(fitter);
}

/* The same digits whatever was fitted before, and for kernels that are scaled. */
static void test_scale(void **state) {
    (void)state;
    double kernel[N], scaled[N];
    fs_random random;
    fs_random_seed(&random, SEED, 7);
    for (int i = 0; i < N; i++)
        scaled[i] = 1024 * (kernel[i] = fs_random_range(&random, -1, 1));
    fs_fitter *fitter = fitter_of(K, K);
    fs_gabor_fit first = fs_fitter_gabor(fitter, kernel), larger = fs_fitter_gabor(fitter, scaled);
    fs_gabor_fit again = fs_fitter_gabor(fitter, kernel);
    assert_memory_equal(&first, &again, sizeof first);
    assert_true(first.r2 > 0 && first.r2 < 1 && first.r2_adjusted < first.r2);
    assert_near(larger.r2, first.r2, 1e-9);
    assert_near(larger.gabor.amplitude / 1024, first.gabor.amplitude, 1e-6 * first.gabor.amplitude);
    fs_fitter_destroy(fitter);
}

static void test_bounds(void **state) {
    (void)state;
    double kernel[N];
    fs_fitter *fitter = fitter_of(K, K);
    fs_gabor g = {.lambda = 22, .theta = 1, .psi = 0.5, .sigma = 12, .gamma = 1, .amplitude = 1};
    fs_gabor_sample(&g, K, K, kernel);
    fs_gabor_fit fit = fs_fitter_gabor(fitter, kernel);
    assert_true(fit.gabor.lambda <= 2 * K && fit.gabor.sigma <= K && fit.gabor.gamma <= 5 &&
                fit.gabor.gamma >= 0.2);
    assert_true(fabs(fit.gabor.x0) <= K / 2.0 && fabs(fit.gabor.y0) <= K / 2.0);
    assert_true(fit.r2 > 0.99);
    fs_fitter_destroy(fitter);
}

static void test_constant(void **state) {
    (void)state;
    static const double levels[] = {0, 3.7, -1e-30};
    double kernel[N];
    fs_fitter *fitter = fitter_of(K, K);
    for (int level = 0; level < 3; level++) {
        for (int i = 0; i < N; i++)
            kernel[i] = levels[level];
        fs_gabor_fit fit = fs_fitter_gabor(fitter, kernel);
        assert_true(fit.r2 == 0 && isfinite(fit.gabor.amplitude) && isfinite(fit.gabor.lambda));
        for (int m = 0; m < FS_MODELS; m++)
            assert_true(isfinite(fs_fitter_score(fitter, (fs_kernel_model)m, kernel).aicc));
    }
    fs_fitter_destroy(fitter);
}

/* The slopes of every model are the derivatives of its columns. */
static void test_slopes(void **state) {
    (void)state;
    enum { LINEAR = FS_SEPARABLE_MAX_LINEAR, SHAPE = FS_SEPARABLE_MAX_SHAPE };
    static const double coefficients[LINEAR] = {0.7, -1.3, 0.4, 0.9, -0.2};
    double above[LINEAR * N], below[LINEAR * N], slopes[SHAPE * N];
    fs_separable *solver = NULL;
    fs_random random;
    fs_random_seed(&random, SEED, 3);
    assert_int_equal(fs_separable_create(&solver, K, K, NULL), FS_OK);
    const fs_grid *grid = fs_separable_grid(solver);
    for (int model = FS_MODEL_BLOB; model < FS_MODELS_FITTED; model++) {
        const fs_separable_model *m = &fs_model_table[model].separable;
        fs_bound bounds[SHAPE];
        double shape[SHAPE];
        fs_model_bounds(model, K, K, bounds);
        for (int j = 0; j < m->n_shape; j++)
            shape[j] = bounds[j].kind == FS_BOUND_NONE
                           ? fs_random_range(&random, 0, 3)
                           : bounds[j].low + 0.4 * (bounds[j].high - bounds[j].low);
        m->slopes(grid, shape, coefficients, slopes);
        for (int j = 0; j < m->n_shape; j++) {
            const double kept = shape[j], step = 1e-5;
            shape[j] = kept + step;
            m->columns(grid, shape, above);
            shape[j] = kept - step;
            m->columns(grid, shape, below);
            shape[j] = kept;
            for (int i = 0; i < N; i++) {
                double numeric = 0;
                for (int l = 0; l < m->n_linear; l++)
                    numeric += coefficients[l] * (above[l * N + i] - below[l * N + i]) / (2 * step);
                assert_near(slopes[j * N + i], numeric, 1e-7);
            }
        }
    }
    fs_separable_destroy(solver);
}

/* A colour times a Gabor function: the split finds both; with an offset of another colour, the fit of all
 * channels does, and the rank-one part cannot. */
static void test_colour(void **state) {
    (void)state;
    static const double colour[] = {0.8, -0.6, 0.0}, offset[] = {0, 0, 0.5};
    double kernel[3 * N], pattern[N], profile[N];
    fs_gabor g = {.lambda = 5, .theta = 2, .psi = -1, .sigma = 2, .gamma = 1.2, .x0 = 0.2, .amplitude = 3};
    fs_fitter *fitter = fitter_of(K, K);
    fs_gabor_sample(&g, K, K, pattern);
    fs_patch patch = {3, K, K, kernel};
    for (int i = 0; i < 3 * N; i++)
        kernel[i] = colour[i / N] * pattern[i % N];
    fs_colour_split split = fs_colour_split_of(&patch, profile);
    assert_near(split.energy, 1, 1e-12);
    assert_near(split.colour[0], 0.8, 1e-9);
    assert_near(split.colour[1], -0.6, 1e-9);
    for (int i = 0; i < 3 * N; i++)
        kernel[i] += offset[i / N];
    split = fs_colour_split_of(&patch, profile);
    assert_true(split.energy < 0.99 && split.energy > 0.5);
    fs_gabor start = fs_fitter_gabor(fitter, profile).gabor;
    fs_colour_fit fit = fs_fitter_colour(fitter, &patch, &start);
    assert_near(fit.r2, 1, 1e-9);
    assert_near(fit.geometry.theta, 2, 1e-5);
    assert_near(fit.geometry.psi, -1, 1e-4);
    assert_near(fit.amplitude[0], 2.4, 1e-4);
    assert_near(fit.amplitude[1], -1.8, 1e-4);
    assert_near(fit.offset[2], 0.5, 1e-5);
    fs_fitter_destroy(fitter);
}

static void test_refusals(void **state) {
    (void)state;
    fs_fitter *fitter = NULL;
    fs_error err = {0};
    assert_int_equal(fs_fitter_create(&fitter, 3, 3, &err), FS_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "9 samples"));
    assert_int_equal(fs_fitter_create(&fitter, 1, 11, &err), FS_ERROR_UNSUPPORTED);
    assert_int_equal(fs_fitter_create(&fitter, FS_PATCH_MAX_SIDE + 1, 5, &err), FS_ERROR_LIMIT);
    assert_null(fitter);
    fs_fitter_destroy(fitter_of(4, 4));
    fs_fitter_destroy(fitter_of(1, 128));
}

static void test_memory(void **state) {
    (void)state;
    fs_fitter *fitter = NULL;
    int n = 0;
    do {
        fail_from(n++);
        fs_status status = fs_fitter_create(&fitter, 7, 7, NULL);
        bool refused = fail_stop();
        assert_int_equal(status, refused ? FS_ERROR_MEMORY : FS_OK);
    } while (!fitter);
    assert_true(n > 5);
    fs_fitter_destroy(fitter);
}

/* Tables of Student's t. */
static void test_student(void **state) {
    (void)state;
    assert_near(fs_student_95(4), 2.776, 4e-3);
    assert_near(fs_student_95(10), 2.2281, 1e-4);
    assert_near(fs_student_95(40), 2.0211, 1e-4);
    assert_near(fs_student_95(100000), 1.95999, 1e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recovery),       cmocka_unit_test(test_coverage),
                                       cmocka_unit_test(test_turned_kernels), cmocka_unit_test(test_scale),
                                       cmocka_unit_test(test_bounds),         cmocka_unit_test(test_constant),
                                       cmocka_unit_test(test_slopes),         cmocka_unit_test(test_colour),
                                       cmocka_unit_test(test_refusals),       cmocka_unit_test(test_memory),
                                       cmocka_unit_test(test_student)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
