/* Textures and parts one by one. */
#include <math.h>
#include <stddef.h>

#include "world/scene.h"
#include "world/world.h"

static fs_status copy_out(fs_image *out, cairo_surface_t *surface, int size, fs_error *err) {
    const fs_status status = fs_image_create(out, size, size, 3, err);
    if (status != FS_OK)
        return status;
    cairo_surface_flush(surface);
    const uint8_t *data = cairo_image_surface_get_data(surface);
    const size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int i = 0; i < size * size; i++)
        for (int c = 0; c < 3; c++)
            out->pixels[3 * i + c] =
                data[(size_t)(i / size) * stride + 4 * (size_t)(i % size) + (size_t)(2 - c)];
    return FS_OK;
}

static fs_pen make_pen(cairo_t *cr, int size, uint64_t seed, int label) {
    fs_pen pen = {.picture = cr, .pixel = 2.0 / size, .thickness = size / 128.0};
    fs_random_seed(&pen.random, seed, (uint64_t)label);
    cairo_matrix_init(&pen.frame, size / 2.0, 0, 0, size / 2.0, size / 2.0, size / 2.0);
    cairo_set_matrix(cr, &pen.frame);
    cairo_set_source_rgb(cr, 0.93, 0.93, 0.91);
    cairo_paint(cr);
    return pen;
}

static void draw_texture(fs_pen *pen, int label) {
    const double lightness = fs_pen_range(pen, 0.4, 0.8), hue = fs_pen_range(pen, 0, 2 * M_PI);
    const fs_paint paint = fs_paint_textured(&pen->random, label, lightness, 0.1, hue, 0.34);
    fs_pen_box(pen, -1.1, -1.1, 1.1, 1.1, 0);
    fs_pen_fill(pen, FS_PART_NONE, &paint);
}

static void draw_part(fs_pen *pen, int label) {
    pen->look = fs_look_draw(&pen->random, 0.93);
    pen->part_seed = fs_random_u64(&pen->random);
    const int kind = fs_random_int(&pen->random, fs_part_kinds[label].n_kinds);
    const double aspect = fs_part_kinds[label].aspect;
    fs_part_draw(pen, (fs_part)label, kind, 0, 0, fmin(0.7, 0.7 / aspect), fmin(0.7, 0.7 * aspect), 0);
}

static fs_status draw(fs_image *out, int label, uint64_t seed, int size, void (*what)(fs_pen *, int),
                      fs_error *err) {
    if (size < 1 || size > FS_WORLD_MAX_SIZE)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a picture of 1 to %d pixels a side is wanted, not %d",
                       FS_WORLD_MAX_SIZE, size);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, size, size);
    cairo_t *cr = cairo_create(surface);
    fs_pen pen = make_pen(cr, size, seed, label);
    what(&pen, label);
    const fs_status status = cairo_status(cr) == CAIRO_STATUS_SUCCESS
                                 ? copy_out(out, surface, size, err)
                                 : fs_fail_memory(err, "a picture of the world");
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return status;
}

fs_status fs_world_draw_texture(fs_image *out, int label, uint64_t seed, int size, fs_error *err) {
    if (label < 1 || label >= FS_TEXTURE_COUNT)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no texture has the label %d", label);
    return draw(out, label, seed, size, draw_texture, err);
}

fs_status fs_world_draw_part(fs_image *out, int label, uint64_t seed, int size, fs_error *err) {
    if (label < 1 || label >= FS_PART_COUNT || fs_part_kinds[label].draw == NULL)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no part with a drawing of its own has the label %d", label);
    return draw(out, label, seed, size, draw_part, err);
}
