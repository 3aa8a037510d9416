#include "world/pen.h"

#include <math.h>

/* ---- variation ---- */

double fs_pen_range(fs_pen *pen, double low, double high) {
    return fs_random_range(&pen->random, low, high);
}

int fs_pen_count(fs_pen *pen, int low, int high) {
    return low + fs_random_int(&pen->random, high - low + 1);
}

bool fs_pen_chance(fs_pen *pen, double probability) {
    return fs_random_unit(&pen->random) < probability;
}

/* ---- frames ---- */

void fs_pen_enter(fs_pen *pen, double x, double y, double width, double height, double angle) {
    cairo_save(pen->picture);
    cairo_translate(pen->picture, x, y);
    cairo_rotate(pen->picture, angle);
    cairo_scale(pen->picture, width, height);
}

void fs_pen_leave(fs_pen *pen) {
    cairo_restore(pen->picture);
}

/* ---- paths ---- */

void fs_pen_ellipse(fs_pen *pen, double x, double y, double rx, double ry) {
    cairo_t *cr = pen->picture;
    cairo_matrix_t matrix;
    cairo_get_matrix(cr, &matrix);
    cairo_translate(cr, x, y);
    cairo_scale(cr, rx, ry);
    cairo_new_sub_path(cr);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_close_path(cr);
    cairo_set_matrix(cr, &matrix);
}

void fs_pen_box(fs_pen *pen, double x0, double y0, double x1, double y1, double radius) {
    cairo_t *cr = pen->picture;
    const double r = fmin(radius, fmin(x1 - x0, y1 - y0) / 2);
    if (r <= 0) {
        cairo_rectangle(cr, x0, y0, x1 - x0, y1 - y0);
        return;
    }
    cairo_new_sub_path(cr);
    cairo_arc(cr, x1 - r, y0 + r, r, -M_PI / 2, 0);
    cairo_arc(cr, x1 - r, y1 - r, r, 0, M_PI / 2);
    cairo_arc(cr, x0 + r, y1 - r, r, M_PI / 2, M_PI);
    cairo_arc(cr, x0 + r, y0 + r, r, M_PI, 1.5 * M_PI);
    cairo_close_path(cr);
}

void fs_pen_polygon(fs_pen *pen, const double (*points)[2], int n) {
    cairo_new_sub_path(pen->picture);
    for (int i = 0; i < n; i++)
        cairo_line_to(pen->picture, points[i][0], points[i][1]);
    cairo_close_path(pen->picture);
}

/* One piece of a Catmull-Rom curve as a Bezier curve: tangents are a sixth of the neighbours' distance. */
static void curve_piece(cairo_t *cr, const double *before, const double *from, const double *to,
                        const double *after) {
    cairo_curve_to(cr, from[0] + (to[0] - before[0]) / 6, from[1] + (to[1] - before[1]) / 6,
                   to[0] - (after[0] - from[0]) / 6, to[1] - (after[1] - from[1]) / 6, to[0], to[1]);
}

void fs_pen_blob(fs_pen *pen, const double (*points)[2], int n) {
    cairo_move_to(pen->picture, points[0][0], points[0][1]);
    for (int i = 0; i < n; i++)
        curve_piece(pen->picture, points[(i + n - 1) % n], points[i], points[(i + 1) % n],
                    points[(i + 2) % n]);
    cairo_close_path(pen->picture);
}

void fs_pen_curve(fs_pen *pen, const double (*points)[2], int n) {
    cairo_move_to(pen->picture, points[0][0], points[0][1]);
    for (int i = 0; i + 1 < n; i++)
        curve_piece(pen->picture, points[i > 0 ? i - 1 : 0], points[i], points[i + 1],
                    points[i + 2 < n ? i + 2 : n - 1]);
}

void fs_pen_segment(fs_pen *pen, double x0, double y0, double x1, double y1) {
    cairo_move_to(pen->picture, x0, y0);
    cairo_line_to(pen->picture, x1, y1);
}

void fs_pen_arc(fs_pen *pen, double x, double y, double r, double from, double to) {
    cairo_new_sub_path(pen->picture);
    cairo_arc(pen->picture, x, y, r, from, to);
}

/* ---- painting ---- */

/* The path of the picture on the masks. Colours of whole 255ths come out exactly. */
static void begin_label(const fs_pen *pen, fs_part part, int texture) {
    cairo_matrix_t matrix;
    cairo_path_t *path = cairo_copy_path(pen->picture);
    cairo_get_matrix(pen->picture, &matrix);
    cairo_set_matrix(pen->masks, &matrix);
    cairo_new_path(pen->masks);
    cairo_append_path(pen->masks, path);
    cairo_path_destroy(path);
    cairo_set_source_rgb(pen->masks, pen->class_label / 255.0, part / 255.0, texture / 255.0);
}

/* Darker towards the lower right, as if the shape were round. */
static void shade(const fs_pen *pen) {
    double x0, y0, x1, y1;
    cairo_t *cr = pen->picture;
    cairo_save(cr);
    cairo_identity_matrix(cr);
    cairo_fill_extents(cr, &x0, &y0, &x1, &y1);
    cairo_pattern_t *light = cairo_pattern_create_linear(x0, y0, x0 + 0.3 * (x1 - x0), y1);
    cairo_pattern_add_color_stop_rgba(light, 0, 1, 1, 1, 0.30 * pen->look.roundness);
    cairo_pattern_add_color_stop_rgba(light, 0.45, 1, 1, 1, 0);
    cairo_pattern_add_color_stop_rgba(light, 0.55, 0, 0, 0, 0);
    cairo_pattern_add_color_stop_rgba(light, 1, 0, 0, 0, 0.36 * pen->look.roundness);
    cairo_set_source(cr, light);
    cairo_fill_preserve(cr);
    cairo_pattern_destroy(light);
    cairo_restore(cr);
}

static void stroke_pixels(const fs_pen *pen, double pixels) {
    cairo_t *cr = pen->picture;
    const fs_colour *c = &pen->look.line;
    cairo_save(cr);
    cairo_identity_matrix(cr);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, pixels * pen->thickness);
    cairo_set_source_rgb(cr, c->r, c->g, c->b);
    cairo_stroke(cr);
    cairo_restore(cr);
}

void fs_pen_fill(fs_pen *pen, fs_part part, const fs_paint *paint) {
    if (pen->masks) {
        begin_label(pen, part, paint->texture);
        cairo_fill(pen->masks);
    }
    fs_paint_fill(pen->picture, &pen->frame, pen->pixel, paint);
    if (pen->look.roundness > 0)
        shade(pen);
    if (pen->look.outline > 0)
        stroke_pixels(pen, pen->look.outline);
    cairo_new_path(pen->picture);
}

void fs_pen_line(fs_pen *pen, fs_part part, const fs_paint *paint, double width) {
    cairo_t *cr = pen->picture;
    const fs_colour *c = &paint->colours[0];
    if (pen->masks) {
        begin_label(pen, part, FS_TEXTURE_NONE);
        cairo_set_line_join(pen->masks, CAIRO_LINE_JOIN_ROUND);
        cairo_set_line_cap(pen->masks, CAIRO_LINE_CAP_ROUND);
        cairo_set_line_width(pen->masks, width);
        cairo_stroke(pen->masks);
    }
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    if (pen->look.outline > 0) {
        cairo_path_t *path = cairo_copy_path(cr);
        const fs_colour *line = &pen->look.line;
        cairo_set_line_width(cr, width + pen->look.outline * pen->thickness * pen->pixel);
        cairo_set_source_rgb(cr, line->r, line->g, line->b);
        cairo_stroke(cr);
        cairo_append_path(cr, path);
        cairo_path_destroy(path);
    }
    cairo_set_line_width(cr, width);
    cairo_set_source_rgb(cr, c->r, c->g, c->b);
    cairo_stroke(cr);
}

void fs_pen_detail(fs_pen *pen, double width) {
    stroke_pixels(pen, width);
    cairo_new_path(pen->picture);
}
