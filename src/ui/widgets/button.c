#include "ui/widgets/button.h"

#include <math.h>

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
    if (text->icon != NULL) {
        text->icon(ui, rect, ink);
        return;
    }
    fs_rect inner = fs_rect_inset(rect, fmin(12, rect.w * 0.12), 0);
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
        fs_ui_draw_focus(ui, id, rect);
        if (text->tip != NULL)
            fs_ui_tip(ui, id, rect, text->tip);
        return false;
    }
    bool clicked = fs_ui_click(ui, id, rect);
    if (text->tip != NULL)
        fs_ui_tip(ui, id, rect, text->tip);
    if (text->disabled)
        return false;
    bool pressed =
        fs_ui_focusable(ui, id, rect) && (fs_ui_take_key(ui, FS_KEY_ENTER) || fs_ui_take_text(ui, " "));
    return clicked || pressed;
}

static void draw_mark(fs_ui *ui, fs_rect box, bool on) {
    fs_fill_rounded(ui->canvas, box, 4, on ? ui->theme->accent : ui->theme->raised);
    if (!on) {
        fs_stroke_rounded(ui->canvas, box, 4, 1, ui->theme->faint);
        return;
    }
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_new_path(cr);
    cairo_move_to(cr, box.x + box.w * 0.24, box.y + box.h * 0.52);
    cairo_line_to(cr, box.x + box.w * 0.43, box.y + box.h * 0.71);
    cairo_line_to(cr, box.x + box.w * 0.77, box.y + box.h * 0.31);
    fs_set_colour(cr, ui->theme->on_accent);
    cairo_set_line_width(cr, 1.8);
    cairo_stroke(cr);
}

bool fs_ui_toggle(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *label, bool *on) {
    const double side = 16;
    if (fs_ui_drawing(ui)) {
        fs_rect rest = rect, box = fs_rect_cut_left(&rest, side);
        box.y += floor((rect.h - side) / 2);
        box.h = side;
        draw_mark(ui, box, *on);
        fs_rect_cut_left(&rest, 8);
        fs_text_style style = {.size = 12.5, .colour = ui->theme->dim};
        fs_draw_text(ui->canvas, rest, label, &style);
        fs_ui_draw_focus(ui, id, rect);
        return false;
    }
    bool changed = fs_ui_click(ui, id, rect);
    if (fs_ui_focusable(ui, id, rect))
        changed |= fs_ui_take_key(ui, FS_KEY_ENTER) || fs_ui_take_text(ui, " ");
    if (changed)
        *on = !*on;
    return changed;
}
