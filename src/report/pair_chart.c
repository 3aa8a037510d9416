#include "report/pair_chart.h"

#include <math.h>
#include <stdio.h>

#include "report/chart_frame.h"

enum { BELOW = 44, MAX_TICKS = 40 };

static void draw_columns(fs_canvas *canvas, const fs_chart_frame *f, const char *label) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style tick = {.size = 11.5, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const fs_text_style name = {.size = 12, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const double step = fs_chart_step(f->high - f->low), first = ceil(f->low / step - 1e-9) * step;
    const double bottom = f->plot.y + f->plot.h;
    char text[40];
    for (int i = 0; i < MAX_TICKS && first + i * step <= f->high + step * 1e-6; i++) {
        const double value = first + i * step;
        const double x = f->plot.x + f->plot.w * (value - f->low) / (f->high - f->low);
        fs_fill_rect(canvas, (fs_rect){x - 0.5, f->plot.y, 1, f->plot.h + 4}, theme->line);
        fs_chart_number(value, step, text);
        fs_draw_text(canvas, (fs_rect){x - 30, bottom + 5, 60, 18}, text, &tick);
    }
    fs_draw_text(canvas, (fs_rect){f->plot.x, bottom + 24, f->plot.w, 18}, label, &name);
}

static void draw_points(fs_canvas *canvas, const fs_chart_frame *f, const fs_pair_chart *chart) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    fs_set_colour(cr, theme->faint);
    cairo_set_line_width(cr, 1.25);
    cairo_move_to(cr, f->plot.x, f->plot.y + f->plot.h);
    cairo_line_to(cr, f->plot.x + f->plot.w, f->plot.y);
    cairo_stroke(cr);
    fs_set_colour(cr, fs_colour_alpha(theme->level[0], 0.7));
    for (int i = 0; i < chart->n; i++) {
        if (!isfinite(chart->before[i]) || !isfinite(chart->after[i]))
            continue;
        const double x = f->plot.x + f->plot.w * (chart->before[i] - f->low) / (f->high - f->low);
        cairo_new_path(cr);
        cairo_arc(cr, x, fs_chart_y(f, chart->after[i]), 3.5, 0, 2 * M_PI);
        cairo_fill(cr);
    }
    cairo_restore(cr);
}

void fs_pair_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_pair_chart *chart) {
    char before[80], after[80];
    snprintf(before, sizeof before, "before, %s", chart->unit);
    snprintf(after, sizeof after, "after, %s", chart->unit);
    fs_chart_title(canvas, &rect, chart->title, NULL);
    fs_rect_cut_bottom(&rect, BELOW);
    fs_rect_cut_right(&rect, 16);
    rect.w = fmin(rect.w, rect.h + 66); /* the frame's numbers stand beside the square */
    rect.h = fmin(rect.h, rect.w - 66);
    const fs_chart_frame f = fs_chart_frame_draw(canvas, rect, after, chart->low, chart->high);
    draw_columns(canvas, &f, before);
    draw_points(canvas, &f, chart);
}
