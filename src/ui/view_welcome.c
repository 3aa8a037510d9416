/* What is shown before there is a model: how to give one, or that one is on its way. */
#include <math.h>
#include <stdio.h>

#include "ui/screen_private.h"

static void draw_frame(fs_ui *ui, fs_rect card) {
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    const double dashes[] = {6, 6};
    cairo_set_dash(cr, dashes, 2, 0);
    fs_stroke_rounded(ui->canvas, card, 10, 1.5, ui->theme->line);
    cairo_set_dash(cr, NULL, 0, 0);
}

void fs_view_welcome(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    if (!fs_ui_drawing(ui))
        return;
    fs_rect body = layout->body;
    double w = fmin(520, body.w - 40), h = 220;
    fs_rect card = {floor(body.x + (body.w - w) / 2), floor(body.y + (body.h - h) / 2), w, h};
    fs_rect inner = fs_rect_inset(card, 28, 0);
    fs_text_style title = {.size = 20, .colour = ui->theme->text, .align = FS_ALIGN_CENTRE, .bold = true};
    fs_text_style plain = {.size = 13, .colour = ui->theme->dim, .align = FS_ALIGN_CENTRE, .wrap = true};
    char text[FS_OPTION_TEXT_SIZE + 32];
    if (screen->loading != 0) {
        snprintf(text, sizeof text, "Loading %s \u2026", screen->loading_name);
        title.cut_middle = true;
        fs_draw_text(ui->canvas, inner, text, &title);
        return;
    }
    draw_frame(ui, card);
    fs_rect_cut_top(&inner, 52);
    fs_draw_text(ui->canvas, fs_rect_cut_top(&inner, 30), "Drop a model here", &title);
    fs_rect_cut_top(&inner, 12);
    fs_draw_text(
        ui->canvas, fs_rect_cut_top(&inner, 52),
        "An .onnx or .pb file of a convolutional network. Every layer is shown by the pictures that excite "
        "its channels most.",
        &plain);
    fs_rect_cut_top(&inner, 12);
    plain.colour = ui->theme->faint;
    plain.mono = true;
    plain.size = 12.5;
    fs_draw_text(ui->canvas, inner, "filterscope MODEL.onnx", &plain);
}
