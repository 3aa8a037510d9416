/* The list of layers under the headings of their levels. */
#include <stdio.h>

#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/scroll.h"

static const double inset = 20;

static void draw_heading(fs_ui *ui, const fs_list_row *row, fs_rect rect) {
    char text[FS_CAPTION_SIZE];
    size_t n = 0;
    for (const char *c = fs_caption_level(row->level); *c != '\0' && n + 1 < sizeof text; c++)
        text[n++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    text[n] = '\0';
    fs_text_style style = {.size = 11, .colour = ui->theme->level[row->level], .bold = true, .spacing = 1.2};
    rect.y += rect.h - 26;
    rect.h = 20;
    fs_draw_text(ui->canvas, fs_rect_inset(rect, inset, 0), text, &style);
}

static void draw_layer(const fs_screen *screen, const fs_list_row *row, fs_rect rect) {
    const fs_ui *ui = &screen->ui;
    const fs_theme *theme = ui->theme;
    const fs_layer *layer = &screen->model->model->layers[row->layer];
    bool selected = row->layer == screen->layer;
    bool focused = screen->focus == FS_FOCUS_LAYERS && !screen->view.open;
    fs_rect bar = fs_rect_inset(rect, 10, 1);
    if (selected)
        fs_fill_rounded(ui->canvas, bar, 5, focused ? theme->selection : theme->raised);
    else if (fs_ui_hot(ui, FS_ID_LAYER << 24 | (unsigned)row->layer))
        fs_fill_rounded(ui->canvas, bar, 5, theme->hover);
    if (selected) {
        fs_colour mark = focused ? theme->accent : theme->faint;
        fs_fill_rounded(ui->canvas, (fs_rect){bar.x, bar.y + 5, 3, bar.h - 10}, 1.5, mark);
    }
    fs_rect inner = fs_rect_inset(rect, inset, 0);
    char count[32];
    snprintf(count, sizeof count, "%d", layer->channels);
    fs_text_style number = {.size = 11.5, .colour = theme->faint, .align = FS_ALIGN_RIGHT};
    fs_draw_text(ui->canvas, fs_rect_cut_right(&inner, 36), count, &number);
    fs_text_style name = {.size = row->inner ? 12 : 13, .cut_middle = true};
    name.colour = selected || !row->inner ? theme->text : theme->dim;
    if (row->inner)
        fs_rect_cut_left(&inner, 14);
    fs_draw_text(ui->canvas, inner, row->label, &name);
}

static bool is_visible(const fs_rect *view, const fs_rect *rect) {
    return rect->y + rect->h > view->y && rect->y < view->y + view->h;
}

/* A click outside what the list shows must not reach a row that is scrolled away. */
static fs_rect clip(fs_rect rect, fs_rect view) {
    double bottom = rect.y + rect.h < view.y + view.h ? rect.y + rect.h : view.y + view.h;
    rect.y = rect.y > view.y ? rect.y : view.y;
    rect.h = bottom - rect.y;
    return rect;
}

void fs_view_layers(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    fs_rect view = layout->list;
    bool drawing = fs_ui_drawing(ui);
    if (drawing) {
        fs_fill_rect(ui->canvas, view, ui->theme->panel);
        cairo_save(fs_canvas_cairo(ui->canvas));
        cairo_rectangle(fs_canvas_cairo(ui->canvas), view.x, view.y, view.w, view.h);
        cairo_clip(fs_canvas_cairo(ui->canvas));
    }
    int clicked = -1;
    for (int i = 0; i < screen->n_rows; i++) {
        const fs_list_row *row = &screen->rows[i];
        fs_rect rect = {view.x, view.y + row->y - screen->list_offset, view.w - FS_UI_SCROLL_BAR,
                        row->height};
        if (!is_visible(&view, &rect))
            continue;
        if (row->layer >= 0 && fs_ui_click(ui, FS_UI_ID(FS_ID_LAYER, row->layer), clip(rect, view)))
            clicked = row->layer;
        if (drawing && row->layer < 0)
            draw_heading(ui, row, rect);
        else if (drawing)
            draw_layer(screen, row, rect);
    }
    fs_ui_scroll(ui, FS_UI_ID(FS_ID_LAYER_SCROLL, 0), view, screen->list_height, &screen->list_offset);
    if (drawing)
        cairo_restore(fs_canvas_cairo(ui->canvas));
    if (clicked >= 0) {
        screen->focus = FS_FOCUS_LAYERS;
        if (clicked != screen->layer || screen->view.open || screen->finetune.open)
            fs_screen_select_layer(screen, clicked);
    }
}
