#include "ui/ui.h"

#include <math.h>
#include <string.h>

static const double wheel_step = 72; /* pixels a notch */
static const double min_thumb = 32;  /* shortest handle of a scroll bar */

void fs_ui_begin_input(fs_ui *ui, const fs_ui_input *input) {
    ui->canvas = NULL;
    ui->input = *input;
    ui->next_hot = 0;
    ui->blocked = false;
}

bool fs_ui_end_input(fs_ui *ui) {
    bool changed = ui->hot != ui->next_hot || ui->input.pressed || ui->input.released;
    ui->hot = ui->next_hot;
    if (ui->input.released || !ui->input.held)
        ui->active = 0;
    return changed;
}

void fs_ui_begin_draw(fs_ui *ui, fs_canvas *canvas) {
    memset(&ui->input, 0, sizeof ui->input);
    ui->input.x = ui->input.y = -1;
    ui->canvas = canvas;
    ui->blocked = false;
}

bool fs_ui_click(fs_ui *ui, fs_ui_id id, fs_rect rect) {
    if (fs_ui_drawing(ui) || ui->blocked || !fs_rect_contains(rect, ui->input.x, ui->input.y))
        return false;
    ui->next_hot = id;
    if (ui->input.pressed)
        ui->active = id;
    return ui->input.released && ui->active == id;
}

static void draw_button(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_ui_button_text *text) {
    const fs_theme *theme = ui->theme;
    bool hot = fs_ui_hot(ui, id) && !text->disabled;
    fs_colour fill = text->primary ? theme->accent : hot ? theme->line : theme->raised;
    fs_colour ink = text->primary ? theme->on_accent : theme->text;
    if (text->disabled) {
        fill = theme->panel;
        ink = theme->faint;
    } else if (text->primary && !hot) {
        fill.a = 0.92;
    }
    fs_fill_rounded(ui->canvas, rect, 5, fill);
    fs_rect inner = fs_rect_inset(rect, 12, 0);
    if (text->key != NULL) {
        fs_text_style style = {.size = 11.5, .colour = ink, .align = FS_ALIGN_RIGHT};
        style.colour.a = 0.75;
        double width = ceil(fs_text_width(ui->canvas, text->key, &style)) + 1;
        fs_draw_text(ui->canvas, fs_rect_cut_right(&inner, width), text->key, &style);
    }
    fs_text_style style = {.size = 13, .colour = ink, .bold = text->primary};
    style.align = text->key != NULL ? FS_ALIGN_LEFT : FS_ALIGN_CENTRE;
    fs_draw_text(ui->canvas, inner, text->label, &style);
}

bool fs_ui_button(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_ui_button_text *text) {
    if (fs_ui_drawing(ui)) {
        draw_button(ui, id, rect, text);
        return false;
    }
    return fs_ui_click(ui, id, rect) && !text->disabled;
}

static double clamp(double value, double low, double high) {
    return fmax(low, fmin(high, value));
}

void fs_ui_scroll(fs_ui *ui, fs_ui_id id, fs_rect view, double content_height, double *offset) {
    double range = fmax(0, content_height - view.h);
    if (!fs_ui_drawing(ui) && !ui->blocked && fs_rect_contains(view, ui->input.x, ui->input.y))
        *offset -= ui->input.wheel * wheel_step;
    *offset = clamp(*offset, 0, range);
    if (range <= 0)
        return;
    fs_rect track = {view.x + view.w - FS_UI_SCROLL_BAR, view.y, FS_UI_SCROLL_BAR, view.h};
    double length = fmax(min_thumb, view.h * view.h / content_height);
    double travel = view.h - length;
    fs_rect handle = {track.x + 3, track.y + travel * *offset / range, track.w - 5, length};
    if (fs_ui_drawing(ui)) {
        bool lit = ui->hot == id || ui->active == id;
        fs_fill_rounded(ui->canvas, fs_rect_inset(handle, 0, 2), 3, lit ? ui->theme->faint : ui->theme->line);
        return;
    }
    (void)fs_ui_click(ui, id, track);
    if (ui->active != id)
        return;
    ui->next_hot = id;
    if (ui->input.pressed) {
        bool on_handle = ui->input.y >= handle.y && ui->input.y < handle.y + handle.h;
        ui->grab = on_handle ? ui->input.y - handle.y : length / 2;
    }
    if (travel > 0)
        *offset = clamp((ui->input.y - ui->grab - track.y) / travel * range, 0, range);
}
