#include "app/panel.h"

#include "base/alloc.h"

fs_panel *fs_panel_create(fs_panel_kind kind, int n_tiles) {
    fs_panel *panel = fs_calloc(1, sizeof *panel);
    fs_panel_tile *tiles = fs_calloc((size_t)n_tiles, sizeof *tiles);
    if (panel == NULL || tiles == NULL) {
        fs_free(panel);
        fs_free(tiles);
        return NULL;
    }
    atomic_init(&panel->references, 1);
    panel->kind = kind;
    panel->tiles = tiles;
    panel->n_tiles = n_tiles;
    for (int i = 0; i < n_tiles; i++)
        tiles[i].channel = -1;
    return panel;
}

fs_panel *fs_panel_keep(fs_panel *panel) {
    atomic_fetch_add_explicit(&panel->references, 1, memory_order_relaxed);
    return panel;
}

void fs_panel_release(fs_panel *panel) {
    if (panel == NULL || atomic_fetch_sub_explicit(&panel->references, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < panel->n_tiles; i++) {
        fs_image_free(&panel->tiles[i].picture);
        fs_free(panel->tiles[i].path);
        fs_free(panel->tiles[i].samples);
    }
    fs_tuning_free(&panel->tuning);
    fs_neighbour_weights_free(&panel->weights[FS_WEIGHTS_FROM].list);
    fs_neighbour_weights_free(&panel->weights[FS_WEIGHTS_TO].list);
    fs_free(panel->tiles);
    fs_free(panel);
}
