/* The list of layers: which are shown, under which heading, and where. */
#include "base/alloc.h"
#include "ui/screen_private.h"

static const double row_height = 26, heading_height = 38, list_margin = 8;

/* Channels of pictures or of scores; anything else is arithmetic the user does not look at. */
static bool is_shown(const fs_layer *layer) {
    return layer->channels > 0 && (layer->shape.rank == 4 || layer->shape.rank == 2);
}

fs_status fs_screen_make_rows(fs_screen *screen, fs_error *err) {
    const fs_model *model = screen->model->model;
    screen->rows = fs_calloc((size_t)model->n_layers + FS_LEVEL_COUNT, sizeof *screen->rows);
    if (screen->rows == NULL)
        return fs_fail_memory(err, "the list of layers");
    double y = list_margin;
    screen->n_rows = 0;
    for (int level = 0; level < FS_LEVEL_COUNT; level++) {
        bool headed = false;
        for (int i = 0; i < model->n_layers; i++) {
            if ((int)model->layers[i].level != level || !is_shown(&model->layers[i]))
                continue;
            if (!headed) {
                screen->rows[screen->n_rows++] = (fs_list_row){-1, (fs_level)level, y, heading_height};
                y += heading_height;
                headed = true;
            }
            screen->rows[screen->n_rows++] = (fs_list_row){i, (fs_level)level, y, row_height};
            y += row_height;
        }
    }
    screen->list_height = y + list_margin;
    return FS_OK;
}

int fs_screen_row_of_layer(const fs_screen *screen, int layer) {
    for (int i = 0; i < screen->n_rows; i++)
        if (screen->rows[i].layer == layer)
            return i;
    return -1;
}

void fs_screen_move_layer(fs_screen *screen, int step) {
    int direction = step < 0 ? -1 : 1, left = step * direction;
    int found = -1;
    for (int i = fs_screen_row_of_layer(screen, screen->layer) + direction;
         left > 0 && i >= 0 && i < screen->n_rows; i += direction) {
        if (screen->rows[i].layer < 0)
            continue;
        found = screen->rows[i].layer;
        left--;
    }
    if (found >= 0)
        fs_screen_select_layer(screen, found);
}
