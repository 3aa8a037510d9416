#include "viz_test.h"

#include "viz/canvas.h"
#include "viz/transform.h"

/* A canvas of random colours, 0.5 in the ring; lanes beyond RGB are zero. */
static float *random_canvas(int size, uint64_t stream) {
    float *canvas = fs_alloc_array(fs_canvas_floats(size), sizeof *canvas);
    float *noise = test_normals((size_t)size * (size_t)size * 3, 1, stream), *next = noise;
    fs_canvas_clear(canvas, size, FS_CANVAS_OUTSIDE);
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            float *pixel = fs_canvas_row(canvas, size, y) + FS_CANVAS_LANES * x;
            for (int c = 0; c < 3; c++)
                pixel[c] = *next++;
            pixel[3] = 0;
        }
    fs_free(noise);
    return canvas;
}

static double canvas_dot(const float *a, const float *b, int size) {
    double sum = 0;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            for (int c = 0; c < 3; c++)
                sum += (double)fs_canvas_row_const(a, size, y)[FS_CANVAS_LANES * x + c] *
                       fs_canvas_row_const(b, size, y)[FS_CANVAS_LANES * x + c];
    return sum;
}

/* <A x, y> = <x, A' y>, where A x = forward(x) - forward(0 inside the same ring). */
static void check_adjoint(const fs_transform_geometry *g, const fs_affine *affine, fs_pool *pool, int size) {
    size_t window = (size_t)3 * (size_t)g->height * (size_t)g->width;
    float *x = random_canvas(size, 1), *zero = random_canvas(size, 1), *back = random_canvas(size, 2);
    float *y = test_normals(window, 1, 3), *seen = test_normals(window, 1, 4),
          *grey = test_normals(window, 1, 5);
    for (int row = 0; row < size; row++)
        memset(fs_canvas_row(zero, size, row), 0, (size_t)size * FS_CANVAS_LANES * sizeof *zero);
    fs_transform_forward(g, affine, x, 1, seen, pool);
    fs_transform_forward(g, affine, zero, 1, grey, pool);
    fs_transform_backward(g, affine, y, 1, NULL, back, pool);
    double left = test_dot(seen, y, window) - test_dot(grey, y, window), right = canvas_dot(x, back, size);
    double scale = sqrt(test_dot(y, y, window)) * sqrt(canvas_dot(x, x, size));
    assert_close(left, right, 1e-6, scale);
    assert_close(left, right, 1e-5, fabs(left) + 0.01 * scale);
    fs_free(x);
    fs_free(zero);
    fs_free(back);
    fs_free(y);
    fs_free(seen);
    fs_free(grey);
}

static void test_adjoint(void **state) {
    const int sizes[] = {8, 9, 31, 64, 97, 224};
    const fs_transform_preset presets[] = {FS_TRANSFORMS_LUCID, FS_TRANSFORMS_NONE, FS_TRANSFORMS_STRONG};
    fs_pool *pool = NULL;
    fs_random random;
    (void)state;
    assert_int_equal(fs_pool_create(&pool, 2, NULL), FS_OK);
    fs_random_seed(&random, 1, 0);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t p = 0; p < 3; p++)
            for (int round = 0; round < 4; round++) {
                fs_transform_geometry g = fs_transform_fit(presets[p], sizes[s]);
                if (round == 3) /* a window of its own, not square */
                    g = fs_transform_fit_window(presets[p], sizes[s], 33, 41);
                fs_affine affine = fs_transform_draw(presets[p], &g, &random);
                check_adjoint(&g, &affine, round % 2 ? pool : NULL, sizes[s]);
            }
    fs_pool_destroy(pool);
}

/* Any map: far away, huge, tiny, a quarter turn. Nothing outside the canvas may be touched (sanitizers
 * watch). */
static void test_adjoint_of_odd_maps(void **state) {
    const fs_affine maps[] = {{{{0, 1, 0}, {-1, 0, 30}}},       {{{1, 0, 1e6}, {0, 1, 0}}},
                              {{{1e-3, 0, 3.7}, {0, 1e-3, 5}}}, {{{37, 1, -400}, {2, 41, -300}}},
                              {{{0, 0, 3}, {0, 0, 4.5}}},       {{{0.3, 1e-12, -1}, {-1e-12, 0.7, 31}}},
                              {{{-1, 0, 31}, {0, -1, 31}}}};
    fs_transform_geometry g = {.size = 32, .height = 45, .width = 38, .zoom = 1};
    (void)state;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        check_adjoint(&g, &maps[i], NULL, 32);
}

static void check_copy(const fs_transform_geometry *g, int size, int shift_x, int shift_y,
                       const fs_affine *affine) {
    float *canvas = random_canvas(size, 7);
    float *window = test_normals((size_t)3 * (size_t)g->height * (size_t)g->width, 1, 8);
    fs_transform_forward(g, affine, canvas, 1, window, NULL);
    for (int c = 0; c < 3; c++)
        for (int v = 0; v < g->height; v++)
            for (int u = 0; u < g->width; u++) {
                int x = u + shift_x, y = v + shift_y;
                bool inside = x >= 0 && y >= 0 && x < size && y < size;
                float expected = inside ? fs_canvas_row(canvas, size, y)[FS_CANVAS_LANES * x + c] : 0.5F;
                float got =
                    window[((size_t)c * (size_t)g->height + (size_t)v) * (size_t)g->width + (size_t)u];
                assert_true(got == expected);
            }
    fs_free(canvas);
    fs_free(window);
}

/* At scale 1 and angle 0 the window is the picture shifted by whole pixels, to the bit. */
static void test_straight_draws_are_copies(void **state) {
    fs_random random;
    int copies = 0;
    (void)state;
    fs_random_seed(&random, 3, 0);
    for (int draw = 0; draw < 400; draw++) {
        int size = 30 + draw % 7;
        fs_transform_geometry g = fs_transform_fit(FS_TRANSFORMS_LUCID, size);
        fs_affine a = fs_transform_draw(FS_TRANSFORMS_LUCID, &g, &random);
        if (a.m[0][0] != 1 || a.m[0][1] != 0)
            continue;
        copies++;
        assert_int_equal(g.width, size + 12);
        assert_in_range(a.m[0][2] + 12, 0, 12);
        assert_in_range(a.m[1][2] + 12, 0, 12);
        assert_true(a.m[0][2] == rint(a.m[0][2]));
        check_copy(&g, size, (int)a.m[0][2], (int)a.m[1][2], &a);
    }
    assert_true(copies > 0);
}

static void test_none_is_the_identity(void **state) {
    fs_random random;
    (void)state;
    fs_random_seed(&random, 3, 0);
    fs_transform_geometry g = fs_transform_fit(FS_TRANSFORMS_NONE, 41);
    fs_affine a = fs_transform_draw(FS_TRANSFORMS_NONE, &g, &random);
    assert_int_equal(g.width, 41);
    check_copy(&g, 41, 0, 0, &a);
}

/* The ranges: 11 scales, 21 angles with 0 drawn about 6 times in 26, shifts of up to 6 pixels about the
 * middle. */
static void check_ranges(fs_transform_preset preset, double least_scale, double most_degrees) {
    enum { DRAWS = 20000 };
    fs_transform_geometry g = fs_transform_fit(preset, 100);
    double low = 9, high = 0, most = 0;
    int zeros = 0;
    fs_random random;
    fs_random_seed(&random, 5, 0);
    for (int i = 0; i < DRAWS; i++) {
        fs_affine a = fs_transform_draw(preset, &g, &random);
        double scale = 1 / hypot(a.m[0][0], a.m[0][1]);
        double degrees = atan2(a.m[0][1], a.m[0][0]) * 57.29577951308232;
        low = fmin(low, scale);
        high = fmax(high, scale);
        most = fmax(most, fabs(degrees));
        zeros += degrees == 0;
        assert_close(degrees, rint(degrees), 1e-9, 1);
    }
    assert_close(low, least_scale, 1e-9, 1);
    assert_close(high, 2 - least_scale, 1e-9, 1);
    assert_close(most, most_degrees, 1e-9, 1);
    assert_close(zeros / (double)DRAWS, 6.0 / (2 * most_degrees + 6), 0.02, 1);
}

static void test_ranges(void **state) {
    (void)state;
    check_ranges(FS_TRANSFORMS_LUCID, 0.9, 10);
    check_ranges(FS_TRANSFORMS_STRONG, 0.8, 20);
}

/* A resampled window shows the whole picture: its corners see the border's corners. */
static void test_window_of_its_own_size(void **state) {
    fs_random random;
    (void)state;
    fs_random_seed(&random, 3, 0);
    fs_transform_geometry g = fs_transform_fit_window(FS_TRANSFORMS_NONE, 100, 50, 50);
    fs_affine a = fs_transform_draw(FS_TRANSFORMS_NONE, &g, &random);
    assert_close(g.zoom, 0.5, 1e-12, 1);
    assert_close(a.m[0][2], 0.5, 1e-12, 1); /* the first window pixel covers picture pixels 0 and 1 */
    assert_close(a.m[0][0] * 49 + a.m[0][2], 98.5, 1e-12, 100);
}

/* Reduced by whole numbers, a window pixel is the mean of the picture pixels it covers. */
static void test_reduction_is_the_mean(void **state) {
    enum { SIZE = 24, REDUCED = 8 };
    float *canvas = random_canvas(SIZE, 3), window[3 * REDUCED * REDUCED];
    fs_random random;
    (void)state;
    fs_random_seed(&random, 3, 0);
    fs_transform_geometry g = fs_transform_fit_window(FS_TRANSFORMS_NONE, SIZE, REDUCED, REDUCED);
    fs_affine a = fs_transform_draw(FS_TRANSFORMS_NONE, &g, &random);
    fs_transform_forward(&g, &a, canvas, 1, window, NULL);
    for (int v = 0; v < REDUCED; v++)
        for (int u = 0; u < REDUCED; u++) {
            double sum = 0;
            for (int i = 0; i < 9; i++)
                sum += fs_canvas_row(canvas, SIZE, 3 * v + i / 3)[FS_CANVAS_LANES * (3 * u + i % 3) + 1];
            assert_close(window[(REDUCED + v) * REDUCED + u], sum / 9, 1e-5, 1);
        }
    fs_free(canvas);
}

static void test_items_have_their_own_map(void **state) {
    enum { SIZE = 20, WINDOW = 3 * 32 * 32 };
    fs_transform_geometry g = fs_transform_fit(FS_TRANSFORMS_LUCID, SIZE);
    float *canvases = fs_alloc_array(2 * fs_canvas_floats(SIZE), sizeof *canvases), windows[2 * WINDOW];
    float *one = random_canvas(SIZE, 1), *two = random_canvas(SIZE, 2), alone[WINDOW];
    bool wanted[2] = {false, true};
    fs_affine affines[2];
    fs_random random;
    (void)state;
    fs_random_seed(&random, 9, 0);
    for (int i = 0; i < 2; i++)
        affines[i] = fs_transform_draw(FS_TRANSFORMS_LUCID, &g, &random);
    memcpy(canvases, one, fs_canvas_floats(SIZE) * sizeof *one);
    memcpy(canvases + fs_canvas_floats(SIZE), two, fs_canvas_floats(SIZE) * sizeof *two);
    fs_transform_forward(&g, affines, canvases, 2, windows, NULL);
    fs_transform_forward(&g, &affines[1], two, 1, alone, NULL);
    assert_memory_equal(windows + WINDOW, alone, sizeof alone);
    fs_transform_backward(&g, affines, windows, 2, wanted, canvases, NULL);
    assert_memory_equal(canvases, one, fs_canvas_floats(SIZE) * sizeof *one);
    fs_transform_backward(&g, &affines[1], alone, 1, NULL, two, NULL);
    assert_memory_equal(canvases + fs_canvas_floats(SIZE), two, fs_canvas_floats(SIZE) * sizeof *two);
    fs_free(canvases);
    fs_free(one);
    fs_free(two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adjoint),
        cmocka_unit_test(test_adjoint_of_odd_maps),
        cmocka_unit_test(test_straight_draws_are_copies),
        cmocka_unit_test(test_none_is_the_identity),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_window_of_its_own_size),
        cmocka_unit_test(test_reduction_is_the_mean),
        cmocka_unit_test(test_items_have_their_own_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
