/* From what a user types to a layer: fs_model_layer. */
#include <stdio.h>
#include <string.h>

#include "engine/layer_names.h"
#include "engine/name_map.h"
#include "engine/operator.h"

enum { MAX_LISTED = 6, MAX_SUGGESTED = 3, MAX_COMPARED = 4000 };

/* ---- exact names ---- */

static const fs_layer *layer_with_value(const fs_model *model, int value) {
    for (int i = 0; i < model->n_layers; i++)
        if (model->layers[i].value == value)
            return &model->layers[i];
    return NULL;
}

/* The layer of a value, or of what identities passed on to it. */
static const fs_layer *layer_of_value(const fs_model *model, int value) {
    const fs_graph *graph = model->graph;
    const fs_layer *layer = value == FS_NO_VALUE ? NULL : layer_with_value(model, value);
    if (layer || value == FS_NO_VALUE)
        return layer;
    while (graph->values[value].producer >= 0 && graph->nodes[graph->values[value].producer].op->is_identity)
        value = graph->nodes[graph->values[value].producer].inputs[0];
    return layer_with_value(model, value);
}

static const fs_layer *find_exact(const fs_model *model, const char *name) {
    for (int i = 0; i < model->n_layers; i++)
        if (strcmp(model->layers[i].name, name) == 0)
            return &model->layers[i];
    const fs_layer *layer = layer_of_value(model, fs_graph_find(model->graph, name));
    for (int n = 0; n < model->graph->n_nodes && !layer; n++)
        if (strcmp(model->graph->nodes[n].name, name) == 0)
            layer = layer_of_value(model, model->graph->nodes[n].outputs[0]);
    return layer;
}

/* ---- parts of module paths ---- */

/* The modules (beginnings of paths) that end in what was typed, and the last layer of each. */
typedef struct candidates {
    fs_name_map modules;
    const char *first[MAX_LISTED];
    size_t first_length[MAX_LISTED];
    int anchored; /* the last layer of the module of exactly that path, or -1 */
} candidates;

static bool collect(candidates *c, const fs_layer *layer, int index, const char *part) {
    const char *end = layer->path;
    while ((end = fs_layer_path_find(layer->path, end, part)) != NULL) {
        const size_t length = (size_t)(end - layer->path);
        const int before = c->modules.count;
        if (length == strlen(part))
            c->anchored = index;
        if (!fs_name_map_set(&c->modules, layer->path, length, index))
            return false;
        if (c->modules.count > before && before < MAX_LISTED) {
            c->first[before] = layer->path;
            c->first_length[before] = length;
        }
    }
    return true;
}

static fs_status fail_ambiguous(const candidates *c, const char *name, fs_error *err) {
    char list[400] = "";
    size_t used = 0;
    for (int i = 0; i < MAX_LISTED && i < c->modules.count && used + 72 < sizeof list; i++) {
        const int shown = c->first_length[i] < 64 ? (int)c->first_length[i] : 64;
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%.*s", i ? ", " : "", shown, c->first[i]);
    }
    return fs_fail(err, FS_ERROR_ARGUMENT, "layer '%s' is ambiguous: %s%s", name, list,
                   c->modules.count > MAX_LISTED ? ", ..." : "");
}

/* *out stays NULL when no module has that name. */
static fs_status find_module(const fs_layer **out, const fs_model *model, const char *name, fs_error *err) {
    char part[FS_LAYER_PATH];
    candidates c = {.anchored = -1};
    fs_status status = FS_OK;
    fs_layer_path_normalise(name, part);
    for (int i = 0; i < model->n_layers && status == FS_OK; i++)
        if (!collect(&c, &model->layers[i], i, part))
            status = fs_fail_memory(err, "layer names");
    if (status == FS_OK && c.anchored >= 0)
        *out = &model->layers[c.anchored];
    else if (status == FS_OK && c.modules.count == 1)
        *out = &model->layers[fs_name_map_get(&c.modules, c.first[0], c.first_length[0], 0)];
    else if (status == FS_OK && c.modules.count > 1)
        status = fail_ambiguous(&c, name, err);
    fs_name_map_free(&c.modules);
    return status;
}

/* ---- suggestions ---- */

/* Levenshtein distance, of the first 64 bytes. */
static int edit_distance(const char *a, const char *b) {
    int row[65];
    const int n = (int)strnlen(a, 64), m = (int)strnlen(b, 64);
    for (int j = 0; j <= m; j++)
        row[j] = j;
    for (int i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[m];
}

/* The nearest names, nearest first; returns how many are near enough. */
static int nearest(const fs_model *model, const char *name, const fs_layer *out[MAX_SUGGESTED]) {
    int distance[MAX_SUGGESTED], count = 0;
    const int limit = 1 + (int)strlen(name) / 4;
    for (int i = 0; i < model->n_layers && i < MAX_COMPARED; i++) {
        const int d = edit_distance(name, model->layers[i].name);
        if (d > limit || (count == MAX_SUGGESTED && d >= distance[count - 1]))
            continue;
        int place = count < MAX_SUGGESTED ? count++ : count - 1;
        for (; place > 0 && distance[place - 1] > d; place--) {
            distance[place] = distance[place - 1];
            out[place] = out[place - 1];
        }
        distance[place] = d;
        out[place] = &model->layers[i];
    }
    return count;
}

static fs_status fail_unknown(const fs_model *model, const char *name, fs_error *err) {
    const fs_layer *near[MAX_SUGGESTED];
    char list[300] = "";
    size_t used = 0;
    const int count = nearest(model, name, near);
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s'%.64s'", i ? ", " : "; did you mean ",
                                 near[i]->name);
    return fs_fail(err, FS_ERROR_NOT_FOUND, "no layer '%s'%s%s", name, list,
                   count ? "?" : "; `filterscope layers` lists them");
}

const fs_layer *fs_model_layer(const fs_model *model, const char *name, fs_error *err) {
    const fs_layer *layer = NULL;
    if (!name[0] || strlen(name) > FS_LAYER_PATH - 76) {
        fs_fail(err, FS_ERROR_NOT_FOUND, "no layer '%.40s'; `filterscope layers` lists them", name);
        return NULL;
    }
    layer = find_exact(model, name);
    if (layer)
        return layer;
    if (find_module(&layer, model, name, err) == FS_OK && !layer)
        fail_unknown(model, name, err);
    return layer;
}

/* ---- class scores ---- */

/* The node behind a value, past operators that only change its shape. */
static const fs_node *last_node(const fs_graph *graph, int value) {
    static const char *const passing[] = {"Flatten", "Reshape", "Squeeze", "Unsqueeze", NULL};
    for (;;) {
        const int producer = graph->values[value].producer;
        if (producer < 0)
            return NULL;
        const fs_node *node = &graph->nodes[producer];
        bool passes = node->op->is_identity;
        for (int i = 0; passing[i] && !passes; i++)
            passes = strcmp(node->op->type, passing[i]) == 0;
        if (!passes)
            return node;
        value = node->inputs[0];
    }
}

static const fs_node *final_softmax(const fs_model *model) {
    const fs_graph *graph = model->graph;
    const fs_node *node = last_node(graph, graph->outputs[graph->n_outputs - 1]);
    return node && strcmp(node->op->type, "Softmax") == 0 ? node : NULL;
}

const fs_layer *fs_model_logits(const fs_model *model) {
    const fs_graph *graph = model->graph;
    const fs_node *softmax = final_softmax(model);
    return layer_of_value(model, softmax ? softmax->inputs[0] : graph->outputs[graph->n_outputs - 1]);
}

bool fs_model_output_is_probability(const fs_model *model) {
    return final_softmax(model) != NULL;
}

/* ---- activation functions ---- */

bool fs_layer_is_activation(const fs_layer *layer) {
    static const char *const types[] = {"Relu", "LeakyRelu", "PRelu",    "Clip", "Sigmoid",
                                        "Tanh", "HardSwish", "Softplus", "Elu",  "Selu",
                                        "Gelu", "Mish",      "Celu",     NULL};
    for (const char *const *type = types; *type; type++)
        if (strcmp(layer->operator_type, *type) == 0)
            return true;
    return false;
}

const fs_layer *fs_model_activated(const fs_model *model, const fs_layer *layer) {
    const fs_graph *graph = model->graph;
    for (int l = 0; l < model->n_layers; l++) {
        const fs_layer *next = &model->layers[l];
        const int producer = fs_layer_is_activation(next) ? graph->values[next->value].producer : -1;
        if (producer >= 0 && graph->nodes[producer].inputs[0] == layer->value)
            return next;
    }
    return layer;
}
