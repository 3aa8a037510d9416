/* The search above the views: a field, and below it what its words find. */
#include <math.h>
#include <stdio.h>

#include "report/caption.h"
#include "ui/screen_private.h"

static const double row_height = 30, field_height = 34, note_height = 26, margin = 14;

/* The columns of a line. */
typedef struct columns {
    fs_rect mark, layer, channel, concept, iou;
} columns;

static columns columns_of(fs_rect row) {
    columns c;
    row = fs_rect_inset(row, 8, 0);
    c.mark = fs_rect_cut_left(&row, 16);
    c.layer = fs_rect_cut_left(&row, floor(row.w * 0.42));
    c.channel = fs_rect_cut_left(&row, 56);
    fs_rect_cut_left(&row, 14);
    c.iou = fs_rect_cut_right(&row, 64);
    c.concept = row;
    return c;
}

static void draw_hit(void *context, fs_ui *ui, const fs_ui_cell *cell) {
    const fs_screen *screen = context;
    const fs_search_hit *hit = &screen->search.hits.items[cell->index];
    const fs_layer *layer = &screen->model->model->layers[hit->layer];
    const columns c = columns_of(cell->rect);
    char text[FS_CAPTION_SIZE];
    if (cell->selected || cell->hot)
        fs_fill_rounded(ui->canvas, cell->rect, 5, cell->selected ? ui->theme->selection : ui->theme->hover);
    const fs_rect dot = {c.mark.x, c.mark.y + c.mark.h / 2 - 4, 8, 8};
    fs_fill_rounded(ui->canvas, dot, 4, ui->theme->level[layer->level]);
    fs_text_style name = {.size = 13, .colour = ui->theme->text, .cut_middle = true};
    fs_text_style dim = {.size = 12, .colour = ui->theme->dim, .cut_middle = true};
    fs_draw_text(ui->canvas, c.layer, layer->name, &name);
    if (hit->channel < 0) {
        snprintf(text, sizeof text, "%d channels", layer->channels);
        fs_rect rest = c.channel;
        rest.w = c.concept.x + c.concept.w - rest.x;
        fs_draw_text(ui->canvas, rest, text, &dim);
        return;
    }
    snprintf(text, sizeof text, "%d", hit->channel);
    dim.align = FS_ALIGN_RIGHT;
    fs_draw_text(ui->canvas, c.channel, text, &dim);
    if (isfinite(hit->iou)) {
        snprintf(text, sizeof text, "IoU %.2f", hit->iou);
        fs_draw_text(ui->canvas, c.iou, text, &dim);
    }
    if (hit->concept != NULL)
        fs_draw_text(ui->canvas, c.concept, hit->concept, &name);
}

static void draw_note(const fs_screen *screen, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_search_view *view = &screen->search;
    fs_text_style style = {.size = 12, .colour = ui->theme->faint};
    char text[FS_CAPTION_SIZE];
    if (view->field.text[0] == '\0')
        snprintf(text, sizeof text, "A layer, a channel of it (layer:12), a concept or a class");
    else if (view->hits.n == 0)
        snprintf(text, sizeof text, "Nothing is called so");
    else if (view->hits.n < view->hits.found)
        snprintf(text, sizeof text, "The first %d of %d \u00b7 Enter opens", view->hits.n, view->hits.found);
    else
        snprintf(text, sizeof text, "%d found \u00b7 Enter opens", view->hits.n);
    fs_draw_text(ui->canvas, rect, text, &style);
}

static fs_rect card_of(const fs_screen *screen, const fs_layout *layout) {
    const fs_rect body = layout->body;
    const double width = fmin(720, body.w - 40), least = 2 * margin + field_height + note_height;
    const double rows = floor((layout->status.y - body.y - 24 - least) / row_height); /* whole ones */
    const double height = least + row_height * fmin(rows, screen->search.hits.n);
    return (fs_rect){floor(body.x + (body.w - width) / 2), body.y + 12, width, height};
}

/* The arrow keys choose while the field has the keyboard. */
static void take_keys(fs_screen *screen, const fs_ui_cells *cells, fs_rect rect) {
    fs_ui *ui = &screen->ui;
    fs_list *list = &screen->search.list;
    const int page = (int)fmax(1, floor(rect.h / row_height));
    const int step = fs_ui_take_key(ui, FS_KEY_DOWN)        ? 1
                     : fs_ui_take_key(ui, FS_KEY_UP)        ? -1
                     : fs_ui_take_key(ui, FS_KEY_PAGE_DOWN) ? page
                     : fs_ui_take_key(ui, FS_KEY_PAGE_UP)   ? -page
                                                            : 0;
    if (step == 0 || cells->n == 0)
        return;
    const int next = list->selected + step;
    list->selected = next < 0 ? 0 : next >= cells->n ? cells->n - 1 : next;
    const double top = row_height * list->selected;
    list->offset = fmax(fmin(list->offset, top), top + row_height - rect.h);
}

static void field(fs_screen *screen, fs_rect rect) {
    fs_search_view *view = &screen->search;
    static const fs_text_field_look look = {.hint = "Search"};
    const fs_text_field_result result =
        fs_ui_text_field(&screen->ui, FS_UI_ID(FS_ID_SEARCH, 0), rect, &view->field, &look);
    if (result == FS_TEXT_FIELD_CHANGED)
        fs_screen_search(screen);
    else if (result == FS_TEXT_FIELD_ENTERED)
        fs_screen_open_hit(screen, view->list.selected);
}

void fs_view_search(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    fs_search_view *view = &screen->search;
    const fs_rect card = card_of(screen, layout);
    ui->no_focus = false;
    if (fs_ui_drawing(ui)) {
        fs_fill_rect(ui->canvas, layout->window, ui->theme->shade);
        fs_fill_rounded(ui->canvas, card, 8, ui->theme->panel);
        fs_stroke_rounded(ui->canvas, card, 8, 1, ui->theme->line);
    }
    fs_rect rest = fs_rect_inset(card, margin, margin);
    const fs_rect line = fs_rect_cut_top(&rest, field_height);
    const fs_rect note = fs_rect_cut_top(&rest, note_height);
    const fs_ui_cells cells = {
        .n = view->hits.n, .columns = 1, .height = row_height, .draw = draw_hit, .context = screen};
    if (!fs_ui_drawing(ui) && fs_ui_take_key(ui, FS_KEY_ESCAPE)) {
        fs_screen_close_search(screen);
        return;
    }
    if (!fs_ui_drawing(ui))
        take_keys(screen, &cells, rest);
    else
        draw_note(screen, note);
    if (fs_ui_click(ui, FS_UI_ID(FS_ID_OVERLAY, 1), layout->window) &&
        !fs_rect_contains(card, ui->input.x, ui->input.y)) {
        fs_screen_close_search(screen);
        return;
    }
    field(screen, line);
    if (!view->open || view->hits.n != cells.n)
        return; /* another list, of the next pass */
    fs_ui_begin_clip(ui, rest);
    const int opened = fs_ui_list(ui, FS_UI_ID(FS_ID_SEARCH_LIST, 0), rest, &cells, &view->list);
    fs_ui_end_clip(ui);
    if (opened >= 0)
        fs_screen_open_hit(screen, opened);
}
