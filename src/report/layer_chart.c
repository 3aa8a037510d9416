#include "report/layer_chart.h"

#include <math.h>

#include "report/caption.h"
#include "report/chart_frame.h"

enum {
    NAMES = 152,
    LEAST_NAME = 13,
    LEGEND = 22,
    LEGEND_GAP = 10,
    MARKER = 3,
    NAME_GAP = 8,
    WIDEST_BAR = 48
};

double fs_chart_ceiling(const double *values, int n, double least) {
    double greatest = least;
    for (int i = 0; i < n; i++)
        if (isfinite(values[i]) && values[i] > greatest)
            greatest = values[i];
    const double power = pow(10, floor(log10(greatest))), share = greatest / power;
    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
}

static double place(const fs_chart_frame *f, int i, int n) {
    return f->plot.x + f->plot.w * (i + 0.5) / n;
}

static void draw_names(fs_canvas *canvas, const fs_chart_frame *f, const fs_layer_chart *chart) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style style = {
        .size = 11, .colour = theme->dim, .align = FS_ALIGN_RIGHT, .cut_middle = true};
    const int every = (int)ceil(LEAST_NAME * chart->n / fmax(1, f->plot.w));
    const double bottom = f->plot.y + f->plot.h;
    for (int i = 0; i < chart->n; i += every) {
        const double x = place(f, i, chart->n);
        fs_fill_rect(canvas, (fs_rect){x - 0.5, bottom, 1, 4}, theme->faint);
        fs_chart_text_upwards(canvas, (fs_rect){x - 8, bottom + NAME_GAP, 16, NAMES - NAME_GAP},
                              chart->names[i], &style);
    }
}

static void draw_whisker(cairo_t *cr, const fs_chart_frame *f, double x, double value, double spread) {
    const double top = fs_chart_y(f, fmin(f->high, value + spread)),
                 bottom = fs_chart_y(f, fmax(f->low, value - spread));
    cairo_move_to(cr, x, top);
    cairo_line_to(cr, x, bottom);
    cairo_set_line_width(cr, 1);
    cairo_stroke(cr);
}

static void draw_line(fs_canvas *canvas, const fs_chart_frame *f, const fs_layer_chart *chart,
                      const fs_layer_line *line) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    bool open = false;
    cairo_save(cr);
    fs_set_colour(cr, line->colour);
    for (int i = 0; i < chart->n; i++)
        if (line->spreads && isfinite(line->values[i]))
            draw_whisker(cr, f, place(f, i, chart->n), line->values[i], line->spreads[i]);
    cairo_set_line_width(cr, 1.75);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cr);
    for (int i = 0; i < chart->n; i++) {
        const double x = place(f, i, chart->n), y = fs_chart_y(f, line->values[i]);
        if (isfinite(line->values[i]) && open)
            cairo_line_to(cr, x, y);
        else if (isfinite(line->values[i]))
            cairo_move_to(cr, x, y);
        open = isfinite(line->values[i]);
    }
    cairo_stroke(cr);
    for (int i = 0; i < chart->n; i++)
        if (isfinite(line->values[i])) {
            cairo_arc(cr, place(f, i, chart->n), fs_chart_y(f, line->values[i]), MARKER, 0, 2 * M_PI);
            cairo_fill(cr);
        }
    cairo_restore(cr);
}

static void draw_bars(fs_canvas *canvas, const fs_chart_frame *f, const fs_layer_chart *chart) {
    const double width = fmin(WIDEST_BAR, f->plot.w / chart->n * 0.7);
    for (int i = 0; i < chart->n; i++) {
        double sum = 0;
        for (int k = 0; k < chart->n_lines; k++) {
            const double value = chart->lines[k].values[i], bottom = fs_chart_y(f, sum);
            if (!(value > 0))
                continue;
            sum += value;
            const double top = fs_chart_y(f, sum);
            fs_fill_rect(canvas, (fs_rect){place(f, i, chart->n) - width / 2, top, width, bottom - top},
                         chart->lines[k].colour);
        }
    }
}

static void draw_mark(fs_canvas *canvas, const fs_chart_frame *f, double value) {
    const double dashes[] = {5, 4}, y = fs_chart_y(f, value);
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_set_line_width(cr, 1.25);
    fs_set_colour(cr, fs_canvas_theme(canvas)->faint);
    cairo_move_to(cr, f->plot.x, y);
    cairo_line_to(cr, f->plot.x + f->plot.w, y);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_legend(fs_canvas *canvas, fs_rect strip, const fs_layer_chart *chart) {
    for (int i = 0; i < chart->n_lines; i++)
        fs_chart_legend_entry(canvas, &strip, chart->lines[i].name, chart->lines[i].colour);
    if (isfinite(chart->mark))
        fs_chart_legend_entry(canvas, &strip, chart->mark_name, fs_canvas_theme(canvas)->faint);
}

void fs_layer_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_layer_chart *chart) {
    fs_chart_title(canvas, &rect, chart->title, chart->note);
    const bool legend = chart->n_lines > 1 || isfinite(chart->mark);
    const fs_rect strip = legend ? fs_rect_cut_top(&rect, LEGEND) : (fs_rect){0};
    fs_rect_cut_top(&rect, LEGEND_GAP);
    fs_rect_cut_bottom(&rect, NAMES);
    fs_chart_frame frame = fs_chart_frame_draw(canvas, rect, chart->unit, chart->low, chart->high);
    if (legend)
        draw_legend(canvas, strip, chart);
    draw_names(canvas, &frame, chart);
    if (isfinite(chart->mark))
        draw_mark(canvas, &frame, chart->mark);
    if (chart->stacked)
        draw_bars(canvas, &frame, chart);
    for (int i = 0; i < chart->n_lines && !chart->stacked; i++)
        draw_line(canvas, &frame, chart, &chart->lines[i]);
}
