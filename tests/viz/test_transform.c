#include "viz_test.h"

#include "viz/canvas.h"
#include "viz/transform.h"

static fs_transform_list list_of(const char *text) {
    fs_transform_list list;
    fs_error err = {0};
    if (fs_transform_parse(&list, text, &err) != FS_OK)
        fail_msg("%s: %s", text, err.message);
    return list;
}

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
    const char *const texts[] = {
        "lucid",
        "none",
        "strong",
        "maco",
        "pad(5)",
        "jitter(5)",
        "scale(0.5,2)",
        "rotate(-180,180)",
        "crop(0.3,0.9)",
        "flip(1)",
        "flip(1),rotate(30,40),pad(3),scale(0.7,1.4,0.1),flip,crop(0.5,1),jitter(3)"};
    fs_pool *pool = NULL;
    fs_random random;
    (void)state;
    assert_int_equal(fs_pool_create(&pool, 2, NULL), FS_OK);
    fs_random_seed(&random, 1, 0);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (size_t p = 0; p < sizeof texts / sizeof *texts; p++)
            for (int round = 0; round < 4; round++) {
                fs_transform_list list = list_of(texts[p]);
                fs_transform_geometry g = fs_transform_fit(&list, sizes[s]);
                if (round == 3) /* a window of its own, not square */
                    g = fs_transform_fit_window(&list, sizes[s], 33, 41);
                fs_affine affine = fs_transform_draw(&list, &g, &random);
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
    const fs_transform_list lucid = list_of("lucid");
    fs_random random;
    int copies = 0;
    (void)state;
    fs_random_seed(&random, 3, 0);
    for (int draw = 0; draw < 400; draw++) {
        int size = 30 + draw % 7;
        fs_transform_geometry g = fs_transform_fit(&lucid, size);
        fs_affine a = fs_transform_draw(&lucid, &g, &random);
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
    fs_transform_geometry g = fs_transform_fit(&fs_transforms_none, 41);
    fs_affine a = fs_transform_draw(&fs_transforms_none, &g, &random);
    assert_int_equal(g.width, 41);
    check_copy(&g, 41, 0, 0, &a);
}

/* The ranges: 11 scales, 21 angles with 0 drawn about 6 times in 26, shifts of up to 6 pixels about the
 * middle. */
static void check_ranges(const char *preset, double least_scale, double most_degrees) {
    enum { DRAWS = 20000 };
    fs_transform_list list = list_of(preset);
    fs_transform_geometry g = fs_transform_fit(&list, 100);
    double low = 9, high = 0, most = 0;
    int zeros = 0;
    fs_random random;
    fs_random_seed(&random, 5, 0);
    for (int i = 0; i < DRAWS; i++) {
        fs_affine a = fs_transform_draw(&list, &g, &random);
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
    check_ranges("lucid", 0.9, 10);
    check_ranges("strong", 0.8, 20);
}

/* A resampled window shows the whole picture: its corners see the border's corners. */
static void test_window_of_its_own_size(void **state) {
    fs_random random;
    (void)state;
    fs_random_seed(&random, 3, 0);
    fs_transform_geometry g = fs_transform_fit_window(&fs_transforms_none, 100, 50, 50);
    fs_affine a = fs_transform_draw(&fs_transforms_none, &g, &random);
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
    fs_transform_geometry g = fs_transform_fit_window(&fs_transforms_none, SIZE, REDUCED, REDUCED);
    fs_affine a = fs_transform_draw(&fs_transforms_none, &g, &random);
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
    const fs_transform_list lucid = list_of("lucid");
    fs_transform_geometry g = fs_transform_fit(&lucid, SIZE);
    float *canvases = fs_alloc_array(2 * fs_canvas_floats(SIZE), sizeof *canvases), windows[2 * WINDOW];
    float *one = random_canvas(SIZE, 1), *two = random_canvas(SIZE, 2), alone[WINDOW];
    bool wanted[2] = {false, true};
    fs_affine affines[2];
    fs_random random;
    (void)state;
    fs_random_seed(&random, 9, 0);
    for (int i = 0; i < 2; i++)
        affines[i] = fs_transform_draw(&lucid, &g, &random);
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

/* ---- lists ---- */

/* What a list draws, for many draws: the range of scales, degrees and of where the window's middle looks. */
typedef struct seen {
    double scale[2], degrees[2], middle[2]; /* least and greatest */
    int mirrored, whole;                    /* draws; whole: the middle is moved by whole pixels */
} seen;

static void widen(double range[2], double value) {
    range[0] = fmin(range[0], value);
    range[1] = fmax(range[1], value);
}

enum { LIST_DRAWS = 4000, LIST_SIZE = 101 };

static seen draw_many(const char *text, int *width) {
    fs_transform_list list = list_of(text);
    fs_transform_geometry g = fs_transform_fit(&list, LIST_SIZE);
    seen s = {{1e9, -1e9}, {1e9, -1e9}, {1e9, -1e9}, 0, 0};
    fs_random random;
    fs_random_seed(&random, 5, 0);
    *width = g.width;
    for (int i = 0; i < LIST_DRAWS; i++) {
        fs_affine a = fs_transform_draw(&list, &g, &random);
        double(*m)[3] = a.m, determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
        double c = (g.width - 1) / 2.0, x = m[0][0] * c + m[0][1] * c + m[0][2] - (LIST_SIZE - 1) / 2.0;
        widen(s.scale, 1 / sqrt(fabs(determinant)));
        widen(s.degrees, atan2(m[0][1], m[1][1]) * 57.29577951308232);
        widen(s.middle, x);
        s.mirrored += determinant < 0;
        s.whole += m[0][2] == rint(m[0][2]);
    }
    return s;
}

static void test_steps_of_lists(void **state) {
    int width = 0;
    (void)state;
    seen s = draw_many("pad(7)", &width);
    assert_int_equal(width, LIST_SIZE + 14);
    assert_true(s.middle[0] == 0 && s.middle[1] == 0 && s.scale[1] == 1);
    s = draw_many("jitter(5)", &width); /* odd: the middle moves by halves, the pixels by whole steps */
    assert_int_equal(width, LIST_SIZE - 5);
    assert_true(s.middle[0] == -2.5 && s.middle[1] == 2.5 && s.whole == LIST_DRAWS);
    s = draw_many("scale(0.5,2)", &width);
    assert_close(s.scale[0], 0.5, 0.01, 1);
    assert_close(s.scale[1], 2, 0.01, 1);
    assert_true(s.scale[0] >= 0.5 && s.scale[1] <= 2);
    s = draw_many("rotate(10,25)", &width);
    assert_close(s.degrees[0], 10, 0.1, 1);
    assert_close(s.degrees[1], 25, 0.1, 1);
    s = draw_many("crop(0.5,0.8)", &width);
    assert_int_equal(width, LIST_SIZE);
    assert_close(s.scale[1], 2, 0.01, 1);
    assert_close(s.scale[0], 1.25, 0.01, 1);
    assert_close(s.middle[1], 0.25 * LIST_SIZE, 1, 1);
    assert_close(s.middle[0], -0.25 * LIST_SIZE, 1, 1);
    s = draw_many("flip(0.25)", &width);
    assert_close(s.mirrored / (double)LIST_DRAWS, 0.25, 0.03, 1);
    s = draw_many("flip", &width);
    assert_close(s.mirrored / (double)LIST_DRAWS, 0.5, 0.03, 1);
    s = draw_many("flip(1),flip(1)", &width);
    assert_int_equal(s.mirrored, 0);
}

/* Mirrored, the window's columns come from the right. */
static void test_flip_is_a_mirrored_copy(void **state) {
    enum { SIZE = 9 };
    const fs_transform_list list = list_of("flip(1)");
    fs_transform_geometry g = fs_transform_fit(&list, SIZE);
    float *canvas = random_canvas(SIZE, 7), window[3 * SIZE * SIZE];
    fs_random random;
    (void)state;
    fs_random_seed(&random, 3, 0);
    fs_affine a = fs_transform_draw(&list, &g, &random);
    fs_transform_forward(&g, &a, canvas, 1, window, NULL);
    for (int i = 0; i < 3 * SIZE * SIZE; i++) {
        int c = i / (SIZE * SIZE), y = i / SIZE % SIZE, x = SIZE - 1 - i % SIZE;
        assert_true(window[i] == fs_canvas_row(canvas, SIZE, y)[FS_CANVAS_LANES * x + c]);
    }
    fs_free(canvas);
}

/* Steps follow each other: turning a border's jitter is not jittering a turn. */
static void test_order_of_steps(void **state) {
    (void)state;
    int width = 0;
    seen turned = draw_many("jitter(40),scale(2,2)", &width),
         scaled = draw_many("scale(2,2),jitter(40)", &width);
    assert_close(turned.middle[1], 20, 1e-6, 1); /* pixels of the picture */
    assert_close(scaled.middle[1], 10, 1e-6, 1); /* of what is twice as large */
}

/* A list of what a preset consists of draws the same. */
static void test_presets_are_lists(void **state) {
    const fs_transform_list preset = list_of("lucid");
    const fs_transform_list list =
        list_of(" pad(12), jitter(8) ,scale( 0.9,1.1, 0.02),rotate(-10,10,1,5),jitter(4)");
    fs_transform_geometry g = fs_transform_fit(&preset, 50), h = fs_transform_fit(&list, 50);
    fs_random a, b;
    (void)state;
    assert_int_equal(g.width, h.width);
    fs_random_seed(&a, 5, 0);
    b = a;
    for (int i = 0; i < 200; i++) {
        fs_affine one = fs_transform_draw(&preset, &g, &a), two = fs_transform_draw(&list, &h, &b);
        assert_memory_equal(&one, &two, sizeof one);
    }
}

static void check_text(const char *text, const char *expected) {
    char formatted[FS_OPTION_TEXT_SIZE], again[FS_OPTION_TEXT_SIZE];
    fs_transform_list list = list_of(text);
    assert_int_equal(fs_transform_format(&list, formatted, NULL), FS_OK);
    assert_string_equal(formatted, expected);
    list = list_of(formatted);
    assert_int_equal(fs_transform_format(&list, again, NULL), FS_OK);
    assert_string_equal(again, formatted);
}

static void test_canonical_text(void **state) {
    (void)state;
    for (int i = 0; fs_transform_presets[i]; i++)
        check_text(fs_transform_presets[i], fs_transform_presets[i]);
    check_text("", "none");
    check_text("  ", "none");
    check_text(" pad( 12 ) , flip ( ) ", "pad(12),flip");
    check_text("flip(0.50)", "flip");
    check_text("flip(0.25)", "flip(0.25)");
    check_text("scale(0.90,1.1,0)", "scale(0.9,1.1)");
    check_text("rotate(-10,10,1,5),rotate(0,0.1)", "rotate(-10,10,1,5),rotate(0,0.1)");
    check_text("rotate(-1e1,+10,0,5)", "rotate(-10,10,0,5)");
    check_text("noise(1e-1),noise(0.12345678901234566)", "noise(0.1),noise(0.12345678901234566)");
    check_text("crop(0.5,1),jitter(0)", "crop(0.5,1),jitter(0)");
}

static void test_errors_point_at_the_column(void **state) {
    const struct {
        const char *text, *message;
    } cases[] = {
        {"lucidd", "column 1: no transform 'lucidd'; did you mean 'lucid'?"},
        {"pad(12),jiter(8)", "column 9: no transform 'jiter'; did you mean 'jitter'?"},
        {"pad(12),qwertyuiop", "column 9: no transform 'qwertyuiop'"},
        {"pad", "column 4: pad needs 1 number"},
        {"pad()", "column 6: pad needs 1 number"},
        {"pad(1,2)", "column 7: pad takes at most 1 number"},
        {"pad(1.5)", "column 5: pad takes a whole number in 0..1024 here"},
        {"pad(-1)", "column 5: pad takes a whole number in 0..1024 here"},
        {"pad(nan)", "column 5: a number is expected, not 'nan)'"},
        {"pad(0x)", "column 6: ',' or ')' is expected, not 'x)'"},
        {"pad(1", "column 6: ',' or ')' is missing"},
        {"pad(1) jitter(2)", "column 8: ',' or the end is expected, not 'jitter(2'"},
        {"pad(1),", "column 8: a transform is missing"},
        {"scale(1.1,0.9)", "column 1: scale goes from 1.1 down to 0.9"},
        {"flip,scale(0,1)", "column 12: scale takes a number in 0.1..10 here"},
        {"noise(1e999)", "column 7: noise takes a number in 0..10 here"},
        {"flip(2)", "column 6: flip takes a number in 0..1 here"},
        {"(", "column 1: a transform is expected, not '('"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fs_transform_list list = {.n = -1};
        fs_error err = {0};
        assert_int_equal(fs_transform_parse(&list, cases[i].text, &err), FS_ERROR_ARGUMENT);
        assert_int_equal(list.n, -1);
        if (!strstr(err.message, cases[i].message) || strncmp(err.message, "--transforms: ", 14) != 0)
            fail_msg("%s: %s", cases[i].text, err.message);
    }
}

/* Any bytes are a list or an error. */
static void test_any_text(void **state) {
    static const char *const bits[] = {"pad", "(",    ")",    ",",      "12",       "-",
                                       ".",   "flip", "e",    " ",      "\xff",     "scale",
                                       "0.5", "1e9",  "crop", "rotate", "jitter(3)"};
    fs_random random;
    int good = 0;
    (void)state;
    fs_random_seed(&random, 11, 0);
    for (int round = 0; round < 20000; round++) {
        char text[256] = "", formatted[FS_OPTION_TEXT_SIZE];
        fs_transform_list list;
        fs_error err = {0};
        for (int i = fs_random_int(&random, 12); i > 0; i--)
            strcat(text, bits[fs_random_int(&random, sizeof bits / sizeof *bits)]);
        if (fs_transform_parse(&list, text, &err) != FS_OK) {
            assert_true(*err.message);
            continue;
        }
        good++;
        assert_int_equal(fs_transform_format(&list, formatted, NULL), FS_OK);
    }
    assert_true(good > 0);
}

static void test_too_many_steps(void **state) {
    char text[FS_OPTION_TEXT_SIZE] = "flip";
    fs_transform_list list;
    fs_error err = {0};
    (void)state;
    for (int i = 1; i < FS_TRANSFORM_STEPS; i++)
        strcat(text, ",flip");
    assert_int_equal(fs_transform_parse(&list, text, &err), FS_OK);
    strcat(text, ",flip");
    assert_int_equal(fs_transform_parse(&list, text, &err), FS_ERROR_LIMIT);
}

/* Of the right size, one stream for each item, the same for any pool; the next draw is another. */
static void test_noise(void **state) {
    enum { SIZE = 300, COUNT = 3 * SIZE * SIZE };
    const fs_transform_list list = list_of("noise(0.3),noise(0.4)");
    fs_transform_geometry g = fs_transform_fit(&list, SIZE);
    float *windows = fs_calloc((size_t)2 * COUNT, sizeof *windows), *alone = fs_calloc(COUNT, sizeof *alone);
    fs_random randoms[2], second;
    fs_pool *pool = NULL;
    (void)state;
    assert_int_equal(fs_pool_create(&pool, 2, NULL), FS_OK);
    fs_random_seed(&randoms[0], 1, 0);
    fs_random_seed(&randoms[1], 1, 1);
    second = randoms[1];
    assert_close(list.noise, 0.5, 1e-12, 1);
    fs_transform_add_noise(&g, list.noise, randoms, 2, windows, pool);
    fs_transform_add_noise(&g, list.noise, &second, 1, alone, NULL);
    assert_memory_equal(windows + COUNT, alone, COUNT * sizeof *alone);
    assert_memory_not_equal(windows, alone, COUNT * sizeof *alone);
    assert_memory_equal(&second, &randoms[1], sizeof second);
    double sum = 0;
    for (size_t i = 0; i < COUNT; i++)
        sum += alone[i];
    assert_close(sum / COUNT, 0, 0.01, 1);
    assert_close(sqrt(test_dot(alone, alone, COUNT) / COUNT), 0.5, 0.005, 1);
    memcpy(windows, alone, COUNT * sizeof *alone);
    memset(alone, 0, COUNT * sizeof *alone);
    fs_transform_add_noise(&g, list.noise, &second, 1, alone, NULL);
    assert_memory_not_equal(windows, alone, COUNT * sizeof *alone);
    fs_pool_destroy(pool);
    fs_free(windows);
    fs_free(alone);
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
        cmocka_unit_test(test_steps_of_lists),
        cmocka_unit_test(test_flip_is_a_mirrored_copy),
        cmocka_unit_test(test_order_of_steps),
        cmocka_unit_test(test_presets_are_lists),
        cmocka_unit_test(test_canonical_text),
        cmocka_unit_test(test_errors_point_at_the_column),
        cmocka_unit_test(test_any_text),
        cmocka_unit_test(test_too_many_steps),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
