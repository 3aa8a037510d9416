#include "ui/widgets/picture.h"

#include <math.h>

fs_rect fs_ui_picture(fs_canvas *canvas, cairo_surface_t *surface, double x, double y) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    double w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    cairo_user_to_device(cr, &x, &y);
    x = round(x);
    y = round(y);
    cairo_save(cr);
    cairo_identity_matrix(cr);
    cairo_set_source_surface(cr, surface, x, y);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_paint(cr);
    cairo_restore(cr);
    cairo_device_to_user(cr, &x, &y);
    cairo_device_to_user_distance(cr, &w, &h);
    return (fs_rect){x, y, w, h};
}
