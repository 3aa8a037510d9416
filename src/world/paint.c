#include "world/paint.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* A cell of a texture has at least this many pixels, or it would be grey. */
enum { LEAST_CELL = 5 };

fs_paint fs_paint_plain(fs_colour colour) {
    return (fs_paint){.colours = {colour, colour, colour}};
}

fs_paint fs_paint_textured(fs_random *random, int texture, double lightness, double chroma, double hue,
                           double contrast) {
    const double sign = lightness > 0.55 ? -1 : 1;
    const double turn = fs_random_range(random, -0.7, 0.7);
    fs_paint paint = {.texture = texture};
    paint.colours[0] = fs_colour_lch(lightness, chroma, hue);
    paint.colours[1] = fs_colour_lch(lightness + 0.55 * sign * contrast, chroma, hue + turn / 2);
    paint.colours[2] = fs_colour_lch(lightness + sign * contrast, chroma, hue + turn);
    paint.scale = exp(fs_random_range(random, log(2.2), log(5.0)));
    paint.angle = fs_random_range(random, 0, 2 * M_PI);
    paint.place.seed = (uint32_t)fs_random_u64(random);
    paint.place.variation = (float)fs_random_unit(random);
    return paint;
}

static uint32_t rgb24(const fs_colour table[3], float value) {
    const double v = value <= 0 ? 0 : value >= 1 ? 2 : 2 * (double)value;
    const int i = v < 1 ? 0 : 1;
    const fs_colour c = fs_colour_mix(table[i], table[i + 1], v - i);
    return (uint32_t)(c.r * 255 + 0.5) << 16 | (uint32_t)(c.g * 255 + 0.5) << 8 | (uint32_t)(c.b * 255 + 0.5);
}

/* From device pixels to cells of the texture. */
static cairo_matrix_t to_cells(const cairo_matrix_t *frame, double scale, const fs_paint *paint) {
    cairo_matrix_t device = *frame, cells;
    cairo_matrix_invert(&device);
    cairo_matrix_init_scale(&cells, scale, scale);
    cairo_matrix_rotate(&cells, paint->angle);
    cairo_matrix_multiply(&cells, &device, &cells);
    return cells;
}

static void draw_texture(cairo_surface_t *surface, int x0, int y0, const cairo_matrix_t *cells,
                         const fs_paint *paint, float soft) {
    const int width = cairo_image_surface_get_width(surface);
    const int height = cairo_image_surface_get_height(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    const fs_texture_kind *kind = &fs_texture_kinds[paint->texture];
    fs_texture_place place = paint->place;
    place.soft = soft;
    cairo_surface_flush(surface);
    for (int y = 0; y < height; y++) {
        uint32_t *row =
            (uint32_t *)(void *)(cairo_image_surface_get_data(surface) + (size_t)y * (size_t)stride);
        for (int x = 0; x < width; x++) {
            double u = x0 + x + 0.5, v = y0 + y + 0.5;
            cairo_matrix_transform_point(cells, &u, &v);
            row[x] = rgb24(paint->colours, kind->value(&place, (float)u, (float)v));
        }
    }
    cairo_surface_mark_dirty(surface);
}

static void fill_textured(cairo_t *cr, const cairo_matrix_t *frame, double pixel, const fs_paint *paint) {
    double x0, y0, x1, y1, cx0, cy0, cx1, cy1;
    cairo_fill_extents(cr, &x0, &y0, &x1, &y1);
    cairo_clip_extents(cr, &cx0, &cy0, &cx1, &cy1);
    const int left = (int)floor(fmax(x0, cx0)), right = (int)ceil(fmin(x1, cx1));
    const int top = (int)floor(fmax(y0, cy0)), bottom = (int)ceil(fmin(y1, cy1));
    if (right <= left || bottom <= top)
        return;
    const double scale = fmin(paint->scale, 1 / (LEAST_CELL * pixel));
    const cairo_matrix_t cells = to_cells(frame, scale, paint);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, right - left, bottom - top);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        draw_texture(surface, left, top, &cells, paint, (float)(pixel * scale));
    cairo_set_source_surface(cr, surface, left, top);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_fill_preserve(cr);
    cairo_surface_destroy(surface);
}

void fs_paint_fill(cairo_t *cr, const cairo_matrix_t *frame, double pixel, const fs_paint *paint) {
    cairo_save(cr);
    cairo_identity_matrix(cr);
    if (paint->texture == FS_TEXTURE_NONE) {
        cairo_set_source_rgb(cr, paint->colours[0].r, paint->colours[0].g, paint->colours[0].b);
        cairo_fill_preserve(cr);
    } else {
        fill_textured(cr, frame, pixel, paint);
    }
    cairo_restore(cr);
}
