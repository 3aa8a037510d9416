#include "ui/widgets/list.h"

#include <math.h>

#include "ui/widgets/scroll.h"

double fs_ui_cells_height(const fs_ui_cells *cells) {
    int rows = (cells->n + cells->columns - 1) / cells->columns;
    return cells->before + rows * cells->height + fmax(0, rows - 1) * cells->gap;
}

fs_rect fs_ui_cells_rect(const fs_ui_cells *cells, double width, int index) {
    int row = index / cells->columns, column = index % cells->columns;
    double usable = width - FS_UI_SCROLL_BAR - (cells->columns - 1) * cells->gap;
    double cell = floor(fmax(1, usable / cells->columns));
    return (fs_rect){column * (cell + cells->gap), cells->before + row * (cells->height + cells->gap), cell,
                     cells->height};
}

static void reveal(const fs_ui_cells *cells, fs_rect rect, fs_list *list) {
    fs_rect cell = fs_ui_cells_rect(cells, rect.w, list->selected);
    double top = list->selected < cells->columns ? 0 : cell.y; /* with what stands above the first */
    list->offset = fs_scroll_reveal(list->offset, rect.h, top, cell.y + cell.h);
    if (cell.y < list->offset)
        list->offset = cell.y;
}

/* How far a key moves the selection; 0: it is none of these. */
static int step_of_key(fs_ui *ui, const fs_ui_cells *cells, fs_rect rect) {
    int page = (int)fmax(1, rect.h / (cells->height + cells->gap)) * cells->columns;
    if (fs_ui_take_key(ui, FS_KEY_LEFT))
        return -1;
    if (fs_ui_take_key(ui, FS_KEY_RIGHT))
        return 1;
    if (fs_ui_take_key(ui, FS_KEY_UP))
        return -cells->columns;
    if (fs_ui_take_key(ui, FS_KEY_DOWN))
        return cells->columns;
    if (fs_ui_take_key(ui, FS_KEY_PAGE_UP))
        return -page;
    if (fs_ui_take_key(ui, FS_KEY_PAGE_DOWN))
        return page;
    if (fs_ui_take_key(ui, FS_KEY_HOME))
        return -cells->n;
    return fs_ui_take_key(ui, FS_KEY_END) ? cells->n : 0;
}

static int take_keys(fs_ui *ui, const fs_ui_cells *cells, fs_rect rect, fs_list *list) {
    int step = step_of_key(ui, cells, rect);
    if (step != 0) {
        int next = list->selected < 0 ? 0 : list->selected + step;
        list->selected = next < 0 ? 0 : next >= cells->n ? cells->n - 1 : next;
        reveal(cells, rect, list);
    }
    return list->selected >= 0 && fs_ui_take_key(ui, FS_KEY_ENTER) ? list->selected : -1;
}

static fs_rect on_screen(const fs_ui_cells *cells, fs_rect rect, const fs_list *list, int index) {
    fs_rect cell = fs_ui_cells_rect(cells, rect.w, index);
    cell.x += rect.x;
    cell.y += rect.y - round(list->offset);
    return cell;
}

static int cell_under(const fs_ui *ui, const fs_ui_cells *cells, fs_rect rect, const fs_list *list) {
    for (int i = 0; i < cells->n && fs_rect_contains(rect, ui->input.x, ui->input.y); i++)
        if (fs_rect_contains(on_screen(cells, rect, list, i), ui->input.x, ui->input.y))
            return i;
    return -1;
}

static void draw(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_ui_cells *cells, const fs_list *list) {
    for (int i = 0; i < cells->n; i++) {
        fs_ui_cell cell = {.index = i, .rect = on_screen(cells, rect, list, i)};
        if (cell.rect.y + cell.rect.h <= rect.y || cell.rect.y >= rect.y + rect.h)
            continue;
        cell.selected = i == list->selected;
        cell.focused = ui->focus == id;
        cell.hot = fs_ui_hot(ui, id + 2 + (fs_ui_id)i);
        cells->draw(cells->context, ui, &cell);
    }
}

int fs_ui_list(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_ui_cells *cells, fs_list *list) {
    int opened = -1;
    if (list->selected >= cells->n)
        list->selected = cells->n - 1;
    if (fs_ui_drawing(ui)) {
        draw(ui, id, rect, cells, list);
    } else if (cells->n > 0) {
        int under = cell_under(ui, cells, rect, list);
        if (under >= 0 && fs_ui_click(ui, id + 2 + (fs_ui_id)under, rect))
            list->selected = opened = under;
        if (fs_ui_focusable(ui, id, rect)) {
            int entered = take_keys(ui, cells, rect, list);
            opened = entered >= 0 ? entered : opened;
        }
    }
    fs_ui_scroll(ui, id + 1, rect, fs_ui_cells_height(cells), &list->offset);
    return opened;
}
