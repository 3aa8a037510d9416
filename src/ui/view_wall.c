/* The wall: every channel of the layer as a tile with its number. */
#include <math.h>
#include <stdio.h>

#include "engine/concepts.h"
#include "report/caption.h"
#include "ui/screen_private.h"
#include "ui/widgets/picture.h"
#include "ui/widgets/scroll.h"
#include "ui/widgets/tip.h"

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
    fs_text_style style = {
        .size = 11.5, .align = FS_ALIGN_CENTRE, .cut_end = true}; /* classes have long names */
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

/* What is under the pointer: the channel, what it answers to, how well its picture does. */
typedef struct card_text {
    char name[FS_CAPTION_SIZE], concept[FS_CAPTION_SIZE], value[FS_CAPTION_SIZE];
    const char *lines[4];
} card_text;

static void write_card(const fs_screen *screen, int channel, card_text *text) {
    char number[FS_CAPTION_SIZE];
    const fs_layer *layer = fs_screen_layer(screen);
    const fs_concept *known = fs_layer_concept(layer, channel);
    const char *label = fs_caption_label(screen->model->model, layer, channel);
    const fs_picture *picture = fs_thumbs_picture(screen->thumbs, screen->layer, channel);
    *text = (card_text){.lines = {text->name, text->concept, text->value, NULL}};
    snprintf(text->name, sizeof text->name, "%.200s \u00b7 channel %d", layer->name, channel);
    if (label != NULL)
        snprintf(text->concept, sizeof text->concept, "class %.200s", label);
    else if (known != NULL)
        snprintf(text->concept, sizeof text->concept, "%s %.200s, IoU %.2f",
                 fs_concept_kind_name(known->kind), known->name, known->iou);
    if (picture != NULL)
        snprintf(text->value, sizeof text->value, "activation %.80s after %d steps",
                 fs_caption_number(picture->objective, number), picture->steps);
    else
        snprintf(text->value, sizeof text->value, "not rendered yet");
}

/* The tile under the pointer with its caption; no width: there is none. */
static fs_rect card_anchor(const fs_screen *screen, fs_rect view, int *channel) {
    const fs_ui *ui = &screen->ui;
    *channel = ui->hot >> 24 == FS_ID_TILE ? (int)(ui->hot & 0xffffff) : -1;
    if (*channel < 0 || *channel >= fs_screen_layer(screen)->channels || ui->active != 0 || ui->blocked)
        return (fs_rect){0};
    const fs_wall_grid grid = fs_screen_grid(screen);
    fs_rect tile = fs_wall_grid_tile(&grid, *channel);
    tile.x += view.x;
    tile.y += view.y - screen->wall_offset;
    tile.h += grid.caption;
    return tile;
}

static void draw_tip(fs_screen *screen, fs_rect view) {
    int channel;
    card_text text;
    const fs_rect anchor = card_anchor(screen, view, &channel);
    if (anchor.w <= 0)
        return;
    write_card(screen, channel, &text);
    fs_ui_name_card(&screen->ui, anchor, view, text.lines);
}

fs_rect fs_view_wall_card(const fs_screen *screen, const fs_layout *layout) {
    int channel;
    card_text text;
    const fs_rect anchor = card_anchor(screen, layout->body, &channel);
    if (anchor.w <= 0)
        return (fs_rect){0};
    write_card(screen, channel, &text);
    return fs_ui_name_card_rect(&screen->ui, anchor, layout->body, text.lines);
}

/* A press that moves takes the wall along. True: the pointer has it, and nothing is opened. */
static bool drag(fs_screen *screen, fs_rect view) {
    const double least = 5;
    fs_ui *ui = &screen->ui;
    const fs_ui_id ground = FS_UI_ID(FS_ID_WALL_SCROLL, FS_WALL_GROUND);
    (void)fs_ui_click(ui, ground, view);
    if (ui->input.pressed) {
        screen->drag_from = ui->input.y;
        screen->drag_offset = screen->wall_offset;
        screen->dragged = false;
    }
    if (ui->active != ground && ui->active >> 24 != FS_ID_TILE)
        return false;
    const double moved = ui->input.y - screen->drag_from;
    screen->dragged = screen->dragged || fabs(moved) > least;
    if (screen->dragged)
        screen->wall_offset = screen->drag_offset - moved;
    return screen->dragged;
}

static int tile_under(const fs_screen *screen, fs_rect view, const fs_wall_grid *grid) {
    const fs_ui *ui = &screen->ui;
    if (ui->blocked || !fs_rect_contains(view, ui->input.x, ui->input.y))
        return -1;
    return fs_wall_grid_hit(grid, fs_screen_layer(screen)->channels, ui->input.x - view.x,
                            ui->input.y - view.y + screen->wall_offset);
}

/* The wheel with Ctrl: around what is under the pointer. */
static void zoom_by_wheel(fs_screen *screen, fs_rect view, const fs_wall_grid *grid) {
    fs_ui *ui = &screen->ui;
    if (!ui->input.ctrl || ui->input.wheel == 0 || ui->blocked ||
        !fs_rect_contains(view, ui->input.x, ui->input.y))
        return;
    const int under = tile_under(screen, view, grid);
    int first, last;
    fs_wall_grid_visible(grid, screen->wall_offset, view.h, &first, &last);
    fs_screen_zoom_wall(screen, ui->input.wheel > 0 ? 1 : -1, under >= 0 ? under : first * grid->columns);
    ui->input.wheel = 0; /* it scrolls nothing */
}

void fs_view_wall(fs_screen *screen, const fs_layout *layout) {
    fs_ui *ui = &screen->ui;
    const fs_rect view = layout->body;
    int clicked = -1;
    fs_wall_grid grid = fs_screen_grid(screen);
    if (fs_ui_drawing(ui)) {
        draw_tiles(screen, view, &grid);
        draw_tip(screen, view);
    } else {
        zoom_by_wheel(screen, view, &grid);
        grid = fs_screen_grid(screen);
        const bool dragged = drag(screen, view);
        const int hit = tile_under(screen, view, &grid);
        if (hit >= 0 && fs_ui_click(ui, FS_UI_ID(FS_ID_TILE, hit), view) && !dragged)
            clicked = hit;
    }
    fs_ui_scroll(ui, FS_UI_ID(FS_ID_WALL_SCROLL, 0), view, grid.height, &screen->wall_offset);
    if (clicked >= 0)
        fs_screen_open_channel(screen, clicked);
}
