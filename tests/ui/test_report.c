/* The drawing that screen and sheets share: surfaces, text, captions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/canvas.h"
#include "report/caption.h"
#include "report/contour.h"
#include "report/surface.h"
#include "report/tile_sheet.h"

static uint32_t pixel_of(cairo_surface_t *surface, int x, int y) {
    cairo_surface_flush(surface);
    const unsigned char *row =
        cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface);
    uint32_t pixel;
    memcpy(&pixel, row + 4 * x, sizeof pixel);
    return pixel;
}

static void test_surfaces_keep_colours(void **state) {
    (void)state;
    uint8_t rgb[] = {255, 0, 0, 10, 20, 30}, grey[] = {7, 200},
            rgba[] = {255, 255, 255, 0, 200, 100, 50, 128};
    fs_image images[] = {{2, 1, 3, rgb}, {2, 1, 1, grey}, {2, 1, 4, rgba}};
    const uint32_t expected[3][2] = {{0xff0000, 0x0a141e}, {0x070707, 0xc8c8c8}, {0, 0x80643219}};
    for (int i = 0; i < 3; i++) {
        cairo_surface_t *surface = fs_surface_from_image(&images[i]);
        assert_non_null(surface);
        uint32_t mask = images[i].channels == 4 ? 0xffffffff : 0xffffff;
        for (int x = 0; x < 2; x++)
            assert_int_equal(pixel_of(surface, x, 0) & mask, expected[i][x]);
        cairo_surface_destroy(surface);
    }
}

static void test_scaling_has_no_dark_rim(void **state) {
    (void)state;
    uint8_t white[4 * 4 * 3];
    memset(white, 255, sizeof white);
    fs_image image = {4, 4, 3, white};
    cairo_surface_t *small = fs_surface_from_image(&image), *large = fs_surface_scaled(small, 37, 37);
    assert_int_equal(cairo_image_surface_get_width(large), 37);
    for (int i = 0; i < 37; i++) {
        assert_int_equal(pixel_of(large, i, 0) & 0xffffff, 0xffffff);
        assert_int_equal(pixel_of(large, 36, i) & 0xffffff, 0xffffff);
    }
    cairo_surface_destroy(small);
    cairo_surface_destroy(large);
}

/* Columns of the surface that carry ink: [*first, *last]. */
static void ink(cairo_surface_t *surface, int *first, int *last) {
    int w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    *first = w;
    *last = -1;
    for (int x = 0; x < w; x++)
        for (int y = 0; y < h; y++)
            if (pixel_of(surface, x, y) != 0) {
                *first = x < *first ? x : *first;
                *last = x > *last ? x : *last;
            }
}

static void test_text_stays_in_its_rectangle(void **state) {
    (void)state;
    static const char *const texts[] = {"features.12.expand3x3_activation_and_much_more", "x",
                                        "\xff\xfe broken", "line\nbreak"};
    fs_canvas *canvas = NULL;
    assert_int_equal(fs_canvas_create(&canvas, NULL), FS_OK);
    for (int i = 0; i < 4 * 3; i++) {
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 300, 40);
        cairo_t *cr = cairo_create(surface);
        fs_canvas_begin(canvas, cr, fs_theme_dark());
        fs_text_style style = {.size = 13, .colour = {1, 1, 1, 1}, .align = (fs_align)(i % 3)};
        fs_draw_text(canvas, (fs_rect){100, 0, 100, 40}, texts[i / 3], &style);
        assert_true(fs_text_width(canvas, texts[i / 3], &style) > 0);
        fs_canvas_end(canvas);
        int first, last;
        ink(surface, &first, &last);
        assert_true(last >= first && first >= 99 && last <= 200);
        cairo_destroy(cr);
        cairo_surface_destroy(surface);
    }
    fs_canvas_destroy(canvas);
}

static void test_captions(void **state) {
    (void)state;
    char text[FS_CAPTION_SIZE];
    fs_layer layer = {.name = "features.3", .operator_type = "Conv", .channels = 64};
    layer.shape = fs_shape_of(4, 1, 64, 54, 54);
    layer.field = (fs_receptive_field){15, 4, 0};
    assert_string_equal(fs_caption_shape(&layer, text), "Conv \u00b7 64 \u00d7 54 \u00d7 54");
    assert_non_null(strstr(fs_caption_field(&layer, text), "15 \u00d7 15"));
    layer.field.size = 0;
    assert_string_equal(fs_caption_field(&layer, text), "sees the whole picture");
    assert_string_equal(fs_caption_level(FS_LEVEL_OBJECT), "Objects");
    assert_string_equal(fs_caption_number(1234.4, text), "1234");
    assert_string_equal(fs_caption_number(-4.567, text), "-4.57");
    assert_string_equal(fs_caption_number(0, text), "0.0000");
    assert_string_equal(fs_caption_number(NAN, text), "\u2013");
}

/* WCAG's contrast of two opaque colours. */
static double luminance(fs_colour c) {
    const double parts[] = {c.r, c.g, c.b}, weights[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += weights[i] * (parts[i] <= 0.03928 ? parts[i] / 12.92 : pow((parts[i] + 0.055) / 1.055, 2.4));
    return sum;
}

static double contrast(fs_colour a, fs_colour b) {
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static void test_themes_are_readable(void **state) {
    (void)state;
    const fs_theme *const themes[] = {fs_theme_dark(), fs_theme_light()};
    for (int i = 0; i < 2; i++) {
        const fs_theme *t = themes[i];
        const fs_colour grounds[] = {t->background, t->panel};
        for (int g = 0; g < 2; g++) {
            assert_true(contrast(t->text, grounds[g]) > 7);
            assert_true(contrast(t->dim, grounds[g]) > 4.5);
            assert_true(contrast(t->faint, grounds[g]) > 4.5);
            for (int level = 0; level < FS_LEVEL_COUNT; level++)
                assert_true(contrast(t->level[level], grounds[g]) > 4);
        }
        assert_true(contrast(t->text, t->selection) > 4.5);
        assert_true(contrast(t->on_error, t->error) > 4.5);
        assert_true(contrast(t->on_accent, t->accent) > 4.5);
        assert_true(contrast(t->text, t->notice) > 4.5);
    }
}

/* The contour of a cone is a circle: all its points have the radius that the level says. */
static void test_contour_of_a_cone(void **state) {
    (void)state;
    enum { SIDE = 41 };
    static float samples[SIDE * SIDE];
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            samples[y * SIDE + x] = (float)(30 - hypot(x - 20, y - 20));
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, SIDE, SIDE);
    cairo_t *cr = cairo_create(surface);
    int pieces = fs_contour_path(cr, samples, SIDE, SIDE, 18);
    assert_true(pieces > 60);
    cairo_path_t *path = cairo_copy_path(cr);
    int points = 0;
    for (int i = 0; i < path->num_data; i += path->data[i].header.length, points++)
        assert_true(fabs(hypot(path->data[i + 1].point.x - 20, path->data[i + 1].point.y - 20) - 12) < 0.05);
    assert_int_equal(points, 2 * pieces);
    cairo_path_destroy(path);
    cairo_new_path(cr);
    assert_int_equal(fs_contour_path(cr, samples, SIDE, SIDE, 31), 0);
    const float saddle[] = {1, 0, 0, 1};
    assert_int_equal(fs_contour_path(cr, saddle, 2, 2, 0.4), 2);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

/* Tiles lie in an even grid: red pictures, the same width of white between them. */
static void test_tile_sheet_is_even(void **state) {
    (void)state;
    uint8_t red[3] = {255, 0, 0};
    fs_image picture = {1, 1, 3, red}, page = {0};
    fs_tile tiles[5];
    for (int i = 0; i < 5; i++)
        tiles[i] = (fs_tile){.picture = &picture,
                             .caption = "a caption that is far too long for its tile",
                             .more_caption = "n0.JPEG"};
    fs_tile_sheet sheet = {.title = "t",
                           .subtitle = "s",
                           .detail = "d",
                           .tiles = tiles,
                           .n_tiles = 5,
                           .tile_side = 100,
                           .columns = 3};
    fs_error err = {0};
    assert_int_equal(fs_tile_sheet_draw(&sheet, &page, &err), FS_OK);
    int row = 0, starts[8], ends[8], n = 0;
    for (; row < page.height && n == 0; row++)
        for (int x = 1; x < page.width; x++) {
            const uint8_t *p = page.pixels + 3 * ((size_t)(row + 1) * (size_t)page.width + (size_t)x);
            bool in = p[0] == 255 && p[1] == 0, before = p[-3] == 255 && p[-2] == 0;
            if (in && !before)
                starts[n] = x;
            if (!in && before)
                ends[n++] = x;
        }
    assert_int_equal(n, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ends[i] - starts[i], 100);
    assert_int_equal(starts[1] - ends[0], starts[2] - ends[1]);
    assert_int_equal(starts[0], page.width - ends[2]);
    fs_image_free(&page);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contour_of_a_cone),           cmocka_unit_test(test_tile_sheet_is_even),
        cmocka_unit_test(test_surfaces_keep_colours),       cmocka_unit_test(test_scaling_has_no_dark_rim),
        cmocka_unit_test(test_text_stays_in_its_rectangle), cmocka_unit_test(test_captions),
        cmocka_unit_test(test_themes_are_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
