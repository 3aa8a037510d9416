#include "app/freeze_map.h"

#include "base/alloc.h"
#include "base/text.h"
#include "engine/head.h"

/* The layer itself has weights, rather than the layers it consists of. */
static bool has_own_weights(const fs_model *model, int layer) {
    if (model->layers[layer].parameters <= 0)
        return false;
    for (int i = 0; i < model->n_layers; i++)
        if (model->layers[i].parent == layer && model->layers[i].parameters > 0)
            return false;
    return true;
}

fs_status fs_freeze_map_create(fs_freeze_map *out, const fs_model *model, fs_error *err) {
    int head_input;
    fs_status status = fs_model_head_input(&head_input, model, err);
    if (status != FS_OK)
        return status;
    const int last = model->graph->values[head_input].producer;
    fs_freeze_map map = {.layers = fs_alloc_array((size_t)model->n_layers + 1, sizeof *map.layers),
                         .trained = fs_calloc((size_t)model->n_layers + 1, sizeof *map.trained)};
    if (!map.layers || !map.trained) {
        fs_freeze_map_free(&map);
        return fs_fail_memory(err, "the layers to train");
    }
    for (int i = 0; i < model->n_layers; i++) {
        const int producer = model->graph->values[model->layers[i].value].producer;
        if (producer >= 0 && producer <= last && has_own_weights(model, i))
            map.layers[map.n++] = i;
    }
    *out = map;
    return FS_OK;
}

void fs_freeze_map_free(fs_freeze_map *map) {
    fs_free(map->layers);
    fs_free(map->trained);
    *map = (fs_freeze_map){0};
}

static bool policy_trains(fs_freeze policy, fs_level level) {
    switch (policy) {
    case FS_FREEZE_LOW:
        return level >= FS_LEVEL_PATTERN;
    case FS_FREEZE_HIGH:
        return level >= FS_LEVEL_PART;
    case FS_FREEZE_NONE:
        return true;
    default:
        return false;
    }
}

void fs_freeze_map_set(fs_freeze_map *map, const fs_model *model, fs_freeze policy) {
    for (int i = 0; i < map->n; i++)
        map->trained[i] = policy_trains(policy, model->layers[map->layers[i]].level);
}

int fs_freeze_map_policy(const fs_freeze_map *map, const fs_model *model) {
    for (int policy = FS_FREEZE_HEAD; policy <= FS_FREEZE_NONE; policy++) {
        bool same = true;
        for (int i = 0; i < map->n && same; i++)
            same = map->trained[i] == policy_trains((fs_freeze)policy, model->layers[map->layers[i]].level);
        if (same)
            return policy;
    }
    return -1;
}

void fs_freeze_map_toggle_level(fs_freeze_map *map, const fs_model *model, fs_level level) {
    bool all = true;
    for (int i = 0; i < map->n; i++)
        all = all && (model->layers[map->layers[i]].level != level || map->trained[i]);
    for (int i = 0; i < map->n; i++)
        if (model->layers[map->layers[i]].level == level)
            map->trained[i] = !all;
}

fs_status fs_freeze_map_text(char **out, const fs_freeze_map *map, const fs_model *model, fs_error *err) {
    fs_text text = {0};
    fs_text_add(&text, "%s", "");
    for (int i = 0; i < map->n; i++) /* a value keeps its name when the list of layers is made anew */
        if (map->trained[i])
            fs_text_add(&text, "%s%s", text.length ? "," : "",
                        model->graph->values[model->layers[map->layers[i]].value].name);
    char *copy = fs_text_broken(&text) ? NULL : fs_strdup(text.bytes);
    fs_text_free(&text);
    if (!copy)
        return fs_fail_memory(err, "the layers to train");
    *out = copy;
    return FS_OK;
}
