/* The wall: every channel of the layer as a tile with its number. */
#include <math.h>

#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/picture.h"
#include "ui/widgets/scroll.h"

static void draw_picture(fs_screen *screen, int channel, fs_rect tile) {
    fs_ui *ui = &screen->ui;
    cairo_surface_t *surface =
        fs_thumbs_surface(screen->thumbs, channel, (int)lround(tile.w * screen->scale));
    if (surface == NULL) {
        fs_fill_rounded(ui->canvas, tile, 3, ui->theme->panel);
        return;
    }
    fs_ui_picture(ui->canvas, surface, tile.x, tile.y);
    const fs_picture *picture = fs_thumbs_picture(screen->thumbs, screen->layer, channel);
    if (picture == NULL || fs_picture_finished(picture))
        return;
    double done = (double)picture->steps / picture->total_steps;
    fs_fill_rect(ui->canvas, (fs_rect){tile.x, tile.y + tile.h - 2, tile.w, 2}, ui->theme->shade);
    fs_fill_rect(ui->canvas, (fs_rect){tile.x, tile.y + tile.h - 2, tile.w * done, 2}, ui->theme->accent);
}

static void draw_tile(fs_screen *screen, int channel, fs_rect tile, double caption_height) {
    fs_ui *ui = &screen->ui;
    const fs_theme *theme = ui->theme;
    bool selected = channel == screen->channel, focused = screen->focus == FS_FOCUS_WALL;
    bool hot = fs_ui_hot(ui, FS_UI_ID(FS_ID_TILE, channel));
    draw_picture(screen, channel, tile);
    if (selected && focused)
        fs_stroke_rounded(ui->canvas, fs_rect_inset(tile, -4, -4), 5, 2, theme->accent);
    else if (hot)
        fs_stroke_rounded(ui->canvas, fs_rect_inset(tile, -3, -3), 4, 1, theme->faint);
    char text[FS_CAPTION_SIZE];
    fs_text_style style = {.size = 11.5, .align = FS_ALIGN_CENTRE};
    style.colour = selected && focused ? theme->text : theme->faint;
    fs_caption_channel(screen->model->model, fs_screen_layer(screen), channel, text);
    if (fs_text_width(ui->canvas, text, &style) > tile.w)
        fs_caption_channel_short(screen->model->model, fs_screen_layer(screen), channel, text);
    fs_draw_text(ui->canvas, (fs_rect){tile.x, tile.y + tile.h + 3, tile.w, caption_height - 3}, text,
                 &style);
}

static void draw_tiles(fs_screen *screen, fs_rect view, const fs_wall_grid *grid) {
    cairo_t *cr = fs_canvas_cairo(screen->ui.canvas);
    int n = fs_screen_layer(screen)->channels, first, last;
    fs_wall_grid_visible(grid, screen->wall_offset, view.h, &first, &last);
    cairo_save(cr);
    cairo_rectangle(cr, view.x, view.y, view.w, view.h);
    cairo_clip(cr);
    double offset = round(screen->wall_offset * screen->scale) / screen->scale;
    for (int i = first * grid->columns; i < last * grid->columns && i < n; i++) {
        fs_rect tile = fs_wall_grid_tile(grid, i);
        tile.x += view.x;
        tile.y += view.y - offset;
        draw_tile(screen, i, tile, grid->caption);
    }
    cairo_restore(cr);
}

void fs_view_wall(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    fs_rect view = layout->body;
    int n = fs_screen_layer(screen)->channels, clicked = -1;
    fs_wall_grid grid = fs_wall_grid_make(view.w, n);
    if (fs_ui_drawing(ui)) {
        draw_tiles(screen, view, &grid);
    } else if (!ui->blocked && fs_rect_contains(view, ui->input.x, ui->input.y)) {
        int hit =
            fs_wall_grid_hit(&grid, n, ui->input.x - view.x, ui->input.y - view.y + screen->wall_offset);
        if (hit >= 0 && fs_ui_click(ui, FS_UI_ID(FS_ID_TILE, hit), view))
            clicked = hit;
    }
    fs_ui_scroll(ui, FS_UI_ID(FS_ID_WALL_SCROLL, 0), view, grid.height, &screen->wall_offset);
    if (clicked >= 0)
        fs_screen_open_channel(screen, clicked);
}
