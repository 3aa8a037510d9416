#include "ui/widgets/tip.h"

#include <math.h>

static const double line_height = 18, padding = 10, distance = 6, most = 340;

static fs_text_style style_of(const fs_ui *ui, bool first) {
    return (fs_text_style){.size = first ? 12.5 : 12,
                           .colour = first ? ui->theme->text : ui->theme->dim,
                           .bold = first,
                           .cut_middle = true};
}

static double clamp(double value, double low, double high) {
    return fmax(low, fmin(high, value));
}

void fs_ui_tip(fs_ui *ui, fs_rect anchor, fs_rect bounds, const char *const *lines) {
    double width = 0, height = padding;
    for (int i = 0; lines[i] != NULL; i++) {
        const fs_text_style style = style_of(ui, i == 0);
        width = fmax(width, ceil(fs_text_width(ui->canvas, lines[i], &style)) + 2);
        height += lines[i][0] != '\0' ? line_height : 0;
    }
    fs_rect card = {0, anchor.y + anchor.h + distance, fmin(width, most) + 2 * padding, height};
    if (card.y + card.h > bounds.y + bounds.h)
        card.y = fmax(bounds.y, anchor.y - distance - card.h);
    card.x = clamp(anchor.x + (anchor.w - card.w) / 2, bounds.x, bounds.x + bounds.w - card.w);
    card.x = round(card.x);
    card.y = round(card.y);
    fs_fill_rounded(ui->canvas, card, 5, ui->theme->raised);
    fs_stroke_rounded(ui->canvas, card, 5, 1, ui->theme->faint);
    fs_rect rest = fs_rect_inset(card, padding, padding / 2);
    for (int i = 0; lines[i] != NULL; i++) {
        const fs_text_style style = style_of(ui, i == 0);
        if (lines[i][0] != '\0')
            fs_draw_text(ui->canvas, fs_rect_cut_top(&rest, line_height), lines[i], &style);
    }
}
