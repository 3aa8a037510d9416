#include "engine/layer_parents.h"

#include <string.h>

#include "engine/name_map.h"

/* Names with more separators than real ones have are looked at from their end only this far. */
enum { MAX_SEPARATORS = 32 };

static int parent_of(const fs_model *model, const fs_name_map *names, int index) {
    const char *name = model->layers[index].name;
    int looked = 0;
    for (size_t n = strlen(name); n-- > 1 && looked < MAX_SEPARATORS;) {
        if (name[n] != '.' && name[n] != '/' && name[n] != '_')
            continue;
        looked++;
        const int outer = (int)fs_name_map_get(names, name, n, -1);
        if (outer >= 0 && (name[n] != '_' || outer > index))
            return outer;
    }
    return -1;
}

fs_status fs_layer_parents_assign(fs_model *model, fs_error *err) {
    fs_name_map names = {0};
    fs_status status = FS_OK;
    for (int i = 0; i < model->n_layers && status == FS_OK; i++) {
        const char *name = model->layers[i].name;
        if (!fs_name_map_set(&names, name, strlen(name), i))
            status = fs_fail_memory(err, "layer names");
    }
    for (int i = 0; i < model->n_layers && status == FS_OK; i++)
        model->layers[i].parent = parent_of(model, &names, i);
    fs_name_map_free(&names);
    return status;
}
