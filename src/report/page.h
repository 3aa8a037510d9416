/* A page of pixels to draw on, and the picture it becomes.
 *
 *     fs_page_begin(&page, 640, 480, fs_theme_light(), &err);
 *     fs_draw_text(page.canvas, rect, "features.8", &style);
 *     fs_page_finish(&page, &image, &err);
 *
 * Finish or abandon releases everything. One thread at a time. */
#ifndef FS_REPORT_PAGE_H
#define FS_REPORT_PAGE_H

#include "base/image.h"
#include "report/canvas.h"

typedef struct fs_page {
    cairo_surface_t *surface;
    cairo_t *cr;
    fs_canvas *canvas;
    int width, height;
} fs_page;

/* Filled with the theme's background. */
fs_status fs_page_begin(fs_page *out, int width, int height, const fs_theme *theme, fs_error *err);
fs_status fs_page_finish(fs_page *page, fs_image *out, fs_error *err); /* RGB */
void fs_page_abandon(fs_page *page);                                   /* a zeroed page is fine */

/* A picture in a rectangle, smoothly enlarged or reduced, without a dark rim; nothing when memory is short.
 */
void fs_draw_image(fs_canvas *canvas, fs_rect rect, const fs_image *image);

#endif
