#include "ui/ui.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double guessed_width = 0.6; /* of a letter, as a share of the font's size */

/* Whoever had the keyboard, the next one gets it; -1: the one before. From nobody to the first or the last.
 */
static void move_focus(fs_ui *ui, int step) {
    int at = step > 0 ? -1 : ui->n_order;
    for (int i = 0; i < ui->n_order; i++)
        if (ui->order[i] == ui->focus)
            at = i;
    at += step;
    ui->focus = at >= 0 && at < ui->n_order ? ui->order[at] : ui->order[step > 0 ? 0 : ui->n_order - 1];
    ui->focus_by_key = true;
}

static bool is_in_order(const fs_ui *ui, fs_ui_id id) {
    for (int i = 0; i < ui->n_order; i++)
        if (ui->order[i] == id)
            return true;
    return false;
}

static void take_tab(fs_ui *ui) {
    if (ui->n_order > 0 && fs_ui_take_key(ui, FS_KEY_TAB))
        move_focus(ui, 1);
    else if (ui->n_order > 0 && fs_ui_take_key(ui, FS_KEY_BACK_TAB))
        move_focus(ui, -1);
}

void fs_ui_begin_input(fs_ui *ui, const fs_ui_input *input) {
    ui->canvas = NULL;
    ui->input = *input;
    ui->next_hot = 0;
    ui->tip.next_offered = false;
    ui->blocked = ui->clipped = false;
    /* A view that has just come gave the keyboard to a widget that the order does not know yet: then Tab
     * waits until the view has been through it. */
    if (ui->focus == 0 || is_in_order(ui, ui->focus))
        take_tab(ui);
    if (ui->input.pressed)
        ui->focus = 0; /* the widget under the pointer takes it */
    ui->n_order = 0;
}

/* True when one has come or gone. */
static bool settle_tip(fs_ui *ui) {
    const bool was_due = ui->tip.due;
    ui->tip.now = ui->input.seconds;
    if (ui->hot != ui->next_hot) {
        ui->tip.since = ui->input.seconds;
        ui->tip.dismissed = false;
    }
    ui->tip.dismissed |= ui->input.pressed || ui->input.n_keys > 0;
    ui->tip.offered = ui->tip.next_offered;
    ui->tip.due = ui->tip.offered && !ui->tip.dismissed && ui->hot == ui->next_hot &&
                  ui->input.seconds - ui->tip.since >= FS_UI_TIP_DELAY;
    return ui->tip.due != was_due;
}

bool fs_ui_end_input(fs_ui *ui) {
    bool changed = ui->hot != ui->next_hot || ui->input.pressed || ui->input.released;
    changed |= settle_tip(ui);
    ui->hot = ui->next_hot;
    if (ui->input.released || !ui->input.held)
        ui->active = 0;
    if (!is_in_order(ui, ui->focus))
        ui->focus = 0; /* it is not there any more */
    take_tab(ui);
    return changed;
}

void fs_ui_begin_draw(fs_ui *ui, fs_canvas *canvas) {
    memset(&ui->input, 0, sizeof ui->input);
    ui->input.x = ui->input.y = -1;
    ui->canvas = canvas;
    ui->tip.text[0] = '\0';
    ui->card = (fs_rect){0};
    ui->blocked = ui->clipped = false;
}

bool fs_ui_click(fs_ui *ui, fs_ui_id id, fs_rect rect) {
    if (fs_ui_drawing(ui) || ui->blocked || !fs_rect_contains(rect, ui->input.x, ui->input.y) ||
        (ui->clipped && !fs_rect_contains(ui->clip, ui->input.x, ui->input.y)))
        return false;
    ui->next_hot = id;
    if (ui->input.pressed)
        ui->active = id;
    return ui->input.released && ui->active == id;
}

bool fs_ui_focusable(fs_ui *ui, fs_ui_id id, fs_rect rect) {
    if (ui->blocked || ui->no_focus)
        return false;
    if (fs_ui_drawing(ui))
        return ui->focus == id;
    if (ui->n_order < FS_UI_MAX_FOCUS)
        ui->order[ui->n_order++] = id;
    bool inside = fs_rect_contains(rect, ui->input.x, ui->input.y) &&
                  (!ui->clipped || fs_rect_contains(ui->clip, ui->input.x, ui->input.y));
    if (ui->input.pressed && inside) {
        ui->focus = id;
        ui->focus_by_key = false;
    }
    return ui->focus == id;
}

void fs_ui_give_focus(fs_ui *ui, fs_ui_id id) {
    ui->focus = id;
    ui->focus_by_key = true;
}

bool fs_ui_take_key(fs_ui *ui, fs_key key) {
    for (int i = 0; i < ui->input.n_keys; i++) {
        if (ui->input.keys[i] != key)
            continue;
        int after = --ui->input.n_keys - i;
        memmove(&ui->input.keys[i], &ui->input.keys[i + 1], (size_t)after * sizeof ui->input.keys[0]);
        return true;
    }
    return false;
}

bool fs_ui_take_text(fs_ui *ui, const char *text) {
    if (strcmp(ui->input.text, text) != 0)
        return false;
    ui->input.text[0] = '\0';
    return true;
}

void fs_ui_draw_focus(fs_ui *ui, fs_ui_id id, fs_rect rect) {
    if (fs_ui_drawing(ui) && ui->focus == id && ui->focus_by_key && !ui->blocked)
        fs_stroke_rounded(ui->canvas, fs_rect_inset(rect, -2, -2), 6, 1.5, ui->theme->accent);
}

void fs_ui_tip(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *text) {
    if (!fs_ui_drawing(ui)) {
        ui->tip.next_offered |= ui->next_hot == id;
        return;
    }
    if (!ui->tip.due || ui->hot != id || ui->blocked)
        return;
    snprintf(ui->tip.text, sizeof ui->tip.text, "%s", text);
    ui->tip.rect = rect;
}

double fs_ui_tip_wait(const fs_ui *ui) {
    if (!ui->tip.offered || ui->tip.due || ui->tip.dismissed)
        return -1;
    double left = ui->tip.since + FS_UI_TIP_DELAY - ui->tip.now;
    return left > 0 ? left : 0;
}

void fs_ui_begin_clip(fs_ui *ui, fs_rect rect) {
    ui->clipped = true;
    ui->clip = rect;
    if (!fs_ui_drawing(ui))
        return;
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    cairo_save(cr);
    cairo_rectangle(cr, rect.x, rect.y, rect.w, rect.h);
    cairo_clip(cr);
}

void fs_ui_end_clip(fs_ui *ui) {
    ui->clipped = false;
    if (fs_ui_drawing(ui))
        cairo_restore(fs_canvas_cairo(ui->canvas));
}

double fs_ui_text_width(const fs_ui *ui, const char *text, const fs_text_style *style) {
    return ui->measure != NULL ? fs_text_width(ui->measure, text, style)
                               : guessed_width * style->size * (double)strlen(text);
}
