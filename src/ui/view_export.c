/* An export into a folder, at the right of the status line: what, how far, and a way to stop it. */
#include <math.h>
#include <stdio.h>

#include "ui/screen_private.h"
#include "ui/widgets/button.h"

static const double width = 470, bar_width = 120, button_width = 72, gap = 12;

static void remaining(const fs_folder_state *folder, char *text, size_t size) {
    const double share = folder->total > 0 ? folder->done / folder->total : 0;
    const double left = share > 0 ? (fs_seconds() - folder->begun) * (1 - share) / share : 0;
    if (share <= 0.01)
        snprintf(text, size, "%s \u2026", folder->what);
    else if (left < 90)
        snprintf(text, size, "%s \u00b7 %.0f %% \u00b7 %.0f s left", folder->what, 100 * share, left);
    else
        snprintf(text, size, "%s \u00b7 %.0f %% \u00b7 %.0f min left", folder->what, 100 * share, left / 60);
}

static void draw_progress(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_folder_state *folder = &screen->folder;
    char text[160];
    fs_text_style style = {
        .size = 12, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT, .cut_middle = true};
    fs_rect bar = fs_rect_cut_right(&rect, bar_width);
    bar = (fs_rect){bar.x, bar.y + (bar.h - 6) / 2, bar.w, 6};
    fs_fill_rounded(ui->canvas, bar, 3, ui->theme->raised);
    bar.w *= folder->total > 0 ? fmin(1, folder->done / folder->total) : 0;
    if (bar.w > 1)
        fs_fill_rounded(ui->canvas, bar, 3, ui->theme->accent);
    fs_rect_cut_right(&rect, gap);
    remaining(folder, text, sizeof text);
    fs_draw_text(ui->canvas, rect, text, &style);
}

void fs_view_export(fs_screen *screen, fs_rect *status) {
    fs_rect rect = fs_rect_cut_right(status, fmin(width, status->w * 0.62));
    fs_rect_cut_right(status, gap);
    fs_rect button = fs_rect_inset(fs_rect_cut_right(&rect, button_width), 0, 4);
    fs_rect_cut_right(&rect, gap);
    if (fs_ui_drawing(&screen->ui))
        draw_progress(screen, rect);
    static const fs_ui_button_text cancel = {.label = "Cancel",
                                             .tip = "Stop this export; what is finished is kept"};
    if (fs_ui_button(&screen->ui, FS_UI_ID(FS_ID_BUTTON, FS_BUTTON_CANCEL_EXPORT), button, &cancel))
        fs_screen_stop_folder(screen);
}
