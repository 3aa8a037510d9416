/* The overlay that names the keys. */
#include <math.h>

#include "ui/screen_private.h"

typedef struct help_line {
    const char *keys, *text;
} help_line;

static const help_line lines[] = {
    {"Tab", "switch between the layers and the wall"},
    {"\u2191 \u2193 \u2190 \u2192", "move the selection"},
    {"Page Up, Page Down", "move by a page"},
    {"Home, End", "first and last"},
    {"Enter or a click", "open the channel and let it grow"},
    {"\u2190 \u2192", "in a channel: the one before, the next"},
    {"E", "export the open channel as PNG"},
    {"Esc", "back; dismiss"},
    {"?", "show or hide these keys"},
    {"Q", "quit"},
};
enum { N_LINES = sizeof lines / sizeof lines[0] };

void fs_view_help(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    if (fs_ui_click(ui, FS_UI_ID(FS_ID_OVERLAY, 0), layout->window))
        screen->help = false;
    if (!fs_ui_drawing(ui))
        return;
    const fs_theme *theme = ui->theme;
    const double line_height = 30, w = 540, h = 28 + 40 + N_LINES * line_height + 44;
    fs_rect window = layout->window;
    fs_rect card = {floor((window.w - w) / 2), floor((window.h - h) / 2), w, h};
    fs_fill_rect(ui->canvas, window, theme->shade);
    fs_fill_rounded(ui->canvas, card, 10, theme->panel);
    fs_stroke_rounded(ui->canvas, card, 10, 1, theme->line);
    fs_rect inner = fs_rect_inset(card, 32, 0);
    fs_rect_cut_top(&inner, 24);
    fs_text_style title = {.size = 17, .colour = theme->text, .bold = true};
    fs_draw_text(ui->canvas, fs_rect_cut_top(&inner, 28), "Keys", &title);
    fs_rect_cut_top(&inner, 12);
    for (int i = 0; i < N_LINES; i++) {
        fs_rect row = fs_rect_cut_top(&inner, line_height);
        fs_text_style keys = {.size = 12.5, .colour = theme->accent};
        fs_text_style text = {.size = 13, .colour = theme->text};
        fs_draw_text(ui->canvas, fs_rect_cut_left(&row, 168), lines[i].keys, &keys);
        fs_draw_text(ui->canvas, row, lines[i].text, &text);
    }
    fs_rect_cut_top(&inner, 6);
    fs_text_style note = {.size = 12, .colour = theme->faint};
    fs_draw_text(ui->canvas, fs_rect_cut_top(&inner, 24),
                 "Drop another .onnx or .pb file on the window to look at it.", &note);
}
