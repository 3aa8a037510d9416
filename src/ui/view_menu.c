/* The menu below its button: actions at the left, what was opened lately at the right. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "ui/screen_private.h"

static const double actions_width = 280, files_width = 360, row = 27, head = 26, pad = 10;

static void draw_row(const fs_ui *ui, fs_rect rect, bool marked) {
    if (marked)
        fs_fill_rounded(ui->canvas, rect, 5, ui->theme->selection);
}

/* "squeezenet1_0.onnx" and, weaker, the folder it is in. */
static void draw_path(const fs_ui *ui, fs_rect rect, const char *path) {
    char folder[FS_OPTION_TEXT_SIZE];
    const char *base = fs_path_base(path);
    snprintf(folder, sizeof folder, "%.*s", (int)(base - path), path);
    fs_text_style name = {.size = 12.5, .colour = ui->theme->text, .cut_middle = true};
    fs_text_style where = {
        .size = 11.5, .colour = ui->theme->faint, .align = FS_ALIGN_RIGHT, .cut_middle = true};
    double width = fmin(ceil(fs_text_width(ui->canvas, base, &name)) + 2, rect.w * 0.65);
    fs_draw_text(ui->canvas, fs_rect_cut_left(&rect, width), base, &name);
    fs_rect_cut_left(&rect, 12);
    fs_draw_text(ui->canvas, rect, folder, &where);
}

bool fs_view_recent(fs_screen *screen, fs_ui_id id, fs_rect rect, const char *path, bool selected) {
    fs_ui *ui = &screen->ui;
    if (fs_ui_drawing(ui)) {
        draw_row(ui, rect, selected || fs_ui_hot(ui, id));
        draw_path(ui, fs_rect_inset(rect, 8, 0), path);
        fs_ui_tip(ui, id, rect, path);
        return false;
    }
    bool clicked = fs_ui_click(ui, id, rect);
    fs_ui_tip(ui, id, rect, path);
    return clicked;
}

static bool action_row(fs_screen *screen, int index, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    const fs_action *action = &fs_actions[index];
    const fs_ui_id id = FS_UI_ID(FS_ID_MENU, index + 1);
    const bool possible = action->possible == NULL || action->possible(screen);
    if (!fs_ui_drawing(ui))
        return fs_ui_click(ui, id, rect) && possible;
    draw_row(ui, rect, possible && (screen->menu.selected == index || fs_ui_hot(ui, id)));
    rect = fs_rect_inset(rect, 8, 0);
    fs_text_style key = {.size = 11.5, .colour = ui->theme->faint, .align = FS_ALIGN_RIGHT};
    fs_text_style label = {.size = 13, .colour = possible ? ui->theme->text : ui->theme->faint};
    fs_draw_text(ui->canvas, fs_rect_cut_right(&rect, 60), action->key, &key);
    fs_draw_text(ui->canvas, rect, action->label, &label);
    return false;
}

static void heading(const fs_ui *ui, fs_rect rect, const char *text) {
    fs_text_style style = {.size = 11, .colour = ui->theme->faint, .bold = true, .spacing = 1.2};
    if (fs_ui_drawing(ui))
        fs_draw_text(ui->canvas, fs_rect_inset(rect, 8, 0), text, &style);
}

/* One list under its heading; the row that was clicked, or -1. */
static int files(fs_screen *screen, fs_rect *rest, const char *title, const fs_recent *recent, int first) {
    int chosen = -1;
    heading(&screen->ui, fs_rect_cut_top(rest, head), title);
    for (int i = 0; i < recent->n; i++)
        if (fs_view_recent(screen, FS_UI_ID(FS_ID_MENU, first + i + 1), fs_rect_cut_top(rest, row),
                           recent->paths[i], screen->menu.selected == first + i))
            chosen = first + i;
    if (recent->n == 0) {
        fs_text_style style = {.size = 12.5, .colour = screen->ui.theme->faint};
        fs_rect line = fs_rect_inset(fs_rect_cut_top(rest, row), 8, 0);
        if (fs_ui_drawing(&screen->ui))
            fs_draw_text(screen->ui.canvas, line, "none yet: drop one on the window", &style);
    }
    return chosen;
}

static double files_height(const fs_recent *recent) {
    return head + row * (recent->n > 0 ? recent->n : 1);
}

static fs_rect menu_card(const fs_screen *screen, int n_actions) {
    const fs_preferences *p = &screen->preferences;
    double right = files_height(&p->models) + pad + files_height(&p->folders);
    return (fs_rect){12, 54, actions_width + files_width + 3 * pad,
                     2 * pad + fmax(head + n_actions * row, right)};
}

void fs_view_menu(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    const fs_preferences *p = &screen->preferences;
    int n = 0, chosen = -1;
    while (fs_actions[n].label != NULL)
        n++;
    fs_rect card = menu_card(screen, n), rest = fs_rect_inset(card, pad, pad);
    bool outside = fs_ui_click(ui, FS_UI_ID(FS_ID_OVERLAY, 1), layout->window) &&
                   !fs_rect_contains(card, ui->input.x, ui->input.y);
    if (fs_ui_drawing(ui)) {
        fs_fill_rect(ui->canvas, layout->window, ui->theme->shade);
        fs_fill_rounded(ui->canvas, card, 8, ui->theme->panel);
        fs_stroke_rounded(ui->canvas, card, 8, 1, ui->theme->line);
    }
    fs_rect left = fs_rect_cut_left(&rest, actions_width);
    fs_rect_cut_left(&rest, pad);
    heading(ui, fs_rect_cut_top(&left, head), "ACTIONS");
    for (int i = 0; i < n; i++)
        if (action_row(screen, i, fs_rect_cut_top(&left, row)))
            chosen = i;
    int of_models = files(screen, &rest, "MODELS OPENED LATELY", &p->models, n);
    fs_rect_cut_top(&rest, pad);
    int of_folders = files(screen, &rest, "FOLDERS OF PICTURES", &p->folders, n + p->models.n);
    chosen = of_models >= 0 ? of_models : of_folders >= 0 ? of_folders : chosen;
    if (chosen >= 0)
        fs_menu_run(screen, chosen);
    else if (outside)
        screen->menu.open = false;
}
