#include "report/axes.h"

#include <math.h>
#include <stdio.h>

enum {
    TITLE = 22,
    TOP = 6,
    RIGHT = 12,
    TICKS = 18,
    LABEL = 17,
    LEFT_TICKS = 34,
    LEFT_LABEL = 18,
    LEGEND = 20,
    LEGEND_GAP = 14,
    MAX_TICKS = 60
};

double fs_round_step(double range) {
    if (!(range > 0) || !isfinite(range))
        return 1;
    const double power = pow(10, floor(log10(range / 5))), share = range / 5 / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

double fs_plot_x(const fs_plot *p, double value) {
    return p->rect.x + (value - p->x.low) / (p->x.high - p->x.low) * p->rect.w;
}

double fs_plot_y(const fs_plot *p, double value) {
    return p->rect.y + p->rect.h - (value - p->y.low) / (p->y.high - p->y.low) * p->rect.h;
}

void fs_draw_chart_title(fs_canvas *canvas, fs_rect *rect, const char *title) {
    fs_text_style style = {.size = 12.5, .colour = fs_canvas_theme(canvas)->text, .bold = true};
    fs_draw_text(canvas, fs_rect_cut_top(rect, TITLE), title, &style);
}

/* Where the entry that begins at x ends. */
static double entry_end(fs_canvas *canvas, double x, const fs_series *series, const fs_text_style *style) {
    return x + 14 + ceil(fs_text_width(canvas, series->name, style)) + 1;
}

void fs_draw_legend(fs_canvas *canvas, fs_rect *rect, const fs_series *series, int count) {
    fs_text_style style = {.size = 11, .colour = fs_canvas_theme(canvas)->dim};
    int lines = 1;
    double x = 0;
    for (int i = 0; i < count; i++) {
        if (x > 0 && entry_end(canvas, x, &series[i], &style) > rect->w) {
            lines++;
            x = 0;
        }
        x = entry_end(canvas, x, &series[i], &style) + LEGEND_GAP;
    }
    fs_rect strip = fs_rect_cut_bottom(rect, lines * LEGEND), line = fs_rect_cut_top(&strip, LEGEND);
    x = 0;
    for (int i = 0; i < count; i++) {
        if (x > 0 && entry_end(canvas, x, &series[i], &style) > line.w) {
            line = fs_rect_cut_top(&strip, LEGEND);
            x = 0;
        }
        const double end = entry_end(canvas, x, &series[i], &style);
        fs_fill_rect(canvas, (fs_rect){line.x + x, line.y + (LEGEND - 9) / 2.0, 9, 9}, series[i].colour);
        fs_draw_text(canvas, (fs_rect){line.x + x + 14, line.y, end - x - 14, LEGEND}, series[i].name,
                     &style);
        x = end + LEGEND_GAP;
    }
}

/* The text of a tick with as many digits as the step needs. */
static void name_tick(const fs_axis *axis, double value, double step, int number, char text[40]) {
    const int digits = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    if (axis->names)
        snprintf(text, 40, "%s", axis->names[number]);
    else if (fabs(value) < step * 1e-6)
        snprintf(text, 40, "0");
    else
        snprintf(text, 40, "%s%.*f", value < 0 ? "\u2212" : "", digits < 6 ? digits : 6, fabs(value));
}

static void draw_x_ticks(fs_canvas *canvas, const fs_plot *p) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const double step = p->x.step, first = p->x.names ? p->x.low : ceil(p->x.low / step - 1e-9) * step;
    fs_text_style style = {.size = 10.5, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    char text[40];
    for (int i = 0; i < MAX_TICKS && first + i * step <= p->x.high + step * 1e-6; i++) {
        const double x = fs_plot_x(p, first + i * step), bottom = p->rect.y + p->rect.h;
        fs_fill_rect(canvas, (fs_rect){x - 0.5, bottom, 1, 4}, theme->faint);
        name_tick(&p->x, first + i * step, step, i, text);
        fs_draw_text(canvas, (fs_rect){x - 32, bottom + 4, 64, TICKS - 4}, text, &style);
    }
}

static void draw_y_ticks(fs_canvas *canvas, const fs_plot *p) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const double step = p->y.step, first = ceil(p->y.low / step - 1e-9) * step;
    fs_text_style style = {.size = 10.5, .colour = theme->dim, .align = FS_ALIGN_RIGHT};
    char text[40];
    for (int i = 0; i < MAX_TICKS && first + i * step <= p->y.high + step * 1e-6; i++) {
        const double y = fs_plot_y(p, first + i * step);
        fs_fill_rect(canvas, (fs_rect){p->rect.x, y - 0.5, p->rect.w, 1}, theme->line);
        name_tick(&p->y, first + i * step, step, i, text);
        fs_draw_text(canvas, (fs_rect){p->rect.x - LEFT_TICKS, y - 8, LEFT_TICKS - 6, 16}, text, &style);
    }
}

/* Turned by a quarter, reading upwards. */
static void draw_upwards(fs_canvas *canvas, fs_rect rect, const char *text, const fs_text_style *style) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_translate(cr, rect.x, rect.y + rect.h);
    cairo_rotate(cr, -M_PI / 2);
    fs_draw_text(canvas, (fs_rect){0, 0, rect.h, rect.w}, text, style);
    cairo_restore(cr);
}

fs_rect fs_square_axes(fs_rect rect) {
    const double beside = LEFT_LABEL + LEFT_TICKS + RIGHT, above = TITLE + TICKS + LABEL + TOP;
    const double side = fmin(rect.w - beside, rect.h - above);
    return (fs_rect){rect.x, rect.y, side + beside, side + above};
}

fs_plot fs_draw_axes(fs_canvas *canvas, fs_rect rect, const fs_axes *axes) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    fs_text_style label = {.size = 11, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    fs_plot p = {.x = axes->x, .y = axes->y};
    if (axes->title)
        fs_draw_chart_title(canvas, &rect, axes->title);
    p.x.step = p.x.step > 0 ? p.x.step : fs_round_step(p.x.high - p.x.low);
    p.y.step = p.y.step > 0 ? p.y.step : fs_round_step(p.y.high - p.y.low);
    fs_rect bottom = fs_rect_cut_bottom(&rect, TICKS + LABEL);
    fs_rect left = fs_rect_cut_left(&rect, LEFT_LABEL);
    fs_rect_cut_left(&rect, LEFT_TICKS);
    fs_rect_cut_top(&rect, TOP);
    fs_rect_cut_right(&rect, RIGHT);
    p.rect = rect;
    left.y = rect.y;
    left.h = rect.h;
    draw_upwards(canvas, left, axes->y.label, &label);
    fs_draw_text(canvas, (fs_rect){rect.x - LEFT_TICKS, bottom.y + TICKS, rect.w + LEFT_TICKS + RIGHT, LABEL},
                 axes->x.label, &label);
    draw_y_ticks(canvas, &p);
    fs_fill_rect(canvas, (fs_rect){rect.x, rect.y + rect.h, rect.w, 1}, theme->faint);
    draw_x_ticks(canvas, &p);
    return p;
}

void fs_draw_mark(fs_canvas *canvas, const fs_plot *p, double value) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    const double dashes[] = {4, 3};
    if (!(value >= p->x.low && value <= p->x.high))
        return;
    cairo_save(cr);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_set_line_width(cr, 1.2);
    fs_set_colour(cr, fs_canvas_theme(canvas)->text);
    cairo_move_to(cr, fs_plot_x(p, value), p->rect.y);
    cairo_line_to(cr, fs_plot_x(p, value), p->rect.y + p->rect.h);
    cairo_stroke(cr);
    cairo_restore(cr);
}
