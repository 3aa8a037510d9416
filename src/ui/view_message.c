/* The message bar below the body: one line that can be dismissed; an error also opened, with what it happened
 * to. */
#include <math.h>
#include <stdio.h>

#include "ui/screen_private.h"
#include "ui/widgets/button.h"

enum { DETAILS_SIZE = FS_ERROR_MESSAGE_SIZE + 2 * FS_OPTION_TEXT_SIZE };
static const double margin = 20, close_width = 40, details_width = 84;

static void details_text(const fs_screen *screen, char text[DETAILS_SIZE]) {
    const fs_model *model = screen->model != NULL ? screen->model->model : NULL;
    snprintf(text, DETAILS_SIZE, "%s\n\nModel: %.900s\nLayer: %.200s\nfilterscope %s", screen->message.text,
             model != NULL ? model->path : "none", model != NULL ? fs_screen_layer(screen)->name : "none",
             FS_VERSION);
}

/* Above the bar, over what is there. */
static void details(fs_screen *screen, fs_rect bar) {
    fs_ui *ui = &screen->ui;
    char text[DETAILS_SIZE];
    const double pad = 16, button = 84, button_height = 28;
    fs_text_style style = {.size = 12.5, .colour = ui->theme->on_error, .wrap = true};
    details_text(screen, text);
    const double width = bar.w - 2 * margin - button - pad;
    double height = fs_text_height(ui->measure, text, width, &style) + 2 * pad;
    height = fmin(ceil(height), bar.y);
    fs_rect card = {bar.x, bar.y - height, bar.w, height};
    (void)fs_ui_click(ui, FS_UI_ID(FS_ID_OVERLAY, 2), card); /* nothing behind it takes the pointer */
    if (fs_ui_drawing(ui)) {
        fs_fill_rect(ui->canvas, card, ui->theme->error);
        fs_draw_text(ui->canvas, (fs_rect){card.x + margin, card.y + pad, width, height - 2 * pad}, text,
                     &style);
    }
    static const fs_ui_button_text copy = {.label = "Copy", .tip = "Copy all of this text"};
    const fs_rect place = {card.x + card.w - margin - button, card.y + pad, button, button_height};
    if (fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_COPY_DETAILS), place, &copy) &&
        ui->clipboard.write != NULL)
        ui->clipboard.write(ui->clipboard.context, text);
}

static void draw_bar(fs_screen *screen, fs_rect rect, fs_rect text, fs_rect close) {
    fs_ui *ui = &screen->ui;
    const fs_theme *theme = ui->theme;
    const bool error = screen->message.is_error;
    fs_text_style style = {.size = 12.5, .colour = error ? theme->on_error : theme->text, .cut_middle = true};
    fs_fill_rect(ui->canvas, rect, error ? theme->error : theme->notice);
    fs_draw_text(ui->canvas, text, screen->message.text, &style);
    style.align = FS_ALIGN_CENTRE;
    style.size = 16;
    style.colour.a = fs_ui_hot(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_DISMISS)) ? 1 : 0.7;
    fs_draw_text(ui->canvas, close, "\u00d7", &style);
}

void fs_view_message(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_ui_id dismiss = FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_DISMISS);
    fs_rect rest = rect, close = fs_rect_cut_right(&rest, close_width), more = {0};
    if (screen->message.is_error)
        more = fs_rect_inset(fs_rect_cut_right(&rest, details_width), 0, 5);
    fs_rect_cut_left(&rest, margin);
    fs_rect_cut_right(&rest, 8);
    if (fs_ui_drawing(ui))
        draw_bar(screen, rect, rest, close);
    const fs_ui_button_text text = {.label = screen->message.expanded ? "Less" : "Details",
                                    .tip = "The whole message, and what it happened to"};
    if (screen->message.is_error && fs_ui_button(ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_DETAILS), more, &text))
        screen->message.expanded = !screen->message.expanded;
    if (screen->message.expanded)
        details(screen, rect);
    fs_ui_tip(ui, dismiss, close, "Dismiss (Esc)");
    if (fs_ui_click(ui, dismiss, close))
        screen->message.shown = screen->message.expanded = false;
}
