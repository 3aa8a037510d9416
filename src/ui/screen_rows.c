/* The list of layers: which are shown, under which heading, and where. */
#include <string.h>

#include "base/alloc.h"
#include "ui/screen_private.h"

static const double row_height = 26, heading_height = 38, list_margin = 8;

/* Channels of maps, of tokens or of scores; anything else is arithmetic the user does not look at. */
static bool is_shown(const fs_layer *layer) {
    return layer->channels > 0 && layer->shape.rank >= 2 && layer->shape.dim[0] == 1;
}

/* "features.3.squeeze" belongs to "features.3", "mixed3a_1x1" to "mixed3a": then it is listed below it, when
 * that is of the same level. The outermost such layer; -1 when there is none. */
static int module_of(const fs_model *model, int index) {
    const fs_layer *inner = &model->layers[index];
    int found = -1;
    for (int i = inner->parent; i >= 0; i = model->layers[i].parent)
        if (is_shown(&model->layers[i]) && model->layers[i].level == inner->level)
            found = i;
    return found;
}

static void add_row(fs_screen *screen, const fs_list_row *row) {
    screen->rows[screen->n_rows] = *row;
    screen->rows[screen->n_rows++].y = screen->list_height;
    screen->list_height += row->height;
}

/* A layer, and below it those of its module, in the order of computation. modules[i] is module_of layer i. */
static void add_layer(fs_screen *screen, const int *modules, int index) {
    const fs_model *model = screen->model->model;
    fs_list_row row = {.layer = index, .level = model->layers[index].level, .height = row_height};
    row.label = model->layers[index].name;
    add_row(screen, &row);
    size_t length = strlen(row.label) + 1;
    for (int i = 0; i < model->n_layers; i++) {
        if (modules[i] != index || !is_shown(&model->layers[i]))
            continue;
        row.layer = i;
        row.label = model->layers[i].name + length;
        row.inner = true;
        add_row(screen, &row);
    }
}

static void add_level(fs_screen *screen, const int *modules, fs_level level) {
    const fs_model *model = screen->model->model;
    bool headed = false;
    for (int i = 0; i < model->n_layers; i++) {
        if (model->layers[i].level != level || !is_shown(&model->layers[i]) || modules[i] >= 0)
            continue;
        if (!headed)
            add_row(screen, &(fs_list_row){.layer = -1, .level = level, .height = heading_height});
        headed = true;
        add_layer(screen, modules, i);
    }
}

fs_status fs_screen_make_rows(fs_screen *screen, fs_error *err) {
    const fs_model *model = screen->model->model;
    int *modules = fs_alloc_array((size_t)model->n_layers, sizeof *modules);
    screen->rows = fs_calloc((size_t)model->n_layers + FS_LEVEL_COUNT, sizeof *screen->rows);
    if (modules == NULL || screen->rows == NULL) {
        fs_free(modules);
        return fs_fail_memory(err, "the list of layers");
    }
    for (int i = 0; i < model->n_layers; i++)
        modules[i] = module_of(model, i);
    screen->n_rows = 0;
    screen->list_height = list_margin;
    for (int level = 0; level < FS_LEVEL_COUNT; level++)
        add_level(screen, modules, (fs_level)level);
    screen->list_height += list_margin;
    fs_free(modules);
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
