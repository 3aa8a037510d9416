#include "ui/widgets/slider.h"

#include <math.h>

static const double knob = 14, track_height = 4; /* pixels */
static const double small_step = 0.01, large_step = 0.1;

static double clamp(double value, double low, double high) {
    return fmax(low, fmin(high, value));
}

double fs_slider_share(const fs_slider_range *r, double value) {
    value = clamp(value, r->low, r->high);
    if (!(r->high > r->low))
        return 0;
    return r->logarithmic ? log(value / r->low) / log(r->high / r->low)
                          : (value - r->low) / (r->high - r->low);
}

/* To a unit of which the whole range, or on a logarithmic scale the value itself, has some hundred. */
static double rounded(const fs_slider_range *r, double value) {
    double extent = r->logarithmic ? value : r->high - r->low;
    double unit = extent > 0 ? pow(10, floor(log10(extent)) - (r->logarithmic ? 1 : 2)) : 1;
    if (r->whole)
        unit = fmax(1, unit);
    /* Dividing by whole numbers gives the nearest double to 0.05; multiplying by 0.01 does not. */
    return unit < 1 ? round(value / unit) / round(1 / unit) : round(value / unit) * unit;
}

double fs_slider_value(const fs_slider_range *r, double share) {
    share = clamp(share, 0, 1);
    if (share <= 0 || share >= 1)
        return share <= 0 ? r->low : r->high;
    double value =
        r->logarithmic ? r->low * pow(r->high / r->low, share) : r->low + share * (r->high - r->low);
    return clamp(rounded(r, value), r->low, r->high);
}

/* One step away; rounding may not keep it where it is. */
static double stepped(const fs_slider_range *r, double value, double step) {
    double share = fs_slider_share(r, value), next = value;
    for (int i = 1; i <= 100 && next == value; i++)
        next = fs_slider_value(r, share + i * step);
    return next;
}

static bool take_keys(fs_ui *ui, const fs_slider_range *r, double *value) {
    double before = *value;
    if (fs_ui_take_key(ui, FS_KEY_LEFT) || fs_ui_take_key(ui, FS_KEY_DOWN))
        *value = stepped(r, before, -small_step);
    else if (fs_ui_take_key(ui, FS_KEY_RIGHT) || fs_ui_take_key(ui, FS_KEY_UP))
        *value = stepped(r, before, small_step);
    else if (fs_ui_take_key(ui, FS_KEY_PAGE_DOWN))
        *value = stepped(r, before, -large_step);
    else if (fs_ui_take_key(ui, FS_KEY_PAGE_UP))
        *value = stepped(r, before, large_step);
    else if (fs_ui_take_key(ui, FS_KEY_HOME))
        *value = r->low;
    else if (fs_ui_take_key(ui, FS_KEY_END))
        *value = r->high;
    return *value != before;
}

static void draw(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_slider_range *range, double value) {
    const fs_theme *theme = ui->theme;
    double share = fs_slider_share(range, value), travel = fmax(0, rect.w - knob);
    fs_rect track = {rect.x, rect.y + (rect.h - track_height) / 2, rect.w, track_height};
    fs_fill_rounded(ui->canvas, track, 2, theme->line);
    track.w = knob / 2 + travel * share;
    fs_fill_rounded(ui->canvas, track, 2, theme->accent);
    fs_rect handle = {rect.x + travel * share, rect.y + (rect.h - knob) / 2, knob, knob};
    bool lit = fs_ui_hot(ui, id) || ui->active == id;
    fs_fill_rounded(ui->canvas, handle, knob / 2, lit ? theme->text : theme->dim);
    fs_ui_draw_focus(ui, id, rect);
}

fs_slider_result fs_ui_slider(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_slider_range *range,
                              double *value) {
    if (fs_ui_drawing(ui)) {
        draw(ui, id, rect, range, *value);
        return FS_SLIDER_STILL;
    }
    (void)fs_ui_click(ui, id, rect);
    bool focused = fs_ui_focusable(ui, id, rect);
    if (ui->active == id && (ui->input.held || ui->input.released)) {
        ui->next_hot = id;
        *value = fs_slider_value(range, (ui->input.x - rect.x - knob / 2) / fmax(1, rect.w - knob));
        return ui->input.released ? FS_SLIDER_SETTLED : FS_SLIDER_MOVING;
    }
    return focused && take_keys(ui, range, value) ? FS_SLIDER_SETTLED : FS_SLIDER_STILL;
}
