/* The overlay that names the keys. */
#include <math.h>

#include "ui/screen_private.h"

typedef struct help_line {
    const char *keys, *text;
} help_line;

static const help_line everywhere[] = {
    {"Tab", "layers or wall; in a view the next control"},
    {"\u2191 \u2193 \u2190 \u2192", "move; in a channel the one before, the next"},
    {"Page Up, Page Down", "move by a page"},
    {"Home, End", "first and last"},
    {"G", "Gabor functions of the first convolution"},
    {"F", "fine-tune the network on pictures of your own"},
    {"I", "the network on a picture of your own"},
    {"M or F10", "menu: exports, files opened lately"},
    {"Ctrl T", "light or dark"},
    {"Ctrl +, Ctrl \u2212, Ctrl 0", "larger, smaller, the usual size"},
    {"F5", "class mode: a tour, full screen"},
    {"Ctrl S, Ctrl O", "save the session, restore it"},
    {"/ or Ctrl F", "search layers, channels, concepts"},
    {"Backspace", "back to where a search or a weight led from"},
    {"Esc", "back; dismiss"},
    {"?", "show or hide these keys"},
    {"Q", "quit"},
    {NULL, NULL},
};

static const help_line on_wall[] = {
    {"Enter or a click", "open the channel and let it grow"},
    {"+ -", "larger and smaller tiles; 0 as they were"},
    {"Ctrl and the wheel", "the same, around the pointer"},
    {"the wheel, or drag", "move the wall"},
    {"the pointer on a tile", "what its channel answers to"},
    {"E in a channel", "export it as PNG"},
    {NULL, NULL},
};

static const help_line in_channel[] = {
    {"E", "export the picture as PNG"},
    {"/", "edit the objective; Enter renders it"},
    {"1 to 7", "render, variants, examples, tuning, attribution, activations, weights"},
    {"Space", "pause and continue"},
    {"R", "begin again"},
    {"Ctrl Z", "take back a change of the settings"},
    {"Ctrl C", "copy the command that makes the picture"},
    {"Ctrl Shift C", "copy the picture"},
    {"\u2190 \u2192 on a slider", "a little less, a little more"},
    {"Enter on an example", "use it for attribution, activations"},
    {NULL, NULL},
};

static const help_line in_gabor[] = {
    {"\u2191 \u2193 \u2190 \u2192", "the next kernel; on the half disk the next orientation"},
    {"Tab", "kernels, half disk, sliders, buttons"},
    {"\u2190 \u2192 on a slider", "a little less, a little more"},
    {"S", "snap to the fit"},
    {"U", "the Gabor instead of the kernel, on a picture"},
    {"A", "then: all kernels, or this one"},
    {", .", "then: another picture"},
    {"E", "export the kernel's card and all parameters"},
    {"Ctrl Z", "take back a movement of a slider"},
    {"a click on a point", "its kernel"},
    {"G or Esc", "back to the wall"},
    {NULL, NULL},
};

static const help_line in_finetune[] = {
    {"/", "edit the folder of pictures; or drop one"},
    {"Space", "begin, pause, continue"},
    {"N", "one epoch, then pause"},
    {"X", "stop; the best epoch so far is kept"},
    {"U or Ctrl Z", "take back an epoch"},
    {"S", "save the best epoch as ONNX"},
    {"1 to 4", "recipe, filters, CKA, kernels"},
    {"Enter on a layer", "freeze or unfreeze it; on a level all of it"},
    {"Tab", "the next control"},
    {"F or Esc", "back to the wall; the training goes on"},
    {NULL, NULL},
};

static const help_line in_picture[] = {
    {"/ or Ctrl V", "type the path of a picture; paste a picture, or a path"},
    {"a click or Enter", "the channels that answer strongest at that place"},
    {"a drag or Space", "cover the picture; the predictions follow"},
    {"\u2191 \u2193 \u2190 \u2192", "move the place; with Shift by a pixel"},
    {"+ and \u2212", "a larger, a smaller brush"},
    {"U or Ctrl Z", "take back a stroke"},
    {"C or Delete", "clear all strokes"},
    {"O", "the next overlay; Enter on a class explains that one"},
    {"L", "keep the explained class, or follow the likeliest"},
    {"N and P", "the next layer, the one before"},
    {"1 to 3", "maps, place, files"},
    {"I or Esc", "back to the wall"},
    {NULL, NULL},
};

static const double keys_width = 150, most_gap = 13, least_gap = 3, head_height = 40, frame = 2 * 20 + 24;

/* Draws where `really`; returns the height either way. The lines stand `gap` apart. */
static double show_lines(fs_ui *ui, fs_rect column, const char *title, const help_line *lines, double gap,
                         bool really) {
    fs_text_style head = {.size = 15, .colour = ui->theme->text, .bold = true};
    fs_text_style keys = {.size = 13, .colour = ui->theme->accent, .wrap = true};
    fs_text_style text = {.size = 13, .colour = ui->theme->text, .wrap = true};
    double top = column.y;
    if (really)
        fs_draw_text(ui->canvas, (fs_rect){column.x, top, column.w, 24}, title, &head);
    column.y += head_height;
    for (; lines->keys != NULL; lines++) {
        double width = column.w - keys_width;
        double height = ceil(fs_text_height(ui->canvas, lines->text, width, &text));
        if (really) {
            fs_draw_text(ui->canvas, (fs_rect){column.x, column.y, keys_width, height}, lines->keys, &keys);
            fs_draw_text(ui->canvas, (fs_rect){column.x + keys_width, column.y, width, height}, lines->text,
                         &text);
        }
        column.y += height + gap;
    }
    return column.y - top;
}

void fs_view_help(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    if (fs_ui_click(ui, FS_UI_ID(FS_ID_OVERLAY, 0), layout->window))
        screen->help = false;
    if (!fs_ui_drawing(ui))
        return;
    const fs_theme *theme = ui->theme;
    const help_line *lines = screen->gabor.open      ? in_gabor
                             : screen->finetune.open ? in_finetune
                             : screen->picture.open  ? in_picture
                             : screen->view.open     ? in_channel
                                                     : on_wall;
    const char *title = screen->gabor.open      ? "In the Gabor view"
                        : screen->finetune.open ? "In the fine-tune view"
                        : screen->picture.open  ? "In the Picture view"
                        : screen->view.open     ? "In a channel"
                                                : "On the wall";
    const double w = 864, column = (w - 2 * 28 - 24) / 2;
    fs_rect window = layout->window, left = {0, 0, column, 0}, right = left;
    double gap = most_gap, height;
    do { /* as far apart as there is room for in the window */
        height = fmax(show_lines(ui, left, "Keys", everywhere, gap, false),
                      show_lines(ui, right, title, lines, gap, false));
    } while (height + frame > window.h - 16 && --gap > least_gap);
    const double h = height + frame;
    fs_rect card = {floor((window.w - w) / 2), floor((window.h - h) / 2), w, h};
    fs_fill_rect(ui->canvas, window, theme->shade);
    fs_fill_rounded(ui->canvas, card, 10, theme->panel);
    fs_stroke_rounded(ui->canvas, card, 10, 1, theme->line);
    fs_rect inner = fs_rect_inset(card, 28, 20);
    left.x = inner.x;
    right.x = inner.x + column + 24;
    left.y = right.y = inner.y;
    (void)show_lines(ui, left, "Keys", everywhere, gap, true);
    (void)show_lines(ui, right, title, lines, gap, true);
    fs_text_style note = {.size = 12, .colour = theme->faint};
    fs_draw_text(ui->canvas, fs_rect_cut_bottom(&inner, 20),
                 "Drop on the window: another .onnx or .pb file, a session, a folder of photographs, or one "
                 "photograph.",
                 &note);
}
