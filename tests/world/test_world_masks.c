/* The masks against the drawing itself: things and parts drawn on a transparent layer, coverage against
 * labels. */
#include "base/helpers.h"

#include "world/scene.h"

enum { SIZE = 128 };

typedef struct sheet {
    cairo_surface_t *picture, *masks;
    fs_pen pen;
} sheet;

static void open_sheet(sheet *s, uint64_t seed) {
    memset(s, 0, sizeof *s);
    s->picture = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, SIZE, SIZE);
    s->masks = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIZE, SIZE);
    s->pen = (fs_pen){.picture = cairo_create(s->picture),
                      .masks = cairo_create(s->masks),
                      .class_label = 200,
                      .pixel = 2.5 / SIZE,
                      .thickness = 1,
                      .part_seed = seed};
    cairo_set_antialias(s->pen.masks, CAIRO_ANTIALIAS_NONE);
    fs_random_seed(&s->pen.random, seed, 1);
    s->pen.look = fs_look_draw(&s->pen.random, 0.5);
    s->pen.look.outline = 0; /* an outline lies half outside */
    cairo_matrix_init(&s->pen.frame, 0.4 * SIZE, 0, 0, 0.4 * SIZE, SIZE / 2.0, SIZE / 2.0);
    cairo_set_matrix(s->pen.picture, &s->pen.frame);
}

static void close_sheet(sheet *s) {
    cairo_destroy(s->pen.picture);
    cairo_destroy(s->pen.masks);
    cairo_surface_destroy(s->picture);
    cairo_surface_destroy(s->masks);
}

static uint32_t pixel(cairo_surface_t *surface, int x, int y) {
    uint32_t value;
    cairo_surface_flush(surface);
    memcpy(&value,
           cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface) + 4 * x, 4);
    return value;
}

/* Pixels that are covered; those of them without a label (fine lines are none's); labels where nothing is. */
typedef struct agreement {
    int covered, unlabelled, stray;
} agreement;

static agreement compare(const sheet *s) {
    agreement a = {0, 0, 0};
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++) {
            const uint32_t alpha = pixel(s->picture, x, y) >> 24, label = pixel(s->masks, x, y) >> 16 & 255;
            assert_true(label == 0 || label == 200);
            a.covered += alpha > 240;
            a.unlabelled += alpha > 240 && label == 0;
            a.stray += alpha == 0 && label != 0;
        }
    return a;
}

static void check_agreement(const sheet *s, const char *name) {
    const agreement a = compare(s);
    if (a.covered < 20 || a.unlabelled > a.covered / 50 || a.stray > 3 + a.covered / 100)
        fail_msg("%s: %d pixels covered, %d of them without a label, %d labels beside it", name, a.covered,
                 a.unlabelled, a.stray);
}

static void test_things(void **state) {
    (void)state;
    for (int i = 0; i < FS_OBJECT_COUNT; i++)
        for (uint64_t seed = 1; seed <= 8; seed++) {
            sheet s;
            open_sheet(&s, seed);
            fs_object_kinds[i].draw(&s.pen);
            check_agreement(&s, fs_object_kinds[i].name);
            close_sheet(&s);
        }
}

static void test_parts(void **state) {
    (void)state;
    for (int part = 1; part < FS_PART_COUNT; part++)
        for (int kind = 0; kind < fs_part_kinds[part].n_kinds; kind++) {
            sheet s;
            open_sheet(&s, (uint64_t)kind + 1);
            fs_part_draw(&s.pen, (fs_part)part, kind, 0, 0, 0.8, 0.8, 0.3);
            check_agreement(&s, fs_part_kinds[part].name);
            for (int i = 0; i < SIZE * SIZE; i++) { /* it carries its own label and no other */
                const uint32_t label = pixel(s.masks, i % SIZE, i / SIZE) >> 8 & 255;
                assert_true(label == 0 || label == (uint32_t)part);
            }
            close_sheet(&s);
        }
}

/* A thing stays within the half width and height its table says, or it could be cut off. */
static void test_extents(void **state) {
    (void)state;
    int bad = 0;
    for (int i = 0; i < FS_OBJECT_COUNT; i++)
        for (uint64_t seed = 1; seed <= 30; seed++) {
            const fs_object_kind *kind = &fs_object_kinds[i];
            sheet s;
            open_sheet(&s, seed);
            kind->draw(&s.pen);
            for (int k = 0; k < SIZE * SIZE; k++) {
                const double x = (k % SIZE + 0.5 - SIZE / 2.0) / (0.4 * SIZE),
                             y = (k / SIZE + 0.5 - SIZE / 2.0) / (0.4 * SIZE);
                const bool outside = x < -kind->half_width - 0.05 || x > kind->half_width + 0.05 ||
                                     y < -kind->half_height - 0.05 || y > kind->half_height + 0.05;
                if (outside && pixel(s.masks, k % SIZE, k / SIZE) >> 16 & 255) {
                    print_error("%s, seed %d: (%.2f, %.2f) is outside\n", kind->name, (int)seed, x, y);
                    bad++;
                    break;
                }
            }
            close_sheet(&s);
        }
    assert_int_equal(bad, 0);
}

static void test_later_hides_earlier(void **state) {
    (void)state;
    sheet s;
    open_sheet(&s, 1);
    fs_pen_box(&s.pen, -0.5, -0.5, 0.5, 0.5, 0);
    fs_pen_fill(&s.pen, FS_PART_BODY, &s.pen.look.dark);
    fs_pen_box(&s.pen, -0.2, -0.2, 0.2, 0.2, 0);
    fs_pen_fill(&s.pen, FS_PART_DOOR, &s.pen.look.light);
    assert_int_equal(pixel(s.masks, SIZE / 2, SIZE / 2) >> 8 & 255, FS_PART_DOOR);
    assert_int_equal(pixel(s.masks, SIZE / 2 + 15, SIZE / 2) >> 8 & 255, FS_PART_BODY);
    close_sheet(&s);
}

/* All of 0..255 arrive in the masks as they were meant. */
static void test_labels_are_exact(void **state) {
    (void)state;
    sheet s;
    open_sheet(&s, 1);
    for (int label = 0; label < 256; label++) {
        fs_paint paint = s.pen.look.dark;
        s.pen.class_label = label;
        fs_pen_box(&s.pen, -1, -1, 1, 1, 0);
        fs_pen_fill(&s.pen, (fs_part)(255 - label), &paint);
        assert_int_equal(pixel(s.masks, SIZE / 2, SIZE / 2) & 0xffff00,
                         (uint32_t)label << 16 | (uint32_t)(255 - label) << 8);
    }
    close_sheet(&s);
}

/* Everywhere in 0..1, and both ends come near: a texture that is flat is none. */
static void test_textures(void **state) {
    (void)state;
    for (int i = 1; i < FS_TEXTURE_COUNT; i++) {
        const fs_texture_place place = {.seed = 5, .variation = 0.5f, .soft = 0.1f};
        float low = 1, high = 0;
        for (int k = 0; k < 120 * 120; k++) {
            const float value =
                fs_texture_kinds[i].value(&place, (float)(k % 120) * 0.07f - 4, (float)(k / 120) * 0.07f - 4);
            if (!(value >= -0.001f && value <= 1.001f))
                fail_msg("%s: %g", fs_texture_kinds[i].name, (double)value);
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        if (low > 0.2f || high < 0.7f)
            fail_msg("%s stays in %g..%g", fs_texture_kinds[i].name, (double)low, (double)high);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_things),           cmocka_unit_test(test_parts),
        cmocka_unit_test(test_extents),          cmocka_unit_test(test_later_hides_earlier),
        cmocka_unit_test(test_labels_are_exact), cmocka_unit_test(test_textures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
