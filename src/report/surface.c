#include "report/surface.h"

#include <stddef.h>

static uint32_t pack_pixel(const uint8_t *p, int channels) {
    uint32_t alpha = channels == 4 ? p[3] : 255;
    uint32_t r = p[0], g = channels >= 3 ? p[1] : p[0], b = channels >= 3 ? p[2] : p[0];
    if (alpha != 255) {
        r = (r * alpha + 127) / 255;
        g = (g * alpha + 127) / 255;
        b = (b * alpha + 127) / 255;
    }
    return alpha << 24 | r << 16 | g << 8 | b;
}

static cairo_surface_t *new_surface(cairo_format_t format, int width, int height) {
    cairo_surface_t *surface = cairo_image_surface_create(format, width, height);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        return surface;
    cairo_surface_destroy(surface);
    return NULL;
}

cairo_surface_t *fs_surface_from_image(const fs_image *image) {
    cairo_format_t format = image->channels == 4 ? CAIRO_FORMAT_ARGB32 : CAIRO_FORMAT_RGB24;
    cairo_surface_t *surface = new_surface(format, image->width, image->height);
    if (surface == NULL)
        return NULL;
    cairo_surface_flush(surface);
    unsigned char *rows = cairo_image_surface_get_data(surface);
    ptrdiff_t stride = cairo_image_surface_get_stride(surface);
    const uint8_t *p = image->pixels;
    for (int y = 0; y < image->height; y++) {
        uint32_t *row = (uint32_t *)(void *)(rows + y * stride); /* Cairo aligns rows */
        for (int x = 0; x < image->width; x++, p += image->channels)
            row[x] = pack_pixel(p, image->channels);
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

fs_status fs_surface_to_image(fs_image *out, cairo_surface_t *surface, fs_error *err) {
    int width = cairo_image_surface_get_width(surface), height = cairo_image_surface_get_height(surface);
    fs_status status = fs_image_create(out, width, height, 3, err);
    if (status != FS_OK)
        return status;
    cairo_surface_flush(surface);
    const unsigned char *rows = cairo_image_surface_get_data(surface);
    ptrdiff_t stride = cairo_image_surface_get_stride(surface);
    uint8_t *p = out->pixels;
    for (int y = 0; y < height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(rows + y * stride); /* Cairo aligns rows */
        for (int x = 0; x < width; x++, p += 3) {
            p[0] = (uint8_t)(row[x] >> 16);
            p[1] = (uint8_t)(row[x] >> 8);
            p[2] = (uint8_t)row[x];
        }
    }
    return FS_OK;
}

cairo_surface_t *fs_surface_scaled(cairo_surface_t *surface, int width, int height) {
    cairo_surface_t *scaled = new_surface(CAIRO_FORMAT_RGB24, width, height);
    if (scaled == NULL)
        return NULL;
    cairo_t *cr = cairo_create(scaled);
    cairo_scale(cr, (double)width / cairo_image_surface_get_width(surface),
                (double)height / cairo_image_surface_get_height(surface));
    cairo_set_source_surface(cr, surface, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD); /* no dark rim */
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_paint(cr);
    cairo_destroy(cr);
    return scaled;
}
