#include "ui/widgets/curve.h"

#include <math.h>

void fs_curve_add(fs_curve *curve, int step, double value) {
    if (!isfinite(value))
        return;
    if (curve->n == FS_CURVE_POINTS) {
        for (int i = 0; i < FS_CURVE_POINTS / 2; i++) {
            curve->step[i] = curve->step[2 * i];
            curve->value[i] = curve->value[2 * i];
        }
        curve->n = FS_CURVE_POINTS / 2;
    }
    curve->step[curve->n] = (float)step;
    curve->value[curve->n++] = (float)value;
}

void fs_ui_curve(fs_ui *ui, fs_rect rect, const fs_curve *curve, int steps) {
    if (!fs_ui_drawing(ui))
        return;
    fs_fill_rounded(ui->canvas, rect, 4, ui->theme->panel);
    if (curve->n < 2 || steps < 1)
        return;
    float low = curve->value[0], high = curve->value[0];
    for (int i = 1; i < curve->n; i++) {
        low = fminf(low, curve->value[i]);
        high = fmaxf(high, curve->value[i]);
    }
    fs_rect plot = fs_rect_inset(rect, 8, 10);
    double range = high > low ? (double)high - low : 1;
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_new_path(cr);
    for (int i = 0; i < curve->n; i++)
        cairo_line_to(cr, plot.x + plot.w * fmin(1, curve->step[i] / (double)steps),
                      plot.y + plot.h * (1 - (curve->value[i] - low) / range));
    fs_set_colour(cr, ui->theme->accent);
    cairo_set_line_width(cr, 1.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(cr);
}
