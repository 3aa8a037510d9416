#include "viz_test.h"

#include "viz/canvas.h"
#include "viz/parametrisation.h"
#include "viz/parametrisations/natural_spectrum.h"
#include "viz/planes.h"

/* The sizes, colours and so on of a test, with a parametrisation of them. */
typedef struct setup {
    fs_parametrisation *p;
    int size, items;
    size_t count, floats; /* of all items */
    float *coefficients, *scratch, *canvases, *grads;
    float peaks[4];
    fs_pool *pool;
} setup;

static setup make_of(const fs_parametrisation_spec *spec, float sigma) {
    setup s = {.size = spec->size, .items = spec->items};
    assert_int_equal(fs_parametrisation_create(&s.p, spec, NULL), FS_OK);
    assert_int_equal(fs_pool_create(&s.pool, 2, NULL), FS_OK);
    s.count = fs_parametrisation_count(s.p) * (size_t)s.items;
    s.floats = fs_canvas_floats(s.size) * (size_t)s.items;
    s.coefficients = test_normals(s.count, sigma, 1);
    s.scratch = test_normals(s.count, 1, 2);
    s.canvases = fs_calloc(s.floats, sizeof *s.canvases);
    s.grads = test_normals(s.count, 1, 3);
    return s;
}

static setup make(fs_parametrisation_kind kind, int size, int items, bool correlated, float sigma) {
    fs_parametrisation_spec spec = {
        .kind = kind, .size = size, .items = items, .threads = 2, .correlated = correlated};
    return make_of(&spec, sigma);
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
    fs_parametrisation_backward(s.p, s.coefficients, s.canvases, seed, NULL, s.grads, s.peaks, s.pool);
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

/* Any kind from where it starts, in steps that its own gradient makes visible: every coefficient, or a
 * some hundreds of many. What moves nothing has no gradient. */
static void check_any_gradient(fs_parametrisation_spec spec, float h) {
    setup s = make_of(&spec, 0);
    float *seed = test_normals(s.floats, 1, 4);
    size_t step = s.count > 600 ? s.count / 293 : 1, item = s.count / (size_t)s.items, still = 0;
    for (int i = 0; i < s.items; i++) {
        fs_random random;
        fs_random_seed(&random, 7, (uint64_t)i);
        fs_parametrisation_initial(s.p, s.coefficients + (size_t)i * item, &random);
    }
    if (spec.kind == FS_PARAM_CPPN) /* biases that are not zero */
        for (size_t i = 0; i < s.count; i++)
            s.coefficients[i] += 0.2F * s.scratch[i];
    (void)look(&s, seed);
    fs_parametrisation_backward(s.p, s.coefficients, s.canvases, seed, NULL, s.grads, s.peaks, s.pool);
    double scale = fmaxf(s.peaks[0], s.peaks[1]);
    assert_true(scale > 0 && isfinite(scale));
    for (size_t i = 0; i < s.count; i += step) {
        float was = s.coefficients[i];
        s.coefficients[i] = was + h;
        double plus = look(&s, seed);
        s.coefficients[i] = was - h;
        double minus = look(&s, seed);
        double between = (double)(was + h) - (double)(was - h);
        s.coefficients[i] = was;
        assert_close(s.grads[i], (plus - minus) / between, 5e-3, scale);
        still += s.grads[i] == 0;
    }
    assert_true(still < s.count / step / 2);
    drop(&s);
    fs_free(seed);
}

static const struct {
    fs_parametrisation_kind kind;
    float h;
} steps[] = {{FS_PARAM_FFT, 0.01F},
             {FS_PARAM_PIXEL, 0.02F},
             {FS_PARAM_LAPLACIAN, 0.02F},
             {FS_PARAM_CPPN, 0.002F},
             {FS_PARAM_MACO, 0.02F}};

static void test_gradient_of_every_kind(void **state) {
    const int sizes[] = {8, 13, 26};
    (void)state;
    assert_int_equal(sizeof steps / sizeof *steps, FS_PARAM_KINDS);
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            fs_parametrisation_spec spec = {
                .kind = steps[k].kind, .size = sizes[i], .items = 2, .threads = 2, .correlated = i % 2};
            check_any_gradient(spec, steps[k].h);
            spec.grey = true;
            check_any_gradient(spec, steps[k].h);
        }
}

/* One seed, one start; another seed, another. Neither threads nor neighbours change a bit of picture or
 * gradient. */
static void check_determinism(fs_parametrisation_kind kind) {
    enum { SIZE = 37 };
    setup two = make(kind, SIZE, 2, false, 0), one = make(kind, SIZE, 1, false, 0);
    float *seed = test_normals(two.floats, 1, 4);
    fs_random first, again, other;
    fs_random_seed(&first, 7, 0);
    again = first;
    fs_random_seed(&other, 8, 0);
    fs_parametrisation_initial(two.p, two.coefficients, &other);
    fs_parametrisation_initial(two.p, two.coefficients + one.count, &first);
    fs_parametrisation_initial(one.p, one.coefficients, &again);
    assert_memory_equal(one.coefficients, two.coefficients + one.count, one.count * sizeof(float));
    assert_memory_not_equal(one.coefficients, two.coefficients, one.count * sizeof(float));
    fs_parametrisation_forward(two.p, two.coefficients, two.scratch, two.canvases, two.pool);
    fs_parametrisation_forward(one.p, one.coefficients, one.scratch, one.canvases, NULL);
    assert_memory_equal(one.canvases, two.canvases + one.floats, one.floats * sizeof(float));
    fs_parametrisation_backward(two.p, two.coefficients, two.canvases, seed, NULL, two.grads, two.peaks,
                                two.pool);
    for (int round = 0; round < 2; round++) { /* a second way back after one forward gives the same */
        fs_parametrisation_backward(one.p, one.coefficients, one.canvases, seed + one.floats, NULL, one.grads,
                                    one.peaks, NULL);
        assert_memory_equal(one.grads, two.grads + one.count, one.count * sizeof(float));
    }
    assert_true(one.peaks[0] == two.peaks[1]);
    drop(&two);
    drop(&one);
    fs_free(seed);
}

static void test_every_kind_is_deterministic(void **state) {
    (void)state;
    for (int kind = 0; kind < FS_PARAM_KINDS; kind++)
        check_determinism((fs_parametrisation_kind)kind);
}

static void test_grey_has_equal_colours(void **state) {
    (void)state;
    for (int kind = 0; kind < FS_PARAM_KINDS; kind++) {
        fs_parametrisation_spec spec = {
            .kind = (fs_parametrisation_kind)kind, .size = 16, .items = 1, .threads = 2, .grey = true};
        setup s = make_of(&spec, 0.3F);
        float low = 1, high = 0;
        fs_parametrisation_forward(s.p, s.coefficients, s.scratch, s.canvases, s.pool);
        for (int i = 0; i < 16 * 16; i++) {
            const float *pixel =
                fs_canvas_row(s.canvases, 16, i / 16) + (size_t)FS_CANVAS_LANES * (size_t)(i % 16);
            assert_true(pixel[0] == pixel[1] && pixel[0] == pixel[2]);
            low = fminf(low, pixel[0]);
            high = fmaxf(high, pixel[0]);
        }
        assert_true(high > low);
        drop(&s);
    }
}

/* The names of the option table are those of the kinds. */
static void test_names(void **state) {
    (void)state;
    for (int kind = 0; kind < FS_PARAM_KINDS; kind++)
        assert_string_equal(fs_planes_names[kind], fs_planes_kinds[kind]->name);
    assert_null(fs_planes_names[FS_PARAM_KINDS]);
}

/* ---- the pyramid ---- */

/* A number of the coarsest level moves much of the picture, one of the finest a single pixel. */
static void test_levels_of_the_pyramid(void **state) {
    enum { SIZE = 32 };
    setup s = make(FS_PARAM_LAPLACIAN, SIZE, 1, true, 0);
    size_t plane = s.count / 3;
    (void)state;
    const struct {
        size_t at;
        int moved;
    } cases[] = {{(size_t)SIZE * 5 + 7, 1}, {plane - 16 + 5, 18 * 18}}; /* the last level has 4 x 4 numbers */
    for (int k = 0; k < 2; k++) {
        int moved = 0;
        memset(s.coefficients, 0, s.count * sizeof *s.coefficients);
        s.coefficients[cases[k].at] = 1;
        fs_parametrisation_forward(s.p, s.coefficients, s.scratch, s.canvases, s.pool);
        for (int i = 0; i < SIZE * SIZE; i++)
            moved += fs_canvas_row(s.canvases, SIZE, i / SIZE)[FS_CANVAS_LANES * (i % SIZE)] != 0.5F;
        if (k == 0)
            assert_int_equal(moved, cases[k].moved);
        else
            assert_in_range(moved, cases[k].moved, SIZE * SIZE - 1);
    }
    drop(&s);
}

/* ---- the network ---- */

/* The same weights draw the same picture at another size: four pixels' mean is the coarse pixel. */
static void test_network_draws_at_any_size(void **state) {
    enum { SIZE = 40 };
    setup small = make(FS_PARAM_CPPN, SIZE, 1, false, 0), large = make(FS_PARAM_CPPN, 2 * SIZE, 1, false, 0);
    fs_random random;
    (void)state;
    fs_random_seed(&random, 3, 0);
    fs_parametrisation_initial(small.p, small.coefficients, &random);
    for (size_t i = 0; i < small.count; i++) /* a calm network, without structure near a pixel */
        small.coefficients[i] = 0.7F * small.coefficients[i] + 0.1F * small.scratch[i];
    memcpy(large.coefficients, small.coefficients, small.count * sizeof *small.coefficients);
    fs_parametrisation_forward(small.p, small.coefficients, small.scratch, small.canvases, NULL);
    fs_parametrisation_forward(large.p, large.coefficients, large.scratch, large.canvases, NULL);
    float low = 1, high = 0;
    for (int y = 0; y < SIZE; y++)
        for (int i = 0; i < SIZE * FS_CANVAS_LANES; i++) {
            int at = i / FS_CANVAS_LANES * 2 * FS_CANVAS_LANES + i % FS_CANVAS_LANES;
            const float *upper = fs_canvas_row(large.canvases, 2 * SIZE, 2 * y) + at;
            const float *lower = fs_canvas_row(large.canvases, 2 * SIZE, 2 * y + 1) + at;
            float mean = (upper[0] + upper[FS_CANVAS_LANES] + lower[0] + lower[FS_CANVAS_LANES]) / 4;
            float value = fs_canvas_row(small.canvases, SIZE, y)[i];
            assert_close(value, mean, 0.02, 1);
            if (i % FS_CANVAS_LANES == 0) {
                low = fminf(low, value);
                high = fmaxf(high, value);
            }
        }
    assert_true(high - low > 0.05F);
    drop(&small);
    drop(&large);
}

/* ---- natural magnitudes ---- */

/* Pixels back to the red plane, and its discrete Fourier coefficient by the sum that defines it. */
static double magnitude_of(const float *canvas, int size, int row, int column) {
    double re = 0, im = 0;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            double value = fs_canvas_row_const(canvas, size, y)[FS_CANVAS_LANES * x];
            double t = log(value / (1 - value)), angle = 2 * 3.14159265358979 * (row * y + column * x) / size;
            re += t * cos(angle);
            im -= t * sin(angle);
        }
    return hypot(re, im);
}

/* Before it is clipped, a picture has the spectrum of photographs, whatever its phases. */
static void check_natural_spectrum(int size, bool grey) {
    fs_parametrisation_spec spec = {
        .kind = FS_PARAM_MACO, .size = size, .items = 1, .threads = 1, .correlated = true, .grey = grey};
    setup s = make_of(&spec, 2);
    int table = grey ? FS_NATURAL_GREY : FS_NATURAL_RGB, n = 0;
    double sums[5] = {0}, squares = 0, mean = 0;
    fs_parametrisation_forward(s.p, s.coefficients, s.scratch, s.canvases, NULL);
    for (int row = 0; row < size; row++)
        for (int column = 0; column <= size / 2; column++) {
            if (row == 0 && column == 0)
                continue;
            double fy = (row <= size / 2 ? row : size - row) / (double)size;
            double is = log(magnitude_of(s.canvases, size, row, column) + 1e-9);
            double natural = log(fs_natural_magnitude(table, fy, column / (double)size));
            const double terms[5] = {is, natural, is * is, natural * natural, is * natural};
            for (int k = 0; k < 5; k++)
                sums[k] += terms[k];
            n++;
        }
    double covariance = sums[4] / n - sums[0] / n * sums[1] / n;
    double spreads =
        sqrt((sums[2] / n - sums[0] / n * sums[0] / n) * (sums[3] / n - sums[1] / n * sums[1] / n));
    assert_true(sqrt(sums[3] / n - sums[1] / n * sums[1] / n) > 0.5); /* they do fall */
    assert_true(covariance / spreads > 0.999);
    for (int i = 0; i < size * size; i++) {
        double value = fs_canvas_row(s.canvases, size, i / size)[FS_CANVAS_LANES * (i % size)];
        double t = log(value / (1 - value));
        squares += t * t;
        mean += t;
    }
    assert_close(mean / size / size, 0, 1e-4, 1);
    assert_close(sqrt(squares) / size, fs_natural_spread(table), 1e-3, 1);
    drop(&s);
}

static void test_natural_spectrum(void **state) {
    (void)state;
    check_natural_spectrum(32, false);
    check_natural_spectrum(27, true);
}

/* The tables themselves: magnitudes fall with frequency about as 1/f, and the first decorrelated plane, the
 * lightness, varies most. */
static void test_natural_tables(void **state) {
    (void)state;
    for (int plane = 0; plane < FS_NATURAL_PLANES; plane++) {
        double fall = fs_natural_magnitude(plane, 0.02, 0.02) / fs_natural_magnitude(plane, 0.2, 0.2);
        assert_true(fall > 5 && fall < 40); /* ten times the frequency */
        assert_true(fs_natural_magnitude(plane, -0.1, 0.3) == fs_natural_magnitude(plane, 0.1, 0.3));
        assert_true(isfinite(fs_natural_magnitude(plane, 0, 0)) && fs_natural_magnitude(plane, 0.5, 0.5) > 0);
        assert_true(fs_natural_spread(plane) > 0.1 && fs_natural_spread(plane) < 5);
    }
    assert_true(fs_natural_spread(0) > fs_natural_spread(1) && fs_natural_spread(0) > fs_natural_spread(2));
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
    fs_parametrisation_backward(s.p, s.coefficients, half, seed, NULL, s.grads, s.peaks, NULL);
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
    fs_parametrisation_backward(s.p, s.coefficients, s.canvases, seed, NULL, s.grads, s.peaks, s.pool);
    assert_true(s.peaks[0] == 0 && s.peaks[1] == 0);
    fs_canvas_row(seed + s.floats / 2, 16, 3)[5] = NAN;
    fs_canvas_row(seed, 16, 3)[5] = 1;
    fs_parametrisation_backward(s.p, s.coefficients, s.canvases, seed, NULL, s.grads, s.peaks, s.pool);
    assert_true(s.peaks[0] > 0 && isfinite(s.peaks[0]));
    assert_false(isfinite(s.peaks[1]));
    bool wanted[2] = {false, true};
    float was = s.grads[1];
    fs_canvas_clear(seed, 16, 0);
    fs_canvas_clear(seed + s.floats / 2, 16, 0);
    fs_parametrisation_backward(s.p, s.coefficients, s.canvases, seed, wanted, s.grads, s.peaks, s.pool);
    assert_true(s.peaks[0] > 0 && s.peaks[1] == 0 && s.grads[1] == was);
    drop(&s);
    fs_free(seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_fft),
        cmocka_unit_test(test_gradient_pixel),
        cmocka_unit_test(test_adjoint_fft),
        cmocka_unit_test(test_one_coefficient_is_one_wave),
        cmocka_unit_test(test_initial_numbers),
        cmocka_unit_test(test_peaks_tell_zero_and_not_finite),
        cmocka_unit_test(test_gradient_of_every_kind),
        cmocka_unit_test(test_every_kind_is_deterministic),
        cmocka_unit_test(test_grey_has_equal_colours),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_levels_of_the_pyramid),
        cmocka_unit_test(test_network_draws_at_any_size),
        cmocka_unit_test(test_natural_spectrum),
        cmocka_unit_test(test_natural_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
