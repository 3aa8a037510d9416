/* From where a thing is seen, and in what light. */
#include <math.h>

#include "world/scene.h"

cairo_matrix_t fs_view_draw(fs_random *random, const fs_object_kind *kind, int size, double *pixel) {
    const double stretch = exp(fs_random_range(random, -0.14, 0.14)),
                 shear = fs_random_range(random, -0.14, 0.14);
    const double mirror = fs_random_unit(random) < 0.5 ? -1 : 1;
    const double tilt = fs_random_range(random, -kind->tilt, kind->tilt);
    const double c = cos(tilt), s = sin(tilt);
    cairo_matrix_t matrix;
    cairo_matrix_init(&matrix, c * stretch * mirror, s * stretch * mirror, c * shear - s, s * shear + c, 0,
                      0);
    const double wide = fabs(matrix.xx) * kind->half_width + fabs(matrix.xy) * kind->half_height;
    const double high = fabs(matrix.yx) * kind->half_width + fabs(matrix.yy) * kind->half_height;
    const double zoom = fs_random_range(random, 0.7, 1), scale = 0.96 * zoom / fmax(wide, high);
    const double room_x = 0.97 - wide * scale, room_y = 0.97 - high * scale;
    const double x = fs_random_range(random, -room_x, room_x), y = fs_random_range(random, -room_y, room_y);
    cairo_matrix_t place;
    cairo_matrix_init(&place, size * scale / 2, 0, 0, size * scale / 2, size * (1 + x) / 2,
                      size * (1 + y) / 2);
    cairo_matrix_multiply(&matrix, &matrix, &place);
    *pixel = 2 / (size * scale);
    return matrix;
}

/* Brighter on one side of the thing, darker on the other. */
void fs_light_thing(cairo_t *thing, fs_random *random) {
    const double angle = fs_random_range(random, 0, 2 * M_PI), strength = fs_random_range(random, 0, 0.3);
    double x0, y0, x1, y1;
    cairo_save(thing);
    cairo_identity_matrix(thing);
    cairo_clip_extents(thing, &x0, &y0, &x1, &y1);
    const double middle = (x0 + x1) / 2, r = middle * 0.9, dx = r * cos(angle), dy = r * sin(angle);
    cairo_pattern_t *light = cairo_pattern_create_linear(middle - dx, middle - dy, middle + dx, middle + dy);
    cairo_pattern_add_color_stop_rgba(light, 0, 1, 1, 1, strength);
    cairo_pattern_add_color_stop_rgba(light, 0.5, 0.5, 0.5, 0.5, 0);
    cairo_pattern_add_color_stop_rgba(light, 1, 0, 0, 0, strength);
    cairo_set_operator(thing, CAIRO_OPERATOR_ATOP);
    cairo_set_source(thing, light);
    cairo_paint(thing);
    cairo_pattern_destroy(light);
    cairo_restore(thing);
}

void fs_put_thing(cairo_t *picture, cairo_surface_t *layer, fs_random *random, int size) {
    const double dx = fs_random_range(random, -0.05, 0.05), dy = fs_random_range(random, 0, 0.06);
    const double depth = fs_random_unit(random) < 0.7 ? fs_random_range(random, 0.1, 0.22) : 0;
    cairo_save(picture);
    cairo_identity_matrix(picture);
    for (int i = 1; i <= 3 && depth > 0; i++) {
        cairo_set_source_rgba(picture, 0, 0, 0.03, depth);
        cairo_mask_surface(picture, layer, dx * size * i / 3, dy * size * i / 3);
    }
    cairo_set_source_surface(picture, layer, 0, 0);
    cairo_paint(picture);
    cairo_restore(picture);
}
