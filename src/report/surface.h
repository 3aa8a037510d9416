/* Pictures as Cairo surfaces.
 *
 *     cairo_surface_t *surface = fs_surface_from_image(&image);      // NULL when memory is short
 *     cairo_surface_t *thumb = fs_surface_scaled(surface, 112, 112);
 *
 * The caller owns what is returned (cairo_surface_destroy). Any thread, one at a time for each surface. */
#ifndef FS_REPORT_SURFACE_H
#define FS_REPORT_SURFACE_H

#include <cairo.h>

#include "base/image.h"

/* Grey, RGB or RGBA to an image surface of the same size: RGB24, or ARGB32 with the colours premultiplied. */
cairo_surface_t *fs_surface_from_image(const fs_image *image);

/* An opaque image surface (RGB24) as an RGB picture. */
fs_status fs_surface_to_image(fs_image *out, cairo_surface_t *surface, fs_error *err);

/* Smoothly resampled to width x height device pixels; opaque. */
cairo_surface_t *fs_surface_scaled(cairo_surface_t *surface, int width, int height);

#endif
