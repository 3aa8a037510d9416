/* What is covered of a picture, stroke by stroke, and paths as other programs paste them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/occlusion.h"
#include "app/pasted_path.h"

static int covered_pixels(const fs_occlusion *o) {
    int n = 0;
    for (int i = 0; i < o->width * o->height; i++)
        n += o->strokes[i] != 0;
    return n;
}

static bool stroke(fs_occlusion *o, double x0, double y0, double x1, double y1, double side) {
    fs_occlusion_begin(o);
    const bool changed = fs_occlusion_line(o, x0, y0, x1, y1, side);
    fs_occlusion_end(o);
    return changed;
}

static void test_strokes(void **state) {
    (void)state;
    fs_occlusion o;
    assert_int_equal(fs_occlusion_create(&o, 40, 30, NULL), FS_OK);
    assert_true(fs_occlusion_is_empty(&o) && !fs_occlusion_can_undo(&o));
    assert_true(stroke(&o, 20, 15, 20, 15, 6));
    assert_int_equal(covered_pixels(&o), 36);
    assert_int_equal(o.strokes[15 * 40 + 20], 1);
    assert_true(stroke(&o, 5, 15, 35, 15, 6)); /* a band through it */
    assert_int_equal(covered_pixels(&o), 36 * 6);
    assert_false(stroke(&o, 20, 15, 21, 15, 4)); /* all of it is covered already: no stroke */
    assert_int_equal(o.n_strokes, 2);
    assert_true(fs_occlusion_undo(&o));
    assert_int_equal(covered_pixels(&o), 36); /* the first one's pixels stay */
    assert_true(fs_occlusion_undo(&o));
    assert_false(fs_occlusion_undo(&o));
    assert_int_equal(covered_pixels(&o), 0);
    fs_occlusion_free(&o);
}

/* Whatever the pointer does outside; a brush smaller than a pixel covers one. */
static void test_borders(void **state) {
    (void)state;
    fs_occlusion o;
    assert_int_equal(fs_occlusion_create(&o, 40, 30, NULL), FS_OK);
    assert_true(stroke(&o, 0, 0, 0, 0, 10));
    assert_int_equal(covered_pixels(&o), 25);
    assert_false(stroke(&o, -100, -100, -50, -80, 10));
    assert_false(stroke(&o, 1e9, 1e9, 1e9, 1e9, 10));
    assert_true(stroke(&o, -1e12, 20, 1e12, 20, 1e6)); /* ends, and covers all */
    assert_int_equal(covered_pixels(&o), 40 * 30);
    assert_true(fs_occlusion_clear(&o));
    assert_true(stroke(&o, 7.5, 7.5, 7.5, 7.5, 0.1));
    assert_int_equal(covered_pixels(&o), 1);
    fs_occlusion_free(&o);
}

/* What is written down brings back the same pixels of the same strokes; what does not fit is left out. */
static void test_runs(void **state) {
    (void)state;
    fs_occlusion a, b, small;
    assert_int_equal(fs_occlusion_create(&a, 40, 30, NULL), FS_OK);
    assert_int_equal(fs_occlusion_create(&b, 40, 30, NULL), FS_OK);
    assert_int_equal(fs_occlusion_create(&small, 8, 10, NULL), FS_OK);
    assert_int_equal(fs_occlusion_count_runs(&a), 0);
    stroke(&a, 36, 28, 40, 30, 6); /* up to the end of rows */
    stroke(&a, 5, 5, 35, 25, 4);
    stroke(&a, 0, 15, 40, 15, 5); /* in pieces, on both sides of the one before */
    const int n = fs_occlusion_count_runs(&a);
    fs_occlusion_run *runs = malloc((size_t)n * sizeof *runs);
    fs_occlusion_runs(&a, runs);
    for (int i = 1; i < n; i++)
        assert_true(runs[i].stroke >= runs[i - 1].stroke);
    fs_occlusion_put_runs(&b, runs, n);
    assert_int_equal(b.n_strokes, 3);
    assert_memory_equal(a.strokes, b.strokes, 40 * 30);
    assert_true(fs_occlusion_undo(&a) && fs_occlusion_undo(&b));
    assert_memory_equal(a.strokes, b.strokes, 40 * 30);
    fs_occlusion_put_runs(&small, runs, n);
    assert_int_equal(small.n_strokes, 1); /* of the second: the first is outside, the third too low */
    assert_true(covered_pixels(&small) > 0);
    free(runs);
    fs_occlusion_free(&a);
    fs_occlusion_free(&b);
    fs_occlusion_free(&small);
}

static void test_clearing_can_be_taken_back(void **state) {
    (void)state;
    fs_occlusion o;
    assert_int_equal(fs_occlusion_create(&o, 40, 30, NULL), FS_OK);
    assert_false(fs_occlusion_clear(&o));
    stroke(&o, 10, 10, 10, 10, 4);
    stroke(&o, 30, 10, 30, 10, 4);
    assert_true(fs_occlusion_clear(&o));
    assert_int_equal(covered_pixels(&o), 0);
    assert_true(fs_occlusion_undo(&o));
    assert_int_equal(covered_pixels(&o), 32);
    assert_true(fs_occlusion_undo(&o)); /* and the strokes are there again */
    assert_int_equal(covered_pixels(&o), 16);
    assert_true(fs_occlusion_clear(&o));
    stroke(&o, 20, 20, 20, 20, 2); /* something new: then it is gone */
    assert_true(fs_occlusion_undo(&o));
    assert_false(fs_occlusion_can_undo(&o));
    fs_occlusion_free(&o);
}

static void test_more_strokes_than_are_kept(void **state) {
    (void)state;
    fs_occlusion o;
    int undone = 0;
    assert_int_equal(fs_occlusion_create(&o, 400, 2, NULL), FS_OK);
    for (int i = 0; i < 300; i++)
        assert_true(stroke(&o, i + 0.5, 0.5, i + 0.5, 0.5, 1));
    assert_int_equal(o.n_strokes, FS_OCCLUSION_STROKES);
    assert_int_equal(covered_pixels(&o), 300);
    for (; fs_occlusion_undo(&o); undone++)
        assert_true(covered_pixels(&o) < 300);
    assert_int_equal(undone, FS_OCCLUSION_STROKES);
    assert_int_equal(covered_pixels(&o), 0);
    fs_occlusion_free(&o);
}

static void test_colours(void **state) {
    (void)state;
    fs_preprocess p = {.height = 2, .width = 3, .range = 1, .mean = {0.2F, 0.4F, 0.6F}, .std = {1, 1, 1}};
    fs_rgb colour = fs_occlusion_colour(&p);
    assert_true(colour.r == 51 && colour.g == 102 && colour.b == 153);
    p.order = FS_CHANNELS_BGR;
    colour = fs_occlusion_colour(&p);
    assert_true(colour.r == 153 && colour.g == 102 && colour.b == 51);
    fs_preprocess caffe = {.range = 255, .mean = {104, 117, 123}, .std = {1, 1, 1}};
    assert_int_equal(fs_occlusion_colour(&caffe).g, 117);
    fs_preprocess none = {.range = 255, .std = {1, 1, 1}};
    assert_int_equal(fs_occlusion_colour(&none).r, 128);
    fs_occlusion o;
    fs_image image = {0}, layer = {0};
    assert_int_equal(fs_occlusion_create(&o, 3, 2, NULL), FS_OK);
    assert_int_equal(fs_image_create(&image, 3, 2, 3, NULL), FS_OK);
    stroke(&o, 1.5, 0.5, 1.5, 0.5, 1);
    fs_occlusion_paint(&o, colour, &image);
    assert_int_equal(fs_occlusion_picture(&o, colour, &layer, NULL), FS_OK);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(image.pixels[3 * i], i == 1 ? 153 : 0);
        assert_int_equal(layer.pixels[4 * i + 3], i == 1 ? 255 : 0);
    }
    fs_image_free(&image);
    fs_image_free(&layer);
    fs_occlusion_free(&o);
}

static void test_pasted_paths(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"/home/me/cat.jpg", "/home/me/cat.jpg"},
        {"  cat.jpg\r\n", "cat.jpg"},
        {"'two cats.jpg'", "two cats.jpg"},
        {"\"a\"", "a"},
        {"file:///home/me/two%20cats.jpg\r\nfile:///b.jpg\r\n", "/home/me/two cats.jpg"},
        {"\n\n# a list\nfile://localhost/a%c3%a4.png", "/a\xc3\xa4.png"},
        {"FILE:///a", "/a"},
        {"50%25.png", "50%25.png"}, /* no address: as it is */
        {"C:\\cat.png", "C:\\cat.png"},
    };
    char path[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fs_pasted_path(path, sizeof path, cases[i][0], NULL), FS_OK);
        assert_string_equal(path, cases[i][1]);
    }
}

static void test_pasted_texts_that_are_no_paths(void **state) {
    (void)state;
    static const char *const cases[] = {"",
                                        " \n\t\r\n ",
                                        "# only a comment",
                                        "https://example.org/cat.jpg",
                                        "file://elsewhere/cat.jpg",
                                        "file://",
                                        "file:///a%00b",
                                        "file:///a%4",
                                        "file:///%",
                                        "file:///a%zz.png"};
    char path[64] = "before", text[300];
    fs_error err = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_not_equal(fs_pasted_path(path, sizeof path, cases[i], &err), FS_OK);
        assert_true(err.message[0] != '\0');
    }
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(fs_pasted_path(path, sizeof path, text, &err), FS_ERROR_LIMIT);
    memcpy(text, "file:///", 8);
    assert_int_not_equal(fs_pasted_path(path, sizeof path, text, &err), FS_OK);
    assert_string_equal(path, "before");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strokes),
        cmocka_unit_test(test_borders),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_clearing_can_be_taken_back),
        cmocka_unit_test(test_more_strokes_than_are_kept),
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_pasted_paths),
        cmocka_unit_test(test_pasted_texts_that_are_no_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
