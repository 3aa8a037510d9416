#include "engine/levels.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/layer_names.h"
#include "engine/operator.h"

static const double texture_share = 0.25, pattern_share = 0.5, object_share = 0.84, whole_bonus = 0.15;

const char *fs_level_name(fs_level level) {
    static const char *const names[] = {"edge", "texture", "pattern", "part", "object"};
    return names[level];
}

/* What the levels are measured by, for every value. */
typedef struct measures {
    int *depth;  /* mixing layers on the longest way from the image */
    bool *feeds; /* something with more than one position follows: a gate, not the end */
    int deepest;
} measures;

static bool is_from_image(const fs_field *fields, int value) {
    return value != FS_NO_VALUE && fields[value].from_image;
}

/* A convolution, or a product with a weight: what makes new features of old ones at every position. */
static bool mixes_features(const fs_node *node, const fs_field *fields) {
    int from_image = 0;
    for (int i = 0; i < node->n_inputs; i++)
        from_image += is_from_image(fields, node->inputs[i]);
    if (strcmp(node->op->type, "MatMul") == 0 || strcmp(node->op->type, "Gemm") == 0)
        return from_image == 1;
    return strcmp(node->op->type, "Conv") == 0 || strcmp(node->op->type, "ConvTranspose") == 0;
}

/* Those over a single position (gates, heads) do not count. */
static void measure_depth(measures *m, const fs_graph *graph, const fs_field *fields) {
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        int reached = 0;
        bool single = true;
        for (int i = 0; i < node->n_inputs; i++) {
            const int v = node->inputs[i];
            if (!is_from_image(fields, v))
                continue;
            reached = m->depth[v] > reached ? m->depth[v] : reached;
            single = single && fields[v].positions == 1;
        }
        reached += !single && mixes_features(node, fields);
        m->deepest = reached > m->deepest ? reached : m->deepest;
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE)
                m->depth[node->outputs[o]] = reached;
    }
}

static void measure_feeding(measures *m, const fs_graph *graph, const fs_field *fields) {
    for (int n = graph->n_nodes - 1; n >= 0; n--) {
        const fs_node *node = &graph->nodes[n];
        bool feeds = false;
        for (int o = 0; o < node->n_outputs; o++)
            if (is_from_image(fields, node->outputs[o]))
                feeds = feeds || fields[node->outputs[o]].positions > 1 || m->feeds[node->outputs[o]];
        for (int i = 0; i < node->n_inputs; i++)
            if (node->inputs[i] != FS_NO_VALUE)
                m->feeds[node->inputs[i]] = m->feeds[node->inputs[i]] || feeds;
    }
}

static fs_level level_at(const fs_model *model, const fs_layer *layer, const fs_field *field,
                         const measures *m) {
    const int side = model->preprocess.height < model->preprocess.width ? model->preprocess.height
                                                                        : model->preprocess.width;
    const int depth = m->depth[layer->value];
    if (field->positions == 1 && !m->feeds[layer->value])
        return FS_LEVEL_OBJECT;
    if (depth <= 1)
        return FS_LEVEL_EDGE;
    double share = (double)(depth - 1) / (m->deepest - 1);
    if (layer->field.size >= side)
        share += whole_bonus;
    if (share <= texture_share)
        return FS_LEVEL_TEXTURE;
    if (share <= pattern_share)
        return FS_LEVEL_PATTERN;
    return share < object_share ? FS_LEVEL_PART : FS_LEVEL_OBJECT;
}

/* Names that are no paths of modules tell branches by what is added to the block's name ("mixed4d_1x1"):
 * those are shown with the block. A scope may hold a whole network too, so a block is at most this many
 * convolutions deep; and the first layer stays what it is. */
enum { BLOCK_DEPTH = 4 };

static bool is_branch(const fs_model *model, const fs_layer *layer, int parent) {
    return layer->name[strlen(model->layers[parent].name)] != '.';
}

static void join_blocks(fs_model *model, const int *depth) {
    for (int i = model->n_layers - 1; i >= 0; i--) {
        fs_layer *layer = &model->layers[i];
        for (int p = layer->parent; p >= 0 && layer->level != FS_LEVEL_EDGE; p = model->layers[p].parent)
            if (is_branch(model, layer, p) &&
                depth[model->layers[p].value] - depth[layer->value] <= BLOCK_DEPTH)
                layer->level = model->layers[p].level;
    }
}

/* Bytes of the layer's identity that the pattern covers: the longest pattern wins. 0: no match. */
static size_t match_length(const fs_model *model, const fs_layer *layer, const char *pattern,
                           const char *dotted) {
    if (strcmp(layer->name, pattern) == 0 || strcmp(layer->node, pattern) == 0 ||
        strcmp(model->graph->values[layer->value].name, pattern) == 0)
        return SIZE_MAX;
    for (int p = layer->parent; p >= 0; p = model->layers[p].parent)
        if (strcmp(model->layers[p].name, pattern) == 0)
            return strlen(pattern);
    return fs_layer_path_find(layer->path, layer->path, dotted) ? strlen(dotted) : 0;
}

bool fs_levels_match(const fs_model *model, const char *pattern) {
    char dotted[FS_LAYER_PATH];
    fs_layer_path_normalise(pattern, dotted);
    for (int i = 0; i < model->n_layers; i++)
        if (match_length(model, &model->layers[i], pattern, dotted) > 0)
            return true;
    return false;
}

static fs_status apply_pattern(fs_model *model, const char *pattern, fs_level level, size_t *best,
                               fs_error *err) {
    char dotted[FS_LAYER_PATH];
    bool found = false;
    fs_layer_path_normalise(pattern, dotted);
    for (int i = 0; i < model->n_layers; i++) {
        const size_t length = match_length(model, &model->layers[i], pattern, dotted);
        found = found || length > 0;
        if (length <= best[i])
            continue;
        best[i] = length;
        model->layers[i].level = level;
    }
    if (!found)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "'levels.%s': no layer '%.80s'", fs_level_name(level),
                       pattern);
    return FS_OK;
}

static fs_status apply_levels(fs_model *model, const fs_sidecar_levels *levels, fs_error *err) {
    size_t *best = fs_calloc((size_t)model->n_layers, sizeof *best);
    if (!best)
        return fs_fail_memory(err, "levels");
    fs_status status = FS_OK;
    for (int level = 0; level < FS_LEVEL_COUNT; level++)
        for (int i = 0; i < levels->count[level] && status == FS_OK; i++)
            status = apply_pattern(model, levels->names[level][i], (fs_level)level, best, err);
    fs_free(best);
    return status;
}

fs_status fs_levels_assign(fs_model *model, const fs_field *fields, const fs_sidecar_levels *levels,
                           fs_error *err) {
    const fs_graph *graph = model->graph;
    measures m = {.depth = fs_calloc((size_t)graph->n_values, sizeof *m.depth),
                  .feeds = fs_calloc((size_t)graph->n_values, sizeof *m.feeds)};
    fs_status status = m.depth && m.feeds ? FS_OK : fs_fail_memory(err, "levels");
    if (status == FS_OK) {
        measure_depth(&m, graph, fields);
        measure_feeding(&m, graph, fields);
        for (int i = 0; i < model->n_layers; i++) {
            fs_layer *layer = &model->layers[i];
            layer->level = level_at(model, layer, &fields[layer->value], &m);
        }
        join_blocks(model, m.depth);
    }
    fs_free(m.depth);
    fs_free(m.feeds);
    return status == FS_OK && levels ? apply_levels(model, levels, err) : status;
}
