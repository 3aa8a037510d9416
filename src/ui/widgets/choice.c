#include "ui/widgets/choice.h"

#include <math.h>

static const double padding = 7, arrow = 24, corner = 5;
static const fs_text_style plain = {.size = 12, .align = FS_ALIGN_CENTRE};

static int count(const char *const *words) {
    int n = 0;
    while (words[n] != NULL)
        n++;
    return n;
}

static fs_rect segment(fs_rect rect, int i, int n) {
    double left = round(rect.w * i / n), right = round(rect.w * (i + 1) / n);
    return (fs_rect){rect.x + left, rect.y, right - left, rect.h};
}

static bool fits(const fs_ui *ui, fs_rect rect, const char *const *words, int n) {
    double widest = 0;
    for (int i = 0; i < n; i++)
        widest = fmax(widest, fs_ui_text_width(ui, words[i], &plain));
    return widest + 2 * padding <= rect.w / n;
}

/* Which of n places side by side the pointer is over; -1 outside. */
static int place_of(const fs_ui *ui, fs_rect rect, int n) {
    for (int i = 0; i < n; i++)
        if (fs_rect_contains(segment(rect, i, n), ui->input.x, ui->input.y))
            return i;
    return -1;
}

static bool take_keys(fs_ui *ui, int n, int *chosen) {
    int before = *chosen;
    if (fs_ui_take_key(ui, FS_KEY_LEFT) || fs_ui_take_key(ui, FS_KEY_UP))
        *chosen -= *chosen > 0;
    else if (fs_ui_take_key(ui, FS_KEY_RIGHT) || fs_ui_take_key(ui, FS_KEY_DOWN))
        *chosen += *chosen < n - 1;
    else if (fs_ui_take_key(ui, FS_KEY_HOME))
        *chosen = 0;
    else if (fs_ui_take_key(ui, FS_KEY_END))
        *chosen = n - 1;
    return *chosen != before;
}

static void draw_segments(fs_ui *ui, fs_rect rect, const char *const *words, int n, int chosen) {
    const fs_theme *theme = ui->theme;
    for (int i = 0; i < n; i++) {
        fs_rect place = segment(rect, i, n);
        fs_text_style style = plain;
        style.colour = i == chosen ? theme->text : theme->dim;
        if (i == chosen) {
            fs_fill_rounded(ui->canvas, fs_rect_inset(place, 2, 2), corner - 1, theme->selection);
            fs_stroke_rounded(ui->canvas, fs_rect_inset(place, 2, 2), corner - 1, 1, theme->accent);
        }
        fs_draw_text(ui->canvas, fs_rect_inset(place, 3, 0), words[i], &style);
    }
}

static void draw_stepper(fs_ui *ui, fs_rect rect, const char *word, int chosen, int n) {
    const fs_theme *theme = ui->theme;
    fs_text_style style = plain, sign = {.size = 15, .align = FS_ALIGN_CENTRE};
    style.colour = theme->text;
    fs_rect middle = rect, left = fs_rect_cut_left(&middle, arrow), right = fs_rect_cut_right(&middle, arrow);
    sign.colour = chosen > 0 ? theme->text : theme->line;
    fs_draw_text(ui->canvas, left, "\u2039", &sign);
    sign.colour = chosen < n - 1 ? theme->text : theme->line;
    fs_draw_text(ui->canvas, right, "\u203a", &sign);
    fs_draw_text(ui->canvas, middle, word, &style);
}

/* By the pointer: a segment is itself; of the stepper the left half goes back, the right one forth. */
static int clicked_place(const fs_ui *ui, fs_rect rect, bool segments, int n, int chosen) {
    if (segments)
        return place_of(ui, rect, n);
    int next = chosen + (ui->input.x < rect.x + rect.w / 2 ? -1 : 1);
    return next >= 0 && next < n ? next : chosen;
}

bool fs_ui_choice(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *const *words, int *chosen) {
    int n = count(words), before = *chosen;
    bool segments = fits(ui, rect, words, n);
    if (fs_ui_drawing(ui)) {
        fs_fill_rounded(ui->canvas, rect, corner, fs_ui_hot(ui, id) ? ui->theme->hover : ui->theme->raised);
        if (segments)
            draw_segments(ui, rect, words, n, *chosen);
        else
            draw_stepper(ui, rect, words[*chosen], *chosen, n);
        fs_ui_draw_focus(ui, id, rect);
        return false;
    }
    if (fs_ui_click(ui, id, rect)) {
        int place = clicked_place(ui, rect, segments, n, *chosen);
        *chosen = place >= 0 ? place : *chosen;
    }
    if (fs_ui_focusable(ui, id, rect))
        (void)take_keys(ui, n, chosen);
    return *chosen != before;
}

static void draw_tabs(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *const *words, int n, int chosen) {
    const fs_theme *theme = ui->theme;
    fs_fill_rect(ui->canvas, (fs_rect){rect.x, rect.y + rect.h - 1, rect.w, 1}, theme->line);
    for (int i = 0; i < n; i++) {
        fs_rect place = segment(rect, i, n);
        fs_text_style style = {.size = 12.5, .align = FS_ALIGN_CENTRE, .bold = i == chosen};
        style.colour = i == chosen ? theme->text : theme->dim;
        fs_draw_text(ui->canvas, place, words[i], &style);
        if (i == chosen)
            fs_fill_rect(ui->canvas, (fs_rect){place.x, place.y + place.h - 2, place.w, 2}, theme->accent);
    }
    fs_ui_draw_focus(ui, id, fs_rect_inset(segment(rect, chosen, n), 2, 3));
}

bool fs_ui_tabs(fs_ui *ui, fs_ui_id id, fs_rect rect, const char *const *words, int *chosen) {
    int n = count(words), before = *chosen;
    if (fs_ui_drawing(ui)) {
        draw_tabs(ui, id, rect, words, n, *chosen);
        return false;
    }
    if (fs_ui_click(ui, id, rect)) {
        int place = place_of(ui, rect, n);
        *chosen = place >= 0 ? place : *chosen;
    }
    if (fs_ui_focusable(ui, id, rect))
        (void)take_keys(ui, n, chosen);
    return *chosen != before;
}
