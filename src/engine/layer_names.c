#include "engine/layer_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/layer_parents.h"
#include "engine/name_map.h"

/* Paths with more components than real exporters write are taken as plain names. */
enum { MAX_COMPONENTS = 16 };

/* ---- paths ---- */

/* The length of name without "_output_7" at its end. */
static size_t without_output(const char *name) {
    const size_t length = strlen(name);
    size_t end = length;
    while (end > 0 && isdigit((unsigned char)name[end - 1]))
        end--;
    const size_t suffix = strlen("_output_");
    if (end < length && end > suffix && memcmp(name + end - suffix, "_output_", suffix) == 0)
        return end - suffix;
    return length;
}

void fs_layer_path_normalise(const char *name, char out[FS_LAYER_PATH]) {
    size_t left = without_output(name), used = 0, parent_length = 0;
    const char *parent = NULL;
    while (left > 0) {
        const char *slash = memchr(name, '/', left);
        const size_t length = slash ? (size_t)(slash - name) : left;
        const char *part = name;
        size_t kept = length;
        if (parent && length > parent_length && part[parent_length] == '.' &&
            memcmp(part, parent, parent_length) == 0) {
            part += parent_length + 1;
            kept -= parent_length + 1;
        }
        if (kept > 0 && used + kept + 2 <= FS_LAYER_PATH) {
            if (used)
                out[used++] = '.';
            memcpy(out + used, part, kept);
            used += kept;
        }
        if (length) {
            parent = name;
            parent_length = length;
        }
        name += length + (slash != NULL);
        left -= length + (slash != NULL);
    }
    out[used] = '\0';
}

const char *fs_layer_path_find(const char *path, const char *from, const char *part) {
    const size_t length = strlen(part);
    for (const char *at = from; length && (at = strstr(at, part)) != NULL; at++) {
        const bool starts = at == path || at[-1] == '.';
        if (starts && (at[length] == '\0' || at[length] == '.'))
            return at + length;
    }
    return NULL;
}

static int component_count(const char *path) {
    int count = 1;
    for (; *path; path++)
        count += *path == '.';
    return count;
}

/* Length of the first `length` bytes of a path without their last component; 0 when nothing is left. */
static size_t parent_length(const char *path, size_t length) {
    while (length > 0 && path[length - 1] != '.')
        length--;
    return length ? length - 1 : 0;
}

/* ---- one layer ---- */

/* Working state of one layer while names are given. */
typedef struct naming {
    bool is_module_path; /* path comes from a PyTorch path */
    bool is_output;
    size_t module; /* bytes of path that are the name, when the layer is called like a module; else 0 */
} naming;

/* Running numbers and what PyTorch before 1.13 calls inner values: "123", "input.4", "onnx::Relu_12". */
static bool says_nothing(const char *name) {
    if (strncmp(name, "onnx::", 6) == 0)
        return true;
    const char *digits = strncmp(name, "input.", 6) == 0 ? name + 6 : name;
    return *digits && strspn(digits, "0123456789") == strlen(digits);
}

/* TensorFlow's ":0" at the end of a value's name goes. */
static char *plain_name(fs_model *model, const fs_layer *layer) {
    const char *name = model->graph->values[layer->value].name;
    if (says_nothing(name))
        name = layer->node;
    const size_t length = strlen(name);
    const bool port = length > 2 && strcmp(name + length - 2, ":0") == 0;
    return fs_arena_strndup(model->arena, name, length - (port ? 2 : 0));
}

static int output_index(const fs_graph *graph, int value) {
    const fs_node *node = &graph->nodes[graph->values[value].producer];
    int index = 0;
    while (node->outputs[index] != value)
        index++;
    return index;
}

/* Sets path, and as the name to begin with the path or the plain name. */
static fs_status begin_layer(fs_model *model, fs_layer *layer, naming *state, fs_error *err) {
    const char *value = model->graph->values[layer->value].name;
    const char *source = layer->node[0] == '/' ? layer->node : value[0] == '/' ? value : NULL;
    const int index = output_index(model->graph, layer->value);
    char path[FS_LAYER_PATH];
    if (source) {
        fs_layer_path_normalise(source, path);
        const size_t length = strlen(path);
        if (index > 0 && length + 16 < sizeof path)
            snprintf(path + length, 16, ":%d", index);
        state->is_module_path = path[0] && component_count(path) <= MAX_COMPONENTS;
    }
    if (!state->is_module_path) {
        layer->name = plain_name(model, layer);
        fs_layer_path_normalise(layer->name ? layer->name : "", path);
    }
    layer->path = fs_arena_strdup(model->arena, path);
    if (state->is_module_path)
        layer->name = layer->path;
    return layer->path && layer->name ? FS_OK : fs_fail_memory(err, "layer names");
}

/* ---- modules ---- */

/* For every module the layers lie in: the last of them, and their parameters together. */
typedef struct modules {
    fs_name_map last, parameters;
} modules;

static bool collect(modules *m, const fs_layer *layer, int index) {
    const size_t full = strlen(layer->path);
    for (size_t n = parent_length(layer->path, full); n > 0; n = parent_length(layer->path, n)) {
        const int64_t sum = fs_name_map_get(&m->parameters, layer->path, n, 0) + layer->parameters;
        if (!fs_name_map_set(&m->last, layer->path, n, index) ||
            !fs_name_map_set(&m->parameters, layer->path, n, sum))
            return false;
    }
    return true;
}

/* How much of the path names the layer: see the header. */
static size_t module_of(const modules *m, const fs_layer *layer, int index) {
    size_t n = parent_length(layer->path, strlen(layer->path));
    if (n == 0 || fs_name_map_get(&m->last, layer->path, n, -1) != index)
        return 0;
    for (;;) {
        const size_t above = parent_length(layer->path, n);
        if (parent_length(layer->path, above) == 0 ||
            fs_name_map_get(&m->last, layer->path, above, -1) != index)
            return n;
        n = above;
    }
}

static fs_status apply_modules(fs_model *model, naming *states, const modules *m, fs_error *err) {
    for (int i = 0; i < model->n_layers; i++) {
        fs_layer *layer = &model->layers[i];
        if (states[i].is_output) {
            layer->name = model->graph->values[layer->value].name;
            continue;
        }
        states[i].module = states[i].is_module_path ? module_of(m, layer, i) : 0;
        if (!states[i].module)
            continue;
        layer->name = fs_arena_strndup(model->arena, layer->path, states[i].module);
        if (!layer->name)
            return fs_fail_memory(err, "layer names");
    }
    /* Sums only now: the layers' own numbers are what was added up. */
    for (int i = 0; i < model->n_layers; i++)
        if (states[i].module)
            model->layers[i].parameters =
                fs_name_map_get(&m->parameters, model->layers[i].path, states[i].module, 0);
    return FS_OK;
}

/* ---- uniqueness ---- */

static bool is_free(const fs_name_map *used, const char *name) {
    return name[0] && fs_name_map_get(used, name, strlen(name), -1) < 0;
}

/* The layer's name, else its path, else its value's name, else that with a number. */
static const char *free_name(fs_model *model, const fs_name_map *used, const fs_layer *layer) {
    const char *value = model->graph->values[layer->value].name;
    const char *choices[] = {layer->name, layer->path, value};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (is_free(used, choices[i]))
            return choices[i];
    char numbered[FS_LAYER_PATH];
    for (int number = 2;; number++) {
        snprintf(numbered, sizeof numbered, "%.1024s#%d", value, number);
        if (is_free(used, numbered))
            return fs_arena_strdup(model->arena, numbered);
    }
}

static fs_status make_unique(fs_model *model, const naming *states, fs_error *err) {
    fs_name_map used = {0};
    bool fine = true;
    for (int outputs = 1; outputs >= 0; outputs--) { /* outputs choose first */
        for (int i = 0; i < model->n_layers && fine; i++) {
            fs_layer *layer = &model->layers[i];
            if (states[i].is_output != (bool)outputs)
                continue;
            layer->name = free_name(model, &used, layer);
            fine = layer->name && fs_name_map_set(&used, layer->name, strlen(layer->name), i);
        }
    }
    fs_name_map_free(&used);
    return fine ? FS_OK : fs_fail_memory(err, "layer names");
}

static void mark_outputs(const fs_model *model, naming *states) {
    for (int i = 0; i < model->n_layers; i++)
        for (int o = 0; o < model->graph->n_outputs; o++)
            if (model->graph->outputs[o] == model->layers[i].value)
                states[i].is_output = true;
}

fs_status fs_layer_names_assign(fs_model *model, fs_error *err) {
    modules m = {0};
    naming *states = fs_calloc((size_t)model->n_layers + 1, sizeof *states);
    fs_status status = states ? FS_OK : fs_fail_memory(err, "layer names");
    if (states)
        mark_outputs(model, states);
    for (int i = 0; i < model->n_layers && status == FS_OK; i++) {
        status = begin_layer(model, &model->layers[i], &states[i], err);
        if (status == FS_OK && states[i].is_module_path && !collect(&m, &model->layers[i], i))
            status = fs_fail_memory(err, "layer names");
    }
    if (status == FS_OK)
        status = apply_modules(model, states, &m, err);
    if (status == FS_OK)
        status = make_unique(model, states, err);
    if (status == FS_OK)
        status = fs_layer_parents_assign(model, err);
    fs_name_map_free(&m.last);
    fs_name_map_free(&m.parameters);
    fs_free(states);
    return status;
}
