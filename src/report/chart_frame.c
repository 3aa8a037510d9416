#include "report/chart_frame.h"

#include <math.h>
#include <stddef.h>

#include "base/c_locale.h"

enum { TITLE = 26, NOTE = 20, UNIT = 20, TICKS = 46, MAX_TICKS = 40 };

void fs_chart_title(fs_canvas *canvas, fs_rect *rect, const char *title, const char *note) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style bold = {.size = 16, .colour = theme->text, .bold = true};
    const fs_text_style dim = {.size = 12.5, .colour = theme->dim};
    fs_draw_text(canvas, fs_rect_cut_top(rect, TITLE), title, &bold);
    if (note)
        fs_draw_text(canvas, fs_rect_cut_top(rect, NOTE), note, &dim);
    fs_rect_cut_top(rect, 8);
}

double fs_chart_step(double range) {
    if (!(range > 0) || !isfinite(range))
        return 1;
    const double power = pow(10, floor(log10(range / 5))), share = range / 5 / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

void fs_chart_number(double value, double step, char text[40]) {
    const int digits = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    const double shown = fabs(value) < step * 1e-6 ? 0 : value;
    fs_c_snprintf(text, 40, "%s%.*f", shown < 0 ? "\u2212" : "", digits < 8 ? digits : 8, fabs(shown));
}

double fs_chart_y(const fs_chart_frame *f, double value) {
    return f->plot.y + f->plot.h * (f->high - value) / (f->high - f->low);
}

void fs_chart_text_upwards(fs_canvas *canvas, fs_rect rect, const char *text, const fs_text_style *style) {
    cairo_t *cr = fs_canvas_cairo(canvas);
    cairo_save(cr);
    cairo_translate(cr, rect.x, rect.y + rect.h);
    cairo_rotate(cr, -M_PI / 2);
    fs_draw_text(canvas, (fs_rect){0, 0, rect.h, rect.w}, text, style);
    cairo_restore(cr);
}

fs_chart_frame fs_chart_frame_draw(fs_canvas *canvas, fs_rect rect, const char *unit, double low,
                                   double high) {
    const fs_theme *theme = fs_canvas_theme(canvas);
    const fs_text_style label = {.size = 12, .colour = theme->dim, .align = FS_ALIGN_CENTRE};
    const fs_text_style tick = {.size = 11.5, .colour = theme->dim, .align = FS_ALIGN_RIGHT};
    fs_chart_text_upwards(canvas, fs_rect_cut_left(&rect, UNIT), unit, &label);
    fs_rect_cut_left(&rect, TICKS);
    const fs_chart_frame f = {rect, low, high};
    const double step = fs_chart_step(high - low), first = ceil(low / step - 1e-9) * step;
    char text[40];
    for (int i = 0; i < MAX_TICKS && first + i * step <= high + step * 1e-6; i++) {
        const double value = first + i * step, y = rint(fs_chart_y(&f, value));
        fs_fill_rect(canvas, (fs_rect){rect.x, y - 0.5, rect.w, 1}, theme->line);
        fs_chart_number(value, step, text);
        fs_draw_text(canvas, (fs_rect){rect.x - TICKS, y - 9, TICKS - 8, 18}, text, &tick);
    }
    fs_fill_rect(canvas, (fs_rect){rect.x, rect.y + rect.h - 0.5, rect.w, 1}, theme->faint);
    return f;
}

void fs_chart_legend_entry(fs_canvas *canvas, fs_rect *strip, const char *name, fs_colour colour) {
    const fs_text_style style = {.size = 12, .colour = fs_canvas_theme(canvas)->dim};
    const double width = ceil(fs_text_width(canvas, name, &style)) + 2;
    if (strip->w < 40)
        return;
    const fs_rect square = fs_rect_cut_left(strip, 18);
    fs_fill_rect(canvas, (fs_rect){square.x, square.y + square.h / 2 - 6, 12, 12}, colour);
    fs_draw_text(canvas, fs_rect_cut_left(strip, fmin(width, strip->w)), name, &style);
    fs_rect_cut_left(strip, 20);
}
