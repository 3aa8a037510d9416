/* A picture that was made at the size it is shown at.
 *
 *     fs_ui_picture(canvas, surface, square.x, square.y);
 *
 * Drawn pixel for pixel, its corner at the device pixel nearest to (x, y) in logical pixels. Returns where it
 * lies, in logical pixels. */
#ifndef FS_UI_WIDGETS_PICTURE_H
#define FS_UI_WIDGETS_PICTURE_H

#include <cairo.h>

#include "report/canvas.h"

fs_rect fs_ui_picture(fs_canvas *canvas, cairo_surface_t *surface, double x, double y);

#endif
