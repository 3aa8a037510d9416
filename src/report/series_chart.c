#include "report/series_chart.h"

#include <math.h>
#include <string.h>

#include "report/chart_frame.h"
#include "viz/heat.h"

enum {
    STAGE = 18, /* names of the stages, above the lines */
    TICKS = 20,
    LABEL = 18,
    TICK_GAP = 10, /* at least, between the words of two ticks */
    RIGHT = 8,
    MARKER_UP_TO = 60, /* versions: more have no points */
    BAR = 14,
    NAME_HEIGHT = 14,
    LEAST_STAGE = 34 /* pixels of a stage that can be named */
};

static double place(const fs_chart_frame *f, const fs_series_axis *axis, double i) {
    return f->plot.x + f->plot.w * (i + 0.5) / axis->n;
}

/* ---- the axis ---- */

/* Every so many ticks are named that the widest of them have room. */
static int tick_step(fs_canvas *canvas, const fs_chart_frame *f, const fs_series_axis *axis,
                     const fs_text_style *style) {
    double widest = 0;
    for (int i = 0; i < axis->n; i++)
        widest = fmax(widest, fs_text_width(canvas, axis->ticks[i], style));
    return (int)fmax(1, ceil((widest + TICK_GAP) * axis->n / fmax(1, f->plot.w)));
}

static void draw_ticks(fs_canvas *canvas, const fs_chart_frame *f, const fs_series_axis *axis) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style style = {.size = 11.5, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const fs_text_style label = {.size = 12, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const double bottom = f->plot.y + f->plot.h;
    const int step = tick_step(canvas, f, axis, &style);
    for (int i = 0; i < axis->n; i += step) {
        const double x = place(f, axis, i), half = fmax(20, f->plot.w / axis->n * step / 2);
        fs_fill_rect(canvas, (fs_rect){x - 0.5, bottom, 1, 4}, theme->faint);
        fs_draw_text(canvas, (fs_rect){x - half, bottom + 4, 2 * half, TICKS - 4}, axis->ticks[i], &style);
    }
    fs_draw_text(canvas, (fs_rect){f->plot.x, bottom + TICKS, f->plot.w, LABEL}, axis->label, &label);
}

static void draw_boundary(fs_canvas *canvas, const fs_chart_frame *f, double x) {
    const double dashes[] = {3, 3};
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_set_line_width(cr, 1);
    fs_set_colour(cr, fs_canvas_theme(canvas)->faint);
    cairo_new_path(cr);
    cairo_move_to(cr, floor(x) + 0.5, f->plot.y - STAGE);
    cairo_line_to(cr, floor(x) + 0.5, f->plot.y + f->plot.h);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static void draw_stages(fs_canvas *canvas, const fs_chart_frame *f, const fs_series_axis *axis) {
    const fs_text_style style = {.size = 12, .colour = fs_canvas_theme(canvas)->dim};
    for (int i = 0, first = 0; i < axis->n; i++) {
        if (i + 1 < axis->n && axis->stages[i + 1] == axis->stages[i])
            continue;
        const double left = place(f, axis, first - 0.5), right = place(f, axis, i + 0.5);
        if (axis->stages[i] >= 0 && right - left >= LEAST_STAGE)
            fs_draw_text(canvas, (fs_rect){left + 5, f->plot.y - STAGE, right - left - 5, STAGE},
                         axis->stage_names[axis->stages[i]], &style);
        if (first > 0)
            draw_boundary(canvas, f, left);
        first = i + 1;
    }
}

/* ---- lines ---- */

static double height_of(const fs_chart_frame *f, double value) {
    return fs_chart_y(f, fmin(f->high, fmax(f->low, value)));
}

static void trace(cairo_t *cr, const fs_chart_frame *f, const fs_series_axis *axis, const double *values) {
    bool open = false;
    cairo_new_path(cr);
    for (int i = 0; i < axis->n; i++) {
        const bool here = isfinite(values[i]);
        if (here && open)
            cairo_line_to(cr, place(f, axis, i), height_of(f, values[i]));
        else if (here)
            cairo_move_to(cr, place(f, axis, i), height_of(f, values[i]));
        open = here;
    }
    cairo_stroke(cr);
}

static void draw_line(fs_canvas *canvas, const fs_chart_frame *f, const fs_series_axis *axis,
                      const fs_series_line *line) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    fs_set_colour(cr, line->colour);
    cairo_set_line_width(cr, 1.6);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    trace(cr, f, axis, line->values);
    for (int i = 0; i < axis->n && axis->n <= MARKER_UP_TO; i++)
        if (isfinite(line->values[i])) {
            cairo_arc(cr, place(f, axis, i), height_of(f, line->values[i]), 2.4, 0, 2 * M_PI);
            cairo_fill(cr);
        }
    cairo_restore(cr);
}

double fs_series_ceiling(double value, double least) {
    const double reach = fmax(value, least), step = fs_chart_step(reach);
    return ceil(reach / step - 1e-6) * step;
}

void fs_series_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_series_axis *axis,
                          const fs_series_chart *chart) {
    fs_chart_title(canvas, &rect, chart->title, chart->note);
    fs_rect_cut_top(&rect, STAGE);
    fs_rect_cut_bottom(&rect, TICKS + LABEL);
    fs_rect_cut_right(&rect, RIGHT);
    const fs_chart_frame frame = fs_chart_frame_draw(canvas, rect, chart->unit, chart->low, chart->high);
    draw_ticks(canvas, &frame, axis);
    draw_stages(canvas, &frame, axis);
    for (int i = 0; i < chart->n_lines; i++)
        draw_line(canvas, &frame, axis, &chart->lines[i]);
}

/* ---- depth ---- */

fs_colour fs_depth_colour(double share) {
    uint8_t rgb[3];
    fs_heat_sequential(0.06 + 0.74 * share, rgb);
    return (fs_colour){rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, 1};
}

void fs_depth_legend_draw(fs_canvas *canvas, fs_rect rect, const char *title, const char *const *names,
                          int n) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style head = {.size = 12.5, .colour = theme->text, .bold = true};
    const fs_text_style style = {.size = 11, .colour = theme->dim, .cut_middle = true};
    fs_draw_text(canvas, fs_rect_cut_top(&rect, 22), title, &head);
    const double each = fmin(NAME_HEIGHT + 4, rect.h / n);
    const int step = (int)fmax(1, ceil(NAME_HEIGHT / each));
    for (int i = 0; i < n; i++) {
        const double y = rect.y + i * each;
        fs_fill_rect(canvas, (fs_rect){rect.x, y, BAR, each + (i + 1 < n ? 0.5 : 0)},
                     fs_depth_colour(n > 1 ? (double)i / (n - 1) : 0));
        if (i % step == 0)
            fs_draw_text(
                canvas,
                (fs_rect){rect.x + BAR + 8, y + each / 2 - NAME_HEIGHT / 2.0, rect.w - BAR - 8, NAME_HEIGHT},
                names[i], &style);
    }
}
