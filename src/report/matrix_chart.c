#include "report/matrix_chart.h"

#include <math.h>

#include "report/chart_frame.h"

enum { NAMES = 140, LABEL = 20, SCALE = 110, SCALE_WIDTH = 18, LEAST_NAME = 12, SCALE_STEPS = 128 };

/* From dark blue over red to pale yellow, ever lighter: control points in sRGB. */
static const double points[][3] = {{0.06, 0.05, 0.22}, {0.28, 0.12, 0.49}, {0.61, 0.18, 0.50},
                                   {0.90, 0.33, 0.38}, {0.99, 0.64, 0.42}, {0.99, 0.95, 0.75}};

static fs_colour heat(double share) {
    const int last = (int)(sizeof points / sizeof *points) - 1;
    const double at = fmax(0, fmin(1, share)) * last;
    const int i = at >= last ? last - 1 : (int)at;
    const double f = at - i;
    double c[3];
    for (int k = 0; k < 3; k++)
        c[k] = (1 - f) * points[i][k] + f * points[i + 1][k];
    return (fs_colour){c[0], c[1], c[2], 1};
}

static void draw_cells(fs_canvas *canvas, fs_rect square, const fs_matrix_chart *chart) {
    const double cell = square.w / chart->n, range = chart->high - chart->low;
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE); /* cells touch without seams */
    for (int row = 0; row < chart->n; row++)
        for (int column = 0; column < chart->n; column++) {
            const double value = chart->values[row * chart->n + column];
            const fs_rect rect = {square.x + column * cell, square.y + (chart->n - 1 - row) * cell, cell,
                                  cell};
            if (isfinite(value))
                fs_fill_rect(canvas, rect, heat((value - chart->low) / range));
        }
    cairo_restore(cr);
    fs_stroke_rounded(canvas, fs_rect_inset(square, -1, -1), 0, 1, fs_canvas_theme(canvas)->faint);
}

static void draw_names(fs_canvas *canvas, fs_rect square, const fs_matrix_chart *chart) {
    const double cell = square.w / chart->n;
    const int every = (int)fmax(1, ceil(LEAST_NAME / cell));
    const fs_text_style style = {.size = fmin(11, fmax(9, cell * every * 0.9)),
                                 .colour = fs_canvas_theme(canvas)->dim,
                                 .align = FS_ALIGN_RIGHT,
                                 .cut_middle = true};
    for (int i = 0; i < chart->n; i += every) {
        const double x = square.x + (i + 0.5) * cell, y = square.y + square.h - (i + 0.5) * cell;
        fs_draw_text(canvas, (fs_rect){square.x - NAMES, y - 8, NAMES - 6, 16}, chart->names[i], &style);
        fs_chart_text_upwards(canvas, (fs_rect){x - 8, square.y + square.h + 6, 16, NAMES - 6},
                              chart->names[i], &style);
    }
}

static void draw_scale(fs_canvas *canvas, fs_rect rect, const fs_matrix_chart *chart) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style tick = {.size = 11.5, .colour = theme->dim};
    const fs_text_style label = {.size = 12, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const fs_rect bar = {rect.x, rect.y, SCALE_WIDTH, rect.h};
    const double step = fs_chart_step(chart->high - chart->low), height = bar.h / SCALE_STEPS;
    const double first = ceil(chart->low / step - 1e-9) * step;
    char text[40];
    cairo_save(fs_canvas_cairo(canvas));
    cairo_set_antialias(fs_canvas_cairo(canvas), CAIRO_ANTIALIAS_NONE);
    for (int i = 0; i < SCALE_STEPS; i++)
        fs_fill_rect(canvas, (fs_rect){bar.x, bar.y + bar.h - (i + 1) * height, bar.w, height},
                     heat((i + 0.5) / SCALE_STEPS));
    cairo_restore(fs_canvas_cairo(canvas));
    for (int i = 0; first + i * step <= chart->high + step * 1e-6; i++) {
        const double value = first + i * step;
        const double y = bar.y + bar.h * (chart->high - value) / (chart->high - chart->low);
        fs_chart_number(value, step, text);
        fs_fill_rect(canvas, (fs_rect){bar.x + bar.w, y - 0.5, 4, 1}, theme->faint);
        fs_draw_text(canvas, (fs_rect){bar.x + bar.w + 8, y - 9, 44, 18}, text, &tick);
    }
    fs_chart_text_upwards(canvas, (fs_rect){bar.x + bar.w + 52, bar.y, 20, bar.h}, chart->unit, &label);
}

void fs_matrix_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_matrix_chart *chart) {
    const fs_text_style label = {
        .size = 12, .colour = fs_canvas_theme(canvas)->dim, .align = FS_ALIGN_CENTRE};
    fs_chart_title(canvas, &rect, chart->title, chart->note);
    fs_rect_cut_top(&rect, 8);
    const fs_rect below = fs_rect_cut_bottom(&rect, LABEL + NAMES);
    const fs_rect left = fs_rect_cut_left(&rect, LABEL + NAMES);
    fs_rect_cut_right(&rect, SCALE);
    const double side = floor(fmin(rect.w, rect.h));
    const fs_rect square = {rect.x, rect.y, side, side};
    draw_cells(canvas, square, chart);
    draw_names(canvas, square, chart);
    fs_chart_text_upwards(canvas, (fs_rect){left.x, square.y, LABEL, side}, chart->y_label, &label);
    fs_draw_text(canvas,
                 (fs_rect){square.x, square.y + side + NAMES + (below.h - NAMES - LABEL), side, LABEL},
                 chart->x_label, &label);
    draw_scale(canvas, (fs_rect){square.x + side + 28, square.y, SCALE_WIDTH, side}, chart);
}
