/* What is shown before there is a model: how to give one, or that one is on its way. */
#include <math.h>
#include <stdio.h>

#include "ui/screen_private.h"

static const double row = 28;

static void draw_frame(fs_ui *ui, fs_rect card) {
    cairo_t *cr = fs_canvas_cairo(ui->canvas);
    const double dashes[] = {6, 6};
    cairo_set_dash(cr, dashes, 2, 0);
    fs_stroke_rounded(ui->canvas, card, 10, 1.5, ui->theme->line);
    cairo_set_dash(cr, NULL, 0, 0);
}

static void draw_card(fs_ui *ui, fs_rect card) {
    fs_rect inner = fs_rect_inset(card, 28, 0);
    fs_text_style title = {.size = 20, .colour = ui->theme->text, .align = FS_ALIGN_CENTRE, .bold = true};
    fs_text_style plain = {.size = 13, .colour = ui->theme->dim, .align = FS_ALIGN_CENTRE, .wrap = true};
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

static void draw_loading(const fs_screen *screen, fs_rect card) {
    const fs_ui *ui = &screen->ui;
    char text[FS_OPTION_TEXT_SIZE + 32];
    fs_text_style title = {.size = 20, .colour = ui->theme->text, .align = FS_ALIGN_CENTRE, .bold = true};
    title.cut_middle = true;
    snprintf(text, sizeof text, "Loading %s \u2026", screen->loading_name);
    fs_draw_text(ui->canvas, fs_rect_inset(card, 28, 0), text, &title);
}

/* As many as there is room for. */
static void recent_models(fs_screen *screen, fs_rect rect) {
    const fs_recent *recent = &screen->preferences.models;
    fs_text_style head = {.size = 11, .colour = screen->ui.theme->faint, .bold = true, .spacing = 1.2};
    int chosen = -1;
    fs_rect title = fs_rect_cut_top(&rect, 26);
    if (fs_ui_drawing(&screen->ui) && recent->n > 0)
        fs_draw_text(screen->ui.canvas, fs_rect_inset(title, 8, 0), "MODELS OPENED LATELY", &head);
    for (int i = 0; i < recent->n && rect.h >= row; i++)
        if (fs_view_recent(screen, FS_UI_ID(FS_ID_RECENT, i + 1), fs_rect_cut_top(&rect, row),
                           recent->paths[i], false))
            chosen = i;
    if (chosen >= 0)
        fs_screen_open(screen, recent->paths[chosen]);
}

void fs_view_welcome(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    const fs_rect body = layout->body;
    const double gap = 20, recent = screen->preferences.models.n > 0 ? 26 + 4 * row : 0;
    const double w = fmin(520, body.w - 40), h = 220;
    fs_rect card = {floor(body.x + (body.w - w) / 2), floor(body.y + (body.h - h - recent) / 2), w, h};
    if (screen->loading != 0) {
        if (fs_ui_drawing(ui))
            draw_loading(screen, card);
        return;
    }
    if (fs_ui_drawing(ui))
        draw_card(ui, card);
    recent_models(screen, (fs_rect){card.x, card.y + h + gap, w, body.y + body.h - card.y - h - gap});
}
