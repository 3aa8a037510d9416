/* The parameters of the Gabor view: a slider each, the fitted values beside them, and what is done with all.
 */
#include <math.h>
#include <stdio.h>

#include "ui/screen_private.h"
#include "ui/widgets/button.h"
#include "ui/widgets/slider.h"

typedef struct slider_look {
    const char *symbol, *name, *unit;
    double factor; /* from the parameter's unit to what is shown */
    int digits;
    bool logarithmic;
} slider_look;

static const slider_look looks[FS_GABOR_PARAMETERS] = {
    [FS_GABOR_LAMBDA] = {"\u03bb", "wavelength", " px", 1, 2, true},
    [FS_GABOR_THETA] = {"\u03b8", "orientation", "\u00b0", 180 / M_PI, 1, false},
    [FS_GABOR_PSI] = {"\u03c8", "phase", "\u00b0", 180 / M_PI, 1, false},
    [FS_GABOR_SIGMA] = {"\u03c3", "width", " px", 1, 2, true},
    [FS_GABOR_GAMMA] = {"\u03b3", "aspect", "", 1, 2, true},
    [FS_GABOR_X0] = {"x\u2080", "centre", " px", 1, 2, false},
    [FS_GABOR_Y0] = {"y\u2080", "centre", " px", 1, 2, false},
    [FS_GABOR_AMPLITUDE] = {"A", "amplitude", "", 1, 3, false},
    [FS_GABOR_OFFSET] = {"c", "offset", "", 1, 3, false},
};

/* The columns of a row. */
typedef struct columns {
    fs_rect label, slider, value, fit;
} columns;

static columns columns_of(fs_rect row) {
    columns c;
    c.label = fs_rect_cut_left(&row, 94);
    c.fit = fs_rect_cut_right(&row, fmax(112, fmin(160, row.w * 0.38)));
    c.value = fs_rect_cut_right(&row, 64);
    fs_rect_cut_right(&row, 6);
    c.slider = row;
    return c;
}

static bool is_solved(int parameter) {
    return parameter == FS_GABOR_AMPLITUDE || parameter == FS_GABOR_OFFSET;
}

static double shown_value(const fs_gabor_view *view, int parameter) {
    if (parameter == FS_GABOR_AMPLITUDE)
        return view->score.amplitude;
    if (parameter == FS_GABOR_OFFSET)
        return view->score.offset;
    return looks[parameter].factor * fs_gabor_get(&view->hand, (fs_gabor_parameter)parameter);
}

static void draw_head(fs_ui *ui, fs_rect row) {
    const columns c = columns_of(row);
    fs_text_style style = {.size = 11, .colour = ui->theme->faint};
    fs_draw_text(ui->canvas, c.label, "Gabor function", &style);
    style.align = FS_ALIGN_RIGHT;
    fs_draw_text(ui->canvas, c.value, "by hand", &style);
    fs_draw_text(ui->canvas, c.fit, "fit \u00b1 error", &style);
}

static void draw_row(const fs_screen *screen, const columns *c, int parameter) {
    const fs_ui *ui = &screen->ui;
    const slider_look *look = &looks[parameter];
    const fs_gabor_fit *fit = &fs_screen_kernel(screen)->fit;
    const double fitted = look->factor * fs_gabor_get(&fit->gabor, (fs_gabor_parameter)parameter);
    const double error = look->factor * fit->stderror[parameter];
    fs_text_style style = {.size = 12, .colour = ui->theme->text, .bold = true};
    char text[64];
    fs_rect label = c->label;
    fs_draw_text(ui->canvas, fs_rect_cut_left(&label, 20), look->symbol, &style);
    style = (fs_text_style){.size = 12, .colour = ui->theme->dim};
    fs_draw_text(ui->canvas, label, look->name, &style);
    style.align = FS_ALIGN_RIGHT;
    if (isfinite(error))
        snprintf(text, sizeof text, "%.*f \u00b1 %.*f%s", look->digits, fitted, look->digits, error,
                 look->unit);
    else
        snprintf(text, sizeof text, "%.*f%s \u00b1 \u2013", look->digits, fitted,
                 look->unit); /* at a bound */
    fs_draw_text(ui->canvas, c->fit, text, &style);
    snprintf(text, sizeof text, "%.*f%s", look->digits, shown_value(&screen->gabor, parameter), look->unit);
    style.colour = ui->theme->text;
    fs_draw_text(ui->canvas, c->value, text, &style);
    style = (fs_text_style){.size = 11, .colour = ui->theme->faint};
    if (is_solved(parameter))
        fs_draw_text(ui->canvas, c->slider, "solved", &style);
}

static void slider(fs_screen *screen, fs_rect rect, fs_gabor_parameter parameter) {
    const fs_kernels *kernels = &screen->gabor.study->kernels;
    const slider_look *look = &looks[parameter];
    const fs_gabor_range bounds = fs_gabor_range_of(parameter, kernels->height, kernels->width);
    const fs_slider_range range = {.low = look->factor * bounds.low,
                                   .high = look->factor * bounds.high,
                                   .logarithmic = look->logarithmic};
    double value = shown_value(&screen->gabor, parameter);
    const fs_slider_result result =
        fs_ui_slider(&screen->ui, FS_UI_ID(FS_ID_GABOR, parameter), rect, &range, &value);
    if (result != FS_SLIDER_STILL)
        fs_screen_move_gabor(screen, parameter, value / look->factor, result == FS_SLIDER_SETTLED);
}

static void draw_score(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const double fit = fs_screen_kernel(screen)->fit.r2, hand = screen->gabor.score.r2;
    fs_text_style style = {.size = 15, .colour = ui->theme->text, .bold = true, .align = FS_ALIGN_RIGHT};
    char text[64];
    snprintf(text, sizeof text, "R\u00b2 %.3f", hand);
    fs_rect right = fs_rect_cut_right(&rect, 88);
    fs_draw_text(ui->canvas, right, text, &style);
    if (rect.w < 60)
        return; /* the title has it */
    snprintf(text, sizeof text, "fit %.3f", fit);
    style = (fs_text_style){.size = 12, .colour = ui->theme->dim, .align = FS_ALIGN_RIGHT};
    fs_draw_text(ui->canvas, rect, text, &style);
}

static void buttons(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_ui_button_text snap = {.label = "Snap",
                              .key = "S",
                              .disabled = fs_screen_gabor_is_fit(screen),
                              .tip = "Set the sliders to the fitted function (S)"};
    fs_ui_button_text undo = {.label = "Undo",
                              .key = "Ctrl Z",
                              .disabled = screen->gabor.n_undo == 0,
                              .tip = "Take back a movement of a slider"};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_SNAP), fs_rect_cut_left(&rect, 76), &snap))
        fs_screen_snap_gabor(screen);
    fs_rect_cut_left(&rect, 8);
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_UNDO), fs_rect_cut_left(&rect, 100), &undo))
        fs_screen_undo_gabor(screen);
    fs_rect_cut_left(&rect, 8);
    const fs_ui_button_text replace = {.label = "Replace",
                                       .key = "U",
                                       .primary = screen->gabor.substitute.open,
                                       .disabled = !fs_screen_can_substitute(screen)};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_GABOR, FS_GABOR_REPLACE), fs_rect_cut_left(&rect, 94), &replace))
        fs_screen_toggle_substitute(screen);
    fs_rect_cut_left(&rect, 8);
    if (fs_ui_drawing(ui))
        draw_score(screen, rect);
}

void fs_view_gabor_sliders(fs_screen *screen, const fs_gabor_layout *parts) {
    if (screen->gabor.substitute.open) {
        fs_view_substitute(screen, parts->sliders);
        buttons(screen, parts->buttons);
        return;
    }
    fs_rect rest = parts->sliders;
    fs_rect head = fs_rect_cut_top(&rest, FS_LAYOUT_SLIDER_HEAD);
    if (fs_ui_drawing(&screen->ui))
        draw_head(&screen->ui, head);
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
        const columns c = columns_of(fs_rect_cut_top(&rest, parts->row));
        if (!is_solved(p))
            slider(screen, c.slider, (fs_gabor_parameter)p);
        if (fs_ui_drawing(&screen->ui))
            draw_row(screen, &c, p);
    }
    buttons(screen, parts->buttons);
}
