#include "report/live_curves.h"

#include <math.h>
#include <stdio.h>

#include "report/chart_frame.h"

enum { AXIS = 18, HEAD = 6, LEAST_TICK = 34 };
static const double batch_opacity = 0.45, batch_width = 1, epoch_width = 2, dot = 2.6, ring = 5.5;

static fs_colour colour_of(const fs_theme *theme, bool val) {
    return theme->level[val ? FS_LEVEL_PART : FS_LEVEL_EDGE];
}

static double of_point(const fs_live_point *p, fs_live_what what) {
    return what == FS_LIVE_LOSS ? p->loss : 100 * p->accuracy;
}

static double of_epoch(const fs_curves_epoch *e, fs_live_what what, bool val) {
    if (what == FS_LIVE_LOSS)
        return val ? e->val_loss : e->train_loss;
    return 100 * (val ? e->val_accuracy : e->train_accuracy);
}

/* ---- scales ---- */

static void widen(double value, double *low, double *high) {
    if (isfinite(value)) {
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

/* Losses stand on zero; shares of right answers reach to 100 and as far down as there are any. */
static void choose_range(const fs_live_curves *c, fs_live_what what, double *low, double *high) {
    double least = INFINITY, most = -INFINITY;
    for (int i = 0; i < c->n_points; i++)
        widen(of_point(&c->points[i], what), &least, &most);
    for (int i = 0; i < c->n_epochs; i++)
        for (int val = 0; val < 2; val++)
            widen(of_epoch(&c->epochs[i], what, val == 1), &least, &most);
    if (what == FS_LIVE_ACCURACY) {
        *high = 100;
        *low = isfinite(least) ? fmax(0, fmin(80, floor(least / 10) * 10)) : 0;
        return;
    }
    const double step = fs_chart_step(isfinite(most) ? fmax(most, 1e-3) : 1);
    *low = 0;
    *high = isfinite(most) ? fmax(step, ceil(most / step) * step) : 1;
}

static double to_x(const fs_chart_frame *f, double epoch, double length) {
    return f->plot.x + f->plot.w * epoch / length;
}

static double length_of(const fs_live_curves *c) {
    double length = fmax(1, fmax(c->length, c->n_epochs));
    return c->n_points > 0 ? fmax(length, ceil(c->points[c->n_points - 1].epoch)) : length;
}

static void draw_epochs(fs_canvas *canvas, const fs_chart_frame *f, double length) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style style = {.size = 11, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const double step = fmax(1, fs_chart_step(length * 5 / fmax(1, floor(f->plot.w / LEAST_TICK))));
    char text[16];
    for (double e = 0; e <= length; e += step) {
        const double x = to_x(f, e, length);
        snprintf(text, sizeof text, "%.0f", e);
        fs_draw_text(canvas, (fs_rect){x - 16, f->plot.y + f->plot.h + 2, 32, AXIS - 2}, text, &style);
    }
}

/* ---- what is on them ---- */

/* The pen goes on where there is a number. */
static bool go(cairo_t *cr, const fs_chart_frame *f, double x, double value, bool open) {
    if (!isfinite(value))
        return false;
    const double y = fs_chart_y(f, fmin(f->high, fmax(f->low, value)));
    if (open)
        cairo_line_to(cr, x, y);
    else
        cairo_move_to(cr, x, y);
    return true;
}

static void draw_batches(fs_canvas *canvas, const fs_chart_frame *f, const fs_live_curves *c,
                         fs_live_what what) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    bool open = false;
    cairo_new_path(cr);
    for (int i = 0; i < c->n_points; i++)
        open = go(cr, f, to_x(f, c->points[i].epoch, length_of(c)), of_point(&c->points[i], what), open);
    cairo_set_line_width(cr, batch_width);
    fs_set_colour(cr, fs_colour_alpha(colour_of(fs_canvas_theme(canvas), false), batch_opacity));
    cairo_stroke(cr);
}

static double x_of_epoch(const fs_chart_frame *f, const fs_live_curves *c, int i, bool val) {
    return to_x(f, val ? i + 1 : i + 0.5, length_of(c));
}

static void draw_means(fs_canvas *canvas, const fs_chart_frame *f, const fs_live_curves *c, fs_live_what what,
                       bool val) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    bool open = false;
    fs_set_colour(cr, colour_of(fs_canvas_theme(canvas), val));
    cairo_set_line_width(cr, epoch_width);
    cairo_new_path(cr);
    for (int i = 0; i < c->n_epochs; i++)
        open = go(cr, f, x_of_epoch(f, c, i, val), of_epoch(&c->epochs[i], what, val), open);
    cairo_stroke(cr);
    for (int i = 0; i < c->n_epochs; i++) {
        const double value = of_epoch(&c->epochs[i], what, val);
        if (!isfinite(value))
            continue;
        cairo_new_path(cr);
        cairo_arc(cr, x_of_epoch(f, c, i, val), fs_chart_y(f, fmin(f->high, fmax(f->low, value))), dot, 0,
                  2 * M_PI);
        cairo_fill(cr);
    }
}

static void draw_best(fs_canvas *canvas, const fs_chart_frame *f, const fs_live_curves *c,
                      fs_live_what what) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    if (c->best < 0 || c->best >= c->n_epochs)
        return;
    fs_set_colour(cr, fs_canvas_theme(canvas)->text);
    cairo_set_line_width(cr, 1.5);
    cairo_new_path(cr);
    cairo_arc(cr, x_of_epoch(f, c, c->best, true), fs_chart_y(f, of_epoch(&c->epochs[c->best], what, true)),
              ring, 0, 2 * M_PI);
    cairo_stroke(cr);
}

/* Where layers were unfrozen. */
static void draw_stages(fs_canvas *canvas, const fs_chart_frame *f, const fs_live_curves *c) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    const double dashes[] = {3, 3};
    for (int i = 1; i < c->n_epochs; i++) {
        if (c->epochs[i].stage == c->epochs[i - 1].stage)
            continue;
        const double x = floor(to_x(f, i, length_of(c))) + 0.5;
        cairo_set_dash(cr, dashes, 2, 0);
        cairo_set_line_width(cr, 1);
        fs_set_colour(cr, fs_canvas_theme(canvas)->faint);
        cairo_new_path(cr);
        cairo_move_to(cr, x, f->plot.y);
        cairo_line_to(cr, x, f->plot.y + f->plot.h);
        cairo_stroke(cr);
        cairo_set_dash(cr, NULL, 0, 0);
    }
}

void fs_live_curves_draw(fs_canvas *canvas, fs_rect rect, const fs_live_curves *curves, fs_live_what what) {
    double low, high;
    cairo_t *cr = fs_canvas_cairo(canvas);
    choose_range(curves, what, &low, &high);
    fs_rect_cut_top(&rect, HEAD);
    fs_rect_cut_bottom(&rect, AXIS);
    fs_rect_cut_right(&rect, 14); /* half of the last number */
    const fs_chart_frame frame =
        fs_chart_frame_draw(canvas, rect, what == FS_LIVE_LOSS ? "loss" : "accuracy, %", low, high);
    draw_epochs(canvas, &frame, length_of(curves));
    cairo_save(cr);
    draw_stages(canvas, &frame, curves);
    draw_batches(canvas, &frame, curves, what);
    draw_means(canvas, &frame, curves, what, false);
    draw_means(canvas, &frame, curves, what, true);
    draw_best(canvas, &frame, curves, what);
    cairo_restore(cr);
}

void fs_live_curves_legend(fs_canvas *canvas, fs_rect strip) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_chart_legend_entry(canvas, &strip, "training", colour_of(theme, false));
    fs_chart_legend_entry(canvas, &strip, "validation", colour_of(theme, true));
}
