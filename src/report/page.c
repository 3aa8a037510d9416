#include "report/page.h"

#include <stddef.h>
#include <string.h>

#include "report/surface.h"

fs_status fs_page_begin(fs_page *out, int width, int height, const fs_theme *theme, fs_error *err) {
    fs_page page = {.width = width, .height = height};
    if (width < 1 || height < 1 || width > FS_IMAGE_MAX_SIDE || height > FS_IMAGE_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "a page of %d x %d pixels is too large", width, height);
    fs_status status = fs_canvas_create(&page.canvas, err);
    if (status != FS_OK)
        return status;
    page.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    page.cr = cairo_create(page.surface);
    if (cairo_status(page.cr) != CAIRO_STATUS_SUCCESS) {
        fs_page_abandon(&page);
        return fs_fail_memory(err, "a page");
    }
    fs_canvas_begin(page.canvas, page.cr, theme);
    fs_fill_rect(page.canvas, (fs_rect){0, 0, width, height}, theme->background);
    *out = page;
    return FS_OK;
}

static void copy_pixels(const fs_page *page, fs_image *out) {
    cairo_surface_flush(page->surface);
    const unsigned char *rows = cairo_image_surface_get_data(page->surface);
    ptrdiff_t stride = cairo_image_surface_get_stride(page->surface);
    uint8_t *to = out->pixels;
    for (int y = 0; y < page->height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)(rows + y * stride); /* Cairo aligns rows */
        for (int x = 0; x < page->width; x++, to += 3) {
            to[0] = (uint8_t)(row[x] >> 16);
            to[1] = (uint8_t)(row[x] >> 8);
            to[2] = (uint8_t)row[x];
        }
    }
}

fs_status fs_page_finish(fs_page *page, fs_image *out, fs_error *err) {
    fs_image image = {0};
    fs_status status = fs_canvas_check(page->canvas, err);
    if (status == FS_OK)
        status = fs_image_create(&image, page->width, page->height, 3, err);
    if (status == FS_OK) {
        copy_pixels(page, &image);
        *out = image;
    }
    fs_page_abandon(page);
    return status;
}

void fs_page_abandon(fs_page *page) {
    if (page->canvas)
        fs_canvas_end(page->canvas);
    fs_canvas_destroy(page->canvas);
    if (page->cr)
        cairo_destroy(page->cr);
    if (page->surface)
        cairo_surface_destroy(page->surface);
    memset(page, 0, sizeof *page);
}

void fs_draw_image(fs_canvas *canvas, fs_rect rect, const fs_image *image) {
    cairo_surface_t *surface = fs_surface_from_image(image);
    if (!surface) {
        fs_canvas_give_up(canvas);
        return;
    }
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_rectangle(cr, rect.x, rect.y, rect.w, rect.h);
    cairo_clip(cr);
    cairo_translate(cr, rect.x, rect.y);
    cairo_scale(cr, rect.w / image->width, rect.h / image->height);
    cairo_set_source_surface(cr, surface, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_BEST);
    cairo_paint(cr);
    cairo_restore(cr);
    cairo_surface_destroy(surface);
}
