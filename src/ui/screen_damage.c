/* What a new picture changes on the screen. Everything else that happens draws all of it anew. */
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

void fs_screen_damage_picture(fs_screen *screen, const fs_event *event) {
    const fs_layout layout = fs_screen_layout(screen);
    fs_damage_add(&screen->damage, layout.status);
    if (screen->lesson.on || screen->help || screen->menu.open || screen->search.open ||
        screen->ui.tip.text[0] != '\0' || screen->message.expanded) {
        fs_damage_all(&screen->damage); /* it lies over everything */
    } else if (screen->view.open) {
        const fs_channel_layout parts =
            fs_channel_layout_make(layout.body, screen->feature.tab == FS_TAB_RENDER);
        fs_damage_add(&screen->damage, fs_rect_inset(parts.picture, -rim, -rim));
        if (screen->feature.tab == FS_TAB_RENDER)
            fs_damage_add(&screen->damage, parts.side); /* with the curve */
        if (event->job_kind == FS_WORKER_VIEW && event->picture->steps <= 1)
            fs_damage_all(&screen->damage); /* the export becomes possible */
    } else if (!screen->gabor.open && !screen->finetune.open && event->job_kind == FS_WORKER_WALL) {
        if (screen->ui.hot == FS_UI_ID(FS_ID_TILE, event->picture->channel))
            fs_damage_all(&screen->damage); /* the card beside it has its numbers */
        else
            damage_tile(screen, event->picture->channel);
    }
}
