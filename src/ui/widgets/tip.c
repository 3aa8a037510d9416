#include "ui/widgets/tip.h"

#include <math.h>

static const double line_height = 18, rim = 9, distance = 6, edge = 4, widest_tip = 320, widest_card = 340;

static double clamp(double value, double low, double high) {
    return fmax(low, fmin(high, value));
}

/* A card for contents of this size, which begins at x where there is room. */
static fs_rect place_card(fs_rect anchor, fs_rect bounds, double x, double w, double h) {
    fs_rect card = {x, anchor.y + anchor.h + distance, w + 2 * rim, h + 2 * rim - 4};
    if (card.y + card.h > bounds.y + bounds.h - edge)
        card.y = anchor.y - distance - card.h;
    card.x = floor(clamp(card.x, bounds.x + edge, bounds.x + bounds.w - card.w - edge));
    card.y = floor(fmax(bounds.y + edge, card.y));
    return card;
}

/* Returns the place of its contents. */
static fs_rect draw_card(const fs_ui *ui, fs_rect card) {
    fs_fill_rounded(ui->canvas, card, 5, ui->theme->raised);
    fs_stroke_rounded(ui->canvas, card, 5, 1, ui->theme->faint);
    return fs_rect_inset(card, rim, rim - 2);
}

void fs_ui_draw_tip(fs_ui *ui, fs_rect window) {
    if (ui->tip.text[0] == '\0')
        return;
    const fs_text_style style = {.size = 12, .colour = ui->theme->text, .wrap = true};
    const double w = fmin(widest_tip, ceil(fs_text_width(ui->canvas, ui->tip.text, &style)) + 2);
    const double h = ceil(fs_text_height(ui->canvas, ui->tip.text, w, &style));
    const fs_rect card = place_card(ui->tip.rect, window, ui->tip.rect.x, w, h);
    fs_draw_text(ui->canvas, draw_card(ui, card), ui->tip.text, &style);
}

static fs_text_style style_of(const fs_ui *ui, bool first) {
    return (fs_text_style){.size = first ? 12.5 : 12,
                           .colour = first ? ui->theme->text : ui->theme->dim,
                           .bold = first,
                           .cut_middle = true};
}

/* By the canvas for measuring in both passes: it says the same in both. */
fs_rect fs_ui_name_card_rect(const fs_ui *ui, fs_rect anchor, fs_rect bounds, const char *const *lines) {
    double w = 0, h = 0;
    for (int i = 0; lines[i] != NULL; i++) {
        const fs_text_style style = style_of(ui, i == 0);
        w = fmax(w, ceil(fs_ui_text_width(ui, lines[i], &style)) + 2);
        h += lines[i][0] != '\0' ? line_height : 0;
    }
    w = fmin(w, widest_card);
    return place_card(anchor, bounds, anchor.x + anchor.w / 2 - w / 2 - rim, w, h);
}

void fs_ui_name_card(fs_ui *ui, fs_rect anchor, fs_rect bounds, const char *const *lines) {
    ui->card = fs_ui_name_card_rect(ui, anchor, bounds, lines);
    fs_rect rest = draw_card(ui, ui->card);
    for (int i = 0; lines[i] != NULL; i++) {
        const fs_text_style style = style_of(ui, i == 0);
        if (lines[i][0] != '\0')
            fs_draw_text(ui->canvas, fs_rect_cut_top(&rest, line_height), lines[i], &style);
    }
}
