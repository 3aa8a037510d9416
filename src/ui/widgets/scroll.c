#include "ui/widgets/scroll.h"

#include <math.h>

static const double wheel_step = 72; /* pixels a notch */
static const double min_thumb = 32;  /* shortest handle of a scroll bar */

static double clamp(double value, double low, double high) {
    return fmax(low, fmin(high, value));
}

void fs_ui_scroll(fs_ui *ui, fs_ui_id id, fs_rect view, double content_height, double *offset) {
    double range = fmax(0, content_height - view.h);
    if (!fs_ui_drawing(ui) && !ui->blocked && fs_rect_contains(view, ui->input.x, ui->input.y))
        *offset -= ui->input.wheel * wheel_step;
    *offset = clamp(*offset, 0, range);
    if (range <= 0)
        return;
    fs_rect track = {view.x + view.w - FS_UI_SCROLL_BAR, view.y, FS_UI_SCROLL_BAR, view.h};
    double length = fmax(min_thumb, view.h * view.h / content_height);
    double travel = view.h - length;
    fs_rect handle = {track.x + 3, track.y + travel * *offset / range, track.w - 5, length};
    if (fs_ui_drawing(ui)) {
        bool lit = ui->hot == id || ui->active == id;
        fs_fill_rounded(ui->canvas, fs_rect_inset(handle, 0, 2), 3, lit ? ui->theme->faint : ui->theme->line);
        return;
    }
    (void)fs_ui_click(ui, id, track);
    if (ui->active != id)
        return;
    ui->next_hot = id;
    if (ui->input.pressed) {
        bool on_handle = ui->input.y >= handle.y && ui->input.y < handle.y + handle.h;
        ui->grab = on_handle ? ui->input.y - handle.y : length / 2;
    }
    if (travel > 0)
        *offset = clamp((ui->input.y - ui->grab - track.y) / travel * range, 0, range);
}

double fs_scroll_reveal(double offset, double view_height, double top, double bottom) {
    if (bottom > offset + view_height)
        offset = bottom - view_height;
    return fmin(offset, top);
}
