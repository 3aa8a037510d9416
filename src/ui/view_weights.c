/* The weights beside a channel: each a neighbour's thumbnail, the kernel between them, and what it says. */
#include <math.h>
#include <stdio.h>

#include "report/caption.h"
#include "report/weights_sheet.h"
#include "ui/screen_private.h"
#include "ui/widgets/choice.h"
#include "ui/widgets/picture.h"
#include "ui/widgets/scroll.h"

static const double side = 54, row_height = 62, gap = 10, heading = 22;
static const double four_columns = 900, two_columns = 460; /* narrower than these there is room for fewer */

/* What stands side by side: columns of a direction and a sign. */
typedef struct weights_grid {
    fs_screen *screen;
    int columns;
    fs_weights_direction first; /* direction of the first column */
} weights_grid;

/* With a single column the inhibiting ones stand below the others. */
static const fs_neighbour_weight *weight_of(const weights_grid *grid, int index) {
    const fs_panel *panel = grid->screen->view.panels[FS_PANEL_WEIGHTS].panel;
    const int above = panel->weights[grid->first].n_strongest[0];
    if (grid->columns == 1)
        return index < above ? fs_screen_weight(grid->screen, grid->first, 0, index)
                             : fs_screen_weight(grid->screen, grid->first, 1, index - above);
    const int column = index % grid->columns;
    const fs_weights_direction direction = grid->columns == 4 && column >= 2 ? FS_WEIGHTS_TO : grid->first;
    return fs_screen_weight(grid->screen, direction, column % 2, index / grid->columns);
}

static int cells_of(const weights_grid *grid) {
    int last = -1;
    for (int i = 0; i < (grid->columns == 1 ? 2 : grid->columns) * FS_PANEL_STRONGEST; i++)
        last = weight_of(grid, i) != NULL ? i : last;
    return last + 1;
}

static void draw_thumb(fs_screen *screen, int place, const fs_neighbour_weight *w, fs_rect square) {
    fs_ui *ui = &screen->ui;
    fs_picture *picture =
        w->layer == FS_LAYER_PICTURE ? NULL : fs_thumbs_picture(screen->thumbs, w->layer, w->channel);
    cairo_surface_t *surface = picture == NULL
                                   ? NULL
                                   : fs_picture_place_surface(&screen->view.weights.places, place, picture,
                                                              (int)lround(square.w * screen->scale));
    if (surface != NULL) {
        fs_ui_picture(ui->canvas, surface, square.x, square.y);
        return;
    }
    fs_fill_rounded(ui->canvas, square, 3, ui->theme->raised);
    if (w->layer != FS_LAYER_PICTURE)
        return;
    fs_text_style style = {.size = 11.5, .colour = ui->theme->dim, .align = FS_ALIGN_CENTRE};
    fs_draw_text(ui->canvas, square, fs_caption_colour(screen->model->model, w->channel), &style);
}

static void draw_words(const fs_screen *screen, const fs_neighbour_weight *w, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_model *model = screen->model->model;
    char text[FS_CAPTION_SIZE], number[FS_CAPTION_SIZE];
    fs_text_style name = {.size = 12.5, .colour = ui->theme->text, .bold = true, .cut_middle = true};
    fs_text_style dim = {.size = 11.5, .colour = ui->theme->dim, .cut_middle = true};
    const bool picture = w->layer == FS_LAYER_PICTURE;
    fs_rect line = fs_rect_cut_top(&rect, 18);
    fs_draw_text(ui->canvas, line,
                 picture ? "the picture"
                         : fs_caption_channel_short(model, &model->layers[w->layer], w->channel, text),
                 &name);
    line = fs_rect_cut_top(&rect, 17);
    fs_draw_text(ui->canvas, line,
                 picture ? fs_caption_colour(model, w->channel) : model->layers[w->layer].name, &dim);
    snprintf(text, sizeof text, "%s%s", w->sum > 0 ? "+" : "", fs_caption_number((double)w->sum, number));
    dim.colour = ui->theme->text;
    fs_draw_text(ui->canvas, fs_rect_cut_top(&rect, 17), text, &dim);
}

static void draw_cell(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const weights_grid *grid = context;
    const fs_neighbour_weight *w = weight_of(grid, cell->index);
    if (w == NULL)
        return;
    const fs_panel *panel = grid->screen->view.panels[FS_PANEL_WEIGHTS].panel;
    const bool to = grid->first == FS_WEIGHTS_TO || (grid->columns == 4 && cell->index % 4 >= 2);
    fs_rect rest = fs_rect_inset(cell->rect, 4, (row_height - side) / 2);
    if (cell->hot || (cell->selected && cell->focused))
        fs_stroke_rounded(ui->canvas, cell->rect, 5, cell->selected && cell->focused ? 1.5 : 1,
                          cell->selected && cell->focused ? ui->theme->accent : ui->theme->faint);
    draw_thumb(grid->screen, cell->index, w, fs_rect_cut_left(&rest, side));
    fs_rect_cut_left(&rest, 6);
    fs_draw_kernel(ui->canvas, fs_rect_cut_left(&rest, side), w,
                   panel->weights[to ? FS_WEIGHTS_TO : FS_WEIGHTS_FROM].list.greatest);
    fs_rect_cut_left(&rest, 8);
    draw_words(grid->screen, w, rest);
}

/* A heading over each column; columns without a weight say so. */
static void draw_headings(const weights_grid *grid, const fs_ui_cells *cells, fs_rect rect) {
    static const char *const words[2][2] = {{"Excites it", "Inhibits it"},
                                            {"Is excited by it", "Is inhibited by it"}};
    const fs_ui *ui = &grid->screen->ui;
    for (int column = 0; column < grid->columns; column++) {
        const bool to = grid->first == FS_WEIGHTS_TO || column >= 2;
        const int direction = to ? FS_WEIGHTS_TO : FS_WEIGHTS_FROM;
        const fs_rect cell = fs_ui_cells_rect(cells, rect.w, column);
        const char *text =
            grid->columns == 1 ? (to ? "What it feeds" : "What feeds it") : words[direction][column % 2];
        const bool none = weight_of(grid, column) == NULL;
        fs_text_style style = {.size = 12, .colour = none ? ui->theme->faint : ui->theme->dim};
        char line[64];
        snprintf(line, sizeof line, "%s%s", text, none ? ": nothing" : "");
        fs_draw_text(ui->canvas, (fs_rect){rect.x + cell.x + 4, rect.y, cell.w - 8, rect.h}, line, &style);
    }
}

static weights_grid grid_of(fs_screen *screen, double width) {
    weights_grid grid = {.screen = screen,
                         .columns = width >= four_columns  ? 4
                                    : width >= two_columns ? 2
                                                           : 1};
    if (grid.columns < 4)
        grid.first = screen->feature.weights_to ? FS_WEIGHTS_TO : FS_WEIGHTS_FROM;
    return grid;
}

void fs_view_weights_controls(fs_screen *screen, fs_rect rect) {
    static const char *const words[] = {"What feeds it", "What it feeds", NULL};
    rect.w = fmin(rect.w, 260);
    (void)fs_ui_choice(&screen->ui, FS_UI_ID(FS_ID_WEIGHTS, 0), rect, words, &screen->feature.weights_to);
}

bool fs_view_weights_has_controls(fs_rect rect) {
    return rect.w < four_columns;
}

void fs_view_weights(fs_screen *screen, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_panel_view *view = &screen->view.panels[FS_PANEL_WEIGHTS];
    weights_grid grid = grid_of(screen, rect.w);
    const fs_ui_cells cells = {.n = cells_of(&grid),
                               .columns = grid.columns,
                               .height = row_height,
                               .gap = gap,
                               .draw = draw_cell,
                               .context = &grid};
    const fs_rect head = fs_rect_cut_top(&rect, heading);
    fs_panel *shown = fs_panel_keep(view->panel); /* going elsewhere closes it */
    if (fs_ui_drawing(ui))
        draw_headings(&grid, &cells, head);
    fs_ui_begin_clip(ui, rect);
    const int opened =
        fs_ui_list(ui, FS_UI_ID(FS_ID_PANEL_LIST + FS_PANEL_WEIGHTS, 0), rect, &cells, &view->list);
    fs_ui_end_clip(ui);
    const fs_neighbour_weight *weight = opened >= 0 ? weight_of(&grid, opened) : NULL;
    if (weight != NULL)
        fs_screen_open_weight(screen, weight);
    fs_panel_release(shown);
}
