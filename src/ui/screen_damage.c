/* What a new picture, or the pointer on another tile or row, changes on the screen. Everything else that
 * happens draws all of it anew. */
#include "ui/screen_private.h"

/* As wide as the frame around a selected tile. */
static const double rim = 5;

static void damage_tile(fs_screen *screen, int channel) {
    const fs_layout layout = fs_screen_layout(screen);
    const fs_wall_grid grid = fs_screen_grid(screen);
    fs_rect tile = fs_wall_grid_tile(&grid, channel);
    tile.x += layout.body.x;
    tile.y += layout.body.y - screen->wall_offset;
    tile = fs_rect_inset(tile, -rim, -rim);
    if (tile.y < layout.body.y + layout.body.h && tile.y + tile.h > layout.body.y)
        fs_damage_add(&screen->damage, tile);
}

static bool is_covered(const fs_screen *screen) {
    return screen->lesson.on || screen->help || screen->menu.open || screen->search.open ||
           screen->ui.tip.text[0] != '\0' || screen->ui.tip.due;
}

/* The marks of tiles and rows stay within them. False: it is something else, of which that is not known. */
static bool damage_hovered(fs_screen *screen, fs_ui_id id) {
    const int kind = (int)(id >> 24), index = (int)(id & 0xffffff);
    const fs_rect list = fs_screen_layout(screen).list;
    if (id == 0 || id == FS_UI_ID(FS_ID_WALL_SCROLL, FS_WALL_GROUND))
        return true; /* nothing is there to be marked */
    if (kind == FS_ID_TILE && index < fs_screen_layer(screen)->channels) {
        damage_tile(screen, index);
        return true;
    }
    const int at = kind == FS_ID_LAYER ? fs_screen_row_of_layer(screen, index) : -1;
    if (at < 0)
        return false;
    const fs_list_row *row = &screen->rows[at];
    fs_damage_add(&screen->damage,
                  (fs_rect){list.x, list.y + row->y - screen->list_offset, list.w, row->height});
    return true;
}

void fs_screen_damage_hover(fs_screen *screen, fs_ui_id before) {
    const fs_layout layout = fs_screen_layout(screen);
    if (screen->model == NULL || is_covered(screen) || !damage_hovered(screen, before) ||
        !damage_hovered(screen, screen->ui.hot)) {
        fs_damage_all(&screen->damage);
        return;
    }
    const fs_rect cards[] = {screen->ui.card, fs_view_wall_card(screen, &layout)};
    for (int i = 0; i < 2; i++)
        if (cards[i].w > 0)
            fs_damage_add(&screen->damage, fs_rect_inset(cards[i], -rim, -rim));
}

void fs_screen_damage_picture(fs_screen *screen, const fs_event *event) {
    const fs_layout layout = fs_screen_layout(screen);
    fs_damage_add(&screen->damage, layout.status);
    if (is_covered(screen) || screen->message.expanded) {
        fs_damage_all(&screen->damage); /* it lies over everything */
    } else if (screen->view.open) {
        const fs_channel_layout parts =
            fs_channel_layout_make(layout.body, screen->feature.tab == FS_TAB_RENDER);
        fs_damage_add(&screen->damage, fs_rect_inset(parts.picture, -rim, -rim));
        if (screen->feature.tab == FS_TAB_RENDER)
            fs_damage_add(&screen->damage, parts.side); /* with the curve */
    } else if (!screen->gabor.open && !screen->finetune.open && event->job_kind == FS_WORKER_WALL) {
        if (screen->ui.hot == FS_UI_ID(FS_ID_TILE, event->picture->channel))
            fs_damage_all(&screen->damage); /* the card beside it has its numbers */
        else
            damage_tile(screen, event->picture->channel);
    }
}
