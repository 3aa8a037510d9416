#include "viz_test.h"

#include "viz/canvas.h"
#include "viz/parametrisation.h"

typedef struct setup {
    fs_parametrisation *p;
    int size, items;
    size_t count, floats; /* of all items */
    float *coefficients, *scratch, *canvases, *grads;
    float peaks[4];
    fs_pool *pool;
} setup;

static setup make(fs_parametrisation_kind kind, int size, int items, bool correlated, float sigma) {
    setup s = {.size = size, .items = items};
    assert_int_equal(fs_parametrisation_create(&s.p, kind, size, items, correlated, NULL), FS_OK);
    assert_int_equal(fs_pool_create(&s.pool, 2, NULL), FS_OK);
    s.count = fs_parametrisation_count(s.p) * (size_t)items;
    s.floats = fs_canvas_floats(size) * (size_t)items;
    s.coefficients = test_normals(s.count, sigma, 1);
    s.scratch = test_normals(s.count, 1, 2);
    s.canvases = fs_calloc(s.floats, sizeof *s.canvases);
    s.grads = test_normals(s.count, 1, 3);
    return s;
}

static void drop(setup *s) {
    fs_parametrisation_destroy(s->p);
    fs_pool_destroy(s->pool);
    fs_free(s->coefficients);
    fs_free(s->scratch);
    fs_free(s->canvases);
    fs_free(s->grads);
}

/* sum of seed * picture, in double */
static double look(setup *s, const float *seed) {
    fs_parametrisation_forward(s->p, s->coefficients, s->scratch, s->canvases, s->pool);
    return test_dot(s->canvases, seed, s->floats);
}

/* Whether number i of a plane of Fourier coefficients or pixels is used, or padding. */
static size_t used_floats(fs_parametrisation_kind kind, int size) {
    return kind == FS_PARAM_FFT ? (size_t)2 * (size_t)size * (size_t)(size / 2 + 1)
                                : (size_t)size * (size_t)size;
}

/* Every coefficient of the first item and some of the last against finite differences. */
static void check_gradient(fs_parametrisation_kind kind, int size, bool correlated) {
    setup s = make(kind, size, 2, correlated, 0.3F);
    float *seed = test_normals(s.floats, 1, 4);
    size_t plane = s.count / 6, used = used_floats(kind, size), step = s.count > 2000 ? s.count / 997 : 1;
    (void)look(&s, seed);
    fs_parametrisation_backward(s.p, s.canvases, seed, NULL, s.grads, s.peaks, s.pool);
    double scale = 0;
    for (size_t i = 0; i < s.count; i++)
        scale = fmax(scale, fabs(s.grads[i]));
    assert_close(scale, fmaxf(s.peaks[0], s.peaks[1]), 0, 1);
    for (size_t i = 0; i < s.count; i += step) {
        float was = s.coefficients[i], h = 0.02F / (float)(scale > 1 ? scale : 1);
        h = kind == FS_PARAM_PIXEL ? 0.02F : fmaxf(h, 0.004F);
        if (i % plane >= used) {
            assert_true(s.grads[i] == 0);
            continue;
        }
        s.coefficients[i] = was + h;
        double plus = look(&s, seed);
        s.coefficients[i] = was - h;
        double minus = look(&s, seed);
        double between = (double)(was + h) - (double)(was - h);
        s.coefficients[i] = was;
        assert_close(s.grads[i], (plus - minus) / between, 3e-3, scale);
    }
    drop(&s);
    fs_free(seed);
}

static void test_gradient_fft(void **state) {
    (void)state;
    check_gradient(FS_PARAM_FFT, 8, false);
    check_gradient(FS_PARAM_FFT, 9, false);
    check_gradient(FS_PARAM_FFT, 14, true);
    check_gradient(FS_PARAM_FFT, 31, false);
    check_gradient(FS_PARAM_FFT, 60, false);
}

static void test_gradient_pixel(void **state) {
    (void)state;
    check_gradient(FS_PARAM_PIXEL, 8, false);
    check_gradient(FS_PARAM_PIXEL, 13, true);
}

/* The adjoint alone, far more exactly than differences can: with tiny coefficients the sigmoid is linear, 1/2
 * + x/4, so <picture - 1/2, y> = <coefficients, backward(y)>. */
static void check_adjoint(int size) {
    setup s = make(FS_PARAM_FFT, size, 1, true, 1e-4F);
    size_t plane = s.count / 3, used = used_floats(FS_PARAM_FFT, size);
    for (size_t i = 0; i < s.count; i++)
        if (i % plane >= used)
            s.coefficients[i] = 0;
    float *seed = test_normals(s.floats, 1, 4), *half = fs_calloc(s.floats, sizeof *half);
    double left = look(&s, seed), norm = 0;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            for (int c = 0; c < 3; c++)
                left -= 0.5 * fs_canvas_row(seed, size, y)[FS_CANVAS_LANES * x + c];
    fs_canvas_clear(half, size, 0.5F); /* the slope exactly 1/4 */
    fs_parametrisation_backward(s.p, half, seed, NULL, s.grads, s.peaks, NULL);
    double right = test_dot(s.coefficients, s.grads, s.count);
    norm = sqrt(test_dot(s.coefficients, s.coefficients, s.count) * test_dot(s.grads, s.grads, s.count));
    /* pictures near 1/2 are rounded to 6e-8; their sum over size^2 pixels is what limits this */
    assert_close(left, right, 1, 1e-5 * norm + 6e-8 * 1.8 * size * 3);
    drop(&s);
    fs_free(seed);
    fs_free(half);
}

static void test_adjoint_fft(void **state) {
    const int sizes[] = {8, 9, 10, 11, 13, 16, 37, 100, 127, 128, 224, 225};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_adjoint(sizes[i]);
}

/* Against the sum that defines it: one coefficient is one wave. */
static void test_one_coefficient_is_one_wave(void **state) {
    enum { SIZE = 12, ROW = 3, COLUMN = 2 };
    setup s = make(FS_PARAM_FFT, SIZE, 1, true, 1);
    (void)state;
    memset(s.coefficients, 0, s.count * sizeof *s.coefficients);
    float *c = s.coefficients + (size_t)2 * (ROW * (SIZE / 2 + 1) + COLUMN);
    c[0] = 0.8F;
    c[1] = -0.3F;
    fs_parametrisation_forward(s.p, s.coefficients, s.scratch, s.canvases, NULL);
    double factor = SIZE / hypot(ROW / (double)SIZE, COLUMN / (double)SIZE) / (SIZE * SIZE) / 4;
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            double angle = 2 * 3.14159265358979 * (ROW * y + COLUMN * x) / SIZE;
            double t = 2 * factor * (c[0] * cos(angle) - c[1] * sin(angle));
            const float *pixel = fs_canvas_row(s.canvases, SIZE, y) + FS_CANVAS_LANES * x;
            assert_close(pixel[0], 1 / (1 + exp(-t)), 2e-6, 1);
            assert_close(pixel[1], 0.5, 1e-6, 1);
        }
    drop(&s);
}

static void test_initial_numbers(void **state) {
    setup s = make(FS_PARAM_FFT, 64, 1, false, 1);
    fs_random random;
    double squares = 0;
    (void)state;
    fs_random_seed(&random, 4, 0);
    fs_parametrisation_initial(s.p, s.coefficients, &random);
    for (size_t i = 0; i < s.count; i++)
        squares += (double)s.coefficients[i] * s.coefficients[i];
    assert_close(sqrt(squares / (3.0 * 2 * 64 * 33)), 0.01, 0.03, 0.01);
    fs_parametrisation_forward(s.p, s.coefficients, s.scratch, s.canvases, NULL);
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64 * FS_CANVAS_LANES; x++)
            assert_true(x % 4 == 3 || fabsf(fs_canvas_row(s.canvases, 64, y)[x] - 0.5F) < 0.2F);
    drop(&s);
}

static void test_peaks_tell_zero_and_not_finite(void **state) {
    setup s = make(FS_PARAM_FFT, 16, 2, false, 0.1F);
    float *seed = fs_calloc(s.floats, sizeof *seed);
    (void)state;
    (void)look(&s, seed);
    fs_parametrisation_backward(s.p, s.canvases, seed, NULL, s.grads, s.peaks, s.pool);
    assert_true(s.peaks[0] == 0 && s.peaks[1] == 0);
    fs_canvas_row(seed + s.floats / 2, 16, 3)[5] = NAN;
    fs_canvas_row(seed, 16, 3)[5] = 1;
    fs_parametrisation_backward(s.p, s.canvases, seed, NULL, s.grads, s.peaks, s.pool);
    assert_true(s.peaks[0] > 0 && isfinite(s.peaks[0]));
    assert_false(isfinite(s.peaks[1]));
    bool wanted[2] = {false, true};
    float was = s.grads[1];
    fs_canvas_clear(seed, 16, 0);
    fs_canvas_clear(seed + s.floats / 2, 16, 0);
    fs_parametrisation_backward(s.p, s.canvases, seed, wanted, s.grads, s.peaks, s.pool);
    assert_true(s.peaks[0] > 0 && s.peaks[1] == 0 && s.grads[1] == was);
    drop(&s);
    fs_free(seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_fft),    cmocka_unit_test(test_gradient_pixel),
        cmocka_unit_test(test_adjoint_fft),     cmocka_unit_test(test_one_coefficient_is_one_wave),
        cmocka_unit_test(test_initial_numbers), cmocka_unit_test(test_peaks_tell_zero_and_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
