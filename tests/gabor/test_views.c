/* Derived numbers, spectra and the views of a kernel, where the answer is known. */
#include <stdlib.h>

#include "gabor/shape.h"
#include "gabor/spectrum.h"
#include "gabor/views.h"
#include "gabor_test.h"

enum { K = 11, N = K * K };

static const fs_gabor known = {
    .lambda = 4, .theta = M_PI / 2, .psi = 0.4, .sigma = 2, .gamma = 0.8, .amplitude = 1.5, .offset = 0.1};

/* Of Petkov's table: sigma / lambda = 0.56 is one octave, a Gaussian's half-height half-width by hand. */
static void test_bandwidth(void **state) {
    (void)state;
    fs_gabor g = known;
    g.sigma = 0.56 * g.lambda;
    assert_true(fabs(fs_gabor_bandwidth(&g) - 1) < 0.01);
    /* The Fourier amplitude of the envelope is exp(-(2 pi sigma (f - 1 / lambda))^2 / 2). */
    g.sigma = 1.9;
    const double half = sqrt(2 * M_LN2) / (2 * M_PI * g.sigma), f = 1 / g.lambda;
    assert_true(fabs(fs_gabor_bandwidth(&g) - log2((f + half) / (f - half))) < 1e-12);
    g.sigma = 0.18 * g.lambda;
    assert_true(isnan(fs_gabor_bandwidth(&g)));
}

static void test_shape(void **state) {
    (void)state;
    static const double phases[][2] = {
        {0, 0}, {M_PI, 0}, {M_PI / 2, M_PI / 2}, {-M_PI / 2, M_PI / 2}, {0.3, 0.3}, {-2.9, M_PI - 2.9}};
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        fs_gabor g = known;
        g.psi = phases[i][0];
        assert_true(fabs(fs_gabor_folded_phase(&g) - phases[i][1]) < 1e-12);
    }
    assert_true(fabs(fs_gabor_nx(&known) - 0.5) < 1e-12);
    assert_true(fabs(fs_gabor_ny(&known) - 0.625) < 1e-12);
    const double third = 1 / sqrt(3), half = sqrt(0.5);
    const fs_colour_split grey = {.colour = {third, third, third}}, opposed = {.colour = {half, -half, 0}},
                          red = {.colour = {1, 0, 0}};
    assert_true(fs_colour_saturation(&grey, 3) < 1e-7 && !fs_colour_is_chromatic(&grey, 3));
    assert_true(fs_colour_saturation(&opposed, 3) == 1 && fs_colour_is_chromatic(&opposed, 3));
    assert_true(fabs(fs_colour_saturation(&red, 3) - sqrt(2.0 / 3)) < 1e-12);
    assert_true(fs_colour_saturation(&red, 1) == 0 && !fs_colour_is_chromatic(&red, 1));
}

/* A vertical wave has its peaks above and below frequency zero, at the distance of its frequency. */
static void test_spectrum(void **state) {
    (void)state;
    double profile[N];
    fs_spectrum *spectrum = NULL;
    fs_gabor_sample(&known, K, K, profile);
    assert_int_equal(fs_spectrum_create(&spectrum, K, K, NULL), FS_OK);
    const int side = fs_spectrum_side(spectrum), middle = side / 2, away = side / 4;
    double *power = calloc((size_t)side * (size_t)side, sizeof *power), sum = 0, squares = 0, mean = 0;
    fs_spectrum_power(spectrum, profile, power);
    for (int i = 0; i < N; i++)
        mean += profile[i] / N;
    for (int i = 0; i < N; i++)
        squares += (profile[i] - mean) * (profile[i] - mean);
    int best = 0;
    for (int i = 0; i < side * side; i++) {
        sum += power[i];
        best = power[i] > power[best] ? i : best;
    }
    assert_true(fabs(sum / (side * side) - squares) < 1e-9 * squares); /* Parseval */
    assert_int_equal(best % side, middle);
    assert_true(abs(abs(best / side - middle) - away) <= 1);
    for (int y = 1; y < side; y++) /* the same turned by half a turn */
        assert_true(fabs(power[y * side + middle + 3] - power[(side - y) * side + middle - 3]) < 1e-9);
    free(power);
    fs_spectrum_destroy(spectrum);
}

/* A Gabor function in three amplitudes: fitted is learned, the residual nothing. */
static void test_views(void **state) {
    (void)state;
    static const double amplitude[3] = {1, -0.5, 0.25};
    fs_kernels kernels = {0};
    fs_analysis analysis = {0};
    fs_kernel_views views = {0};
    double one[N], rank_one[3 * N];
    fs_gabor unit = known;
    unit.offset = 0;
    assert_int_equal(fs_kernels_create(&kernels, 1, 3, K, K, NULL), FS_OK);
    fs_gabor_sample(&unit, K, K, one);
    for (int i = 0; i < 3 * N; i++)
        kernels.values[i] = amplitude[i / N] * one[i % N];
    const fs_analysis_settings settings = {0};
    assert_int_equal(fs_analysis_run(&analysis, &kernels, &settings, NULL, NULL, NULL), FS_OK);
    const fs_patch patch = fs_kernels_patch(&kernels, 0);
    assert_int_equal(fs_kernel_views_create(&views, &patch, &analysis.kernels[0], NULL), FS_OK);
    fs_sample_rank_one_fit(&analysis.kernels[0], 3, K, K, rank_one);
    for (int i = 0; i < 3 * N; i++) {
        assert_true(views.values[FS_VIEW_LEARNED][i] == kernels.values[i]);
        assert_true(fabs(views.values[FS_VIEW_RESIDUAL][i]) < 1e-3);
        assert_true(fabs(rank_one[i] - kernels.values[i]) < 1e-3);
    }
    for (int i = 0; i < N; i++)
        assert_true(fabs(views.values[FS_VIEW_PROFILE_RESIDUAL][i]) < 1e-3);
    assert_int_equal(fs_kernel_views_patch(&views, FS_VIEW_FITTED).channels, 3);
    assert_int_equal(fs_kernel_views_patch(&views, FS_VIEW_PROFILE).channels, 1);
    fs_kernel_views_free(&views);
    fs_analysis_free(&analysis);
    fs_kernels_free(&kernels);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bandwidth), cmocka_unit_test(test_shape),
                                       cmocka_unit_test(test_spectrum), cmocka_unit_test(test_views)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
