/* A scrolling list of cells, or with several columns a grid of them. Only the cells in view are asked to draw
 * themselves.
 *
 *     fs_ui_cells cells = {.n = n, .columns = 1, .height = 26, .gap = 0, .draw = draw_row, .context = view};
 *     int chosen = fs_ui_list(ui, id, rect, &cells, &list);       // -1, or the cell that was opened
 *
 * By click and wheel, and with the focus by the arrow keys, Page Up and Down, Home, End and Enter. The state
 * is an fs_list. */
#ifndef FS_UI_WIDGETS_LIST_H
#define FS_UI_WIDGETS_LIST_H

#include "ui/ui.h"

typedef struct fs_ui_cell {
    int index;
    fs_rect rect;
    bool selected, hot;
    bool focused; /* the list has the keyboard */
} fs_ui_cell;

typedef struct fs_ui_cells {
    int n, columns;
    double height, gap; /* of a cell; between cells either way */
    double before;      /* room above the first, for what the caller draws there and scrolls along */
    void (*draw)(void *context, fs_ui *ui, const fs_ui_cell *cell);
    void *context;
} fs_ui_cells;

typedef struct fs_list {
    int selected;  /* -1: nothing */
    double offset; /* of what is shown */
} fs_list;

/* identities: id, and id + 1 for the scroll bar. A cell is opened by a click or by Enter. */
int fs_ui_list(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_ui_cells *cells, fs_list *list);

/* The height of everything, and where a cell lies in a list of this width that is not scrolled. */
double fs_ui_cells_height(const fs_ui_cells *cells);
fs_rect fs_ui_cells_rect(const fs_ui_cells *cells, double width, int index);

#endif
