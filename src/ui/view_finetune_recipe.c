/* What is to be trained: the policy, epochs, and a map of the layers with a switch for each. */
#include <math.h>
#include <stdio.h>

#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/slider.h"

static const double row = 28, gap = 8, label_width = 94, line = 22, box_side = 14;
static const char *const policies[] = {"head alone", "patterns up", "parts up", "all layers", NULL};
static const char *const with_own[] = {"head alone", "patterns up", "parts up",
                                       "all layers", "own choice",  NULL};

static fs_rect label(fs_screen *screen, fs_rect *rect, const char *text) {
    const fs_rect place = fs_rect_cut_left(rect, label_width);
    const fs_text_style style = {.size = 12.5, .colour = screen->ui.theme->dim};
    if (fs_ui_drawing(&screen->ui))
        fs_draw_text(screen->ui.canvas, place, text, &style);
    return *rect;
}

static void policy(fs_screen *screen, fs_rect rect) {
    const int known = fs_freeze_map_policy(&screen->finetune.map, screen->model->model);
    int chosen = known >= 0 ? known : FS_FREEZE_NONE + 1;
    const fs_rect place = label(screen, &rect, "Unfreeze");
    if (fs_ui_choice(&screen->ui, FS_UI_ID(FS_ID_FINETUNE, FS_FINETUNE_POLICY), place,
                     known >= 0 ? policies : with_own, &chosen))
        fs_screen_set_policy(screen, chosen);
}

static void epochs(fs_screen *screen, fs_rect rect, const char *text, int which, double *value) {
    static const fs_slider_range range = {.low = 1, .high = 100, .logarithmic = true, .whole = true};
    fs_ui *ui = &screen->ui;
    const fs_rect number = fs_rect_cut_right(&rect, 34);
    const fs_rect place = label(screen, &rect, text);
    (void)fs_ui_slider(ui, FS_UI_ID(FS_ID_FINETUNE, which), place, &range, value);
    if (!fs_ui_drawing(ui))
        return;
    char words[16];
    snprintf(words, sizeof words, "%.0f", *value);
    const fs_text_style style = {.size = 12.5, .colour = ui->theme->text, .align = FS_ALIGN_RIGHT};
    fs_draw_text(ui->canvas, number, words, &style);
}

/* ---- the map ---- */

/* 0: none of the level is trained, 1: some, 2: all. */
static int share_of_level(const fs_screen *screen, fs_level level) {
    const fs_freeze_map *map = &screen->finetune.map;
    int n = 0, on = 0;
    for (int i = 0; i < map->n; i++)
        if (screen->model->model->layers[map->layers[i]].level == level) {
            n++;
            on += map->trained[i];
        }
    return on == 0 ? 0 : on < n ? 1 : 2;
}

static void draw_box(const fs_ui *ui, fs_rect cell, int share, fs_colour colour) {
    const fs_rect box = {cell.x, cell.y + floor((cell.h - box_side) / 2), box_side, box_side};
    if (share == 2)
        fs_fill_rounded(ui->canvas, box, 3, colour);
    else
        fs_stroke_rounded(ui->canvas, box, 3, 1.25, share == 1 ? colour : ui->theme->faint);
    if (share == 1)
        fs_fill_rounded(ui->canvas, fs_rect_inset(box, 4, 4), 1.5, colour);
}

static void write_weights(int64_t n, char text[32]) {
    if (n >= 10000000)
        snprintf(text, 32, "%.0f M", (double)n / 1e6);
    else if (n >= 1000000)
        snprintf(text, 32, "%.1f M", (double)n / 1e6);
    else if (n >= 1000)
        snprintf(text, 32, "%.1f k", (double)n / 1e3);
    else
        snprintf(text, 32, "%d", (int)n);
}

static void draw_layer(const fs_screen *screen, fs_rect cell, int place) {
    const fs_ui *ui = &screen->ui;
    const fs_freeze_map *map = &screen->finetune.map;
    const fs_layer *layer = &screen->model->model->layers[map->layers[place]];
    const bool on = map->trained[place];
    char weights[32];
    fs_rect_cut_left(&cell, 16);
    draw_box(ui, cell, on ? 2 : 0, ui->theme->level[layer->level]);
    fs_rect_cut_left(&cell, box_side + 8);
    write_weights(layer->parameters, weights);
    const fs_text_style number = {.size = 11.5, .colour = ui->theme->faint, .align = FS_ALIGN_RIGHT};
    fs_draw_text(ui->canvas, fs_rect_cut_right(&cell, 52), weights, &number);
    fs_rect_cut_right(&cell, 4);
    const fs_text_style name = {
        .size = 12.5, .colour = on ? ui->theme->text : ui->theme->dim, .cut_middle = true};
    fs_draw_text(ui->canvas, cell, layer->name, &name);
}

static void draw_row(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const fs_screen *screen = context;
    const fs_freeze_row *which = &screen->finetune.rows[cell->index];
    fs_rect rect = cell->rect;
    if (cell->hot || (cell->selected && cell->focused))
        fs_fill_rounded(ui->canvas, rect, 4, cell->hot ? ui->theme->hover : ui->theme->selection);
    rect = fs_rect_inset(rect, 6, 0);
    if (which->place >= 0) {
        draw_layer(screen, rect, which->place);
        return;
    }
    const fs_colour colour = ui->theme->level[which->level];
    draw_box(ui, rect, share_of_level(screen, which->level), colour);
    fs_rect_cut_left(&rect, box_side + 8);
    const fs_text_style style = {.size = 12, .colour = colour, .bold = true};
    fs_draw_text(ui->canvas, rect, fs_caption_level(which->level), &style);
}

static void map(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_finetune_view *view = &screen->finetune;
    const fs_ui_cells cells = {
        .n = view->n_rows, .columns = 1, .height = line, .draw = draw_row, .context = screen};
    fs_ui_begin_clip(ui, rect);
    const int opened = fs_ui_list(ui, FS_UI_ID(FS_ID_FREEZE_LIST, 0), rect, &cells, &view->layers);
    fs_ui_end_clip(ui);
    fs_screen_toggle_layer(screen, opened);
}

/* What was chosen holds when a run begins. */
static void draw_note(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_text_style style = {.size = 11.5, .colour = ui->theme->faint};
    fs_draw_text(ui->canvas, rect,
                 fs_screen_trains(screen) ? "A run is under way: changes hold for the next one."
                                          : "Filled: trained in the joint stage. The head always is.",
                 &style);
}

void fs_view_finetune_recipe(fs_screen *screen, fs_rect rect) {
    fs_finetune_view *view = &screen->finetune;
    policy(screen, fs_rect_cut_top(&rect, row));
    fs_rect_cut_top(&rect, gap / 2);
    epochs(screen, fs_rect_cut_top(&rect, row), "Head epochs", FS_FINETUNE_HEAD_EPOCHS, &view->head_epochs);
    epochs(screen, fs_rect_cut_top(&rect, row), "Joint epochs", FS_FINETUNE_JOINT_EPOCHS,
           &view->joint_epochs);
    const fs_rect note = fs_rect_cut_top(&rect, 20);
    if (fs_ui_drawing(&screen->ui))
        draw_note(screen, note);
    fs_rect_cut_top(&rect, gap / 2);
    map(screen, rect);
}
