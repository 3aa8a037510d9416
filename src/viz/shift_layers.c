#include "viz/shift_layers.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/operator.h"

const char *fs_shift_reason_name(fs_shift_reason reason) {
    static const char *const names[] = {"only-before", "only-after", "shapes-differ", "no-channels"};
    return names[reason];
}

/* ---- filters ---- */

static const fs_tensor *weights_of(const fs_model *model, const fs_node *node) {
    if (node->n_inputs < 2 || node->inputs[1] == FS_NO_VALUE)
        return NULL;
    const fs_tensor *w = &model->graph->values[node->inputs[1]].constant;
    return w->data && w->dtype == FS_F32 && fs_tensor_count(w) > 0 ? w : NULL;
}

fs_shift_filters fs_shift_filters_of(const fs_model *model, const fs_layer *layer) {
    const fs_shift_filters none = {0};
    const int producer = model->graph->values[layer->value].producer;
    const fs_node *node = producer >= 0 ? &model->graph->nodes[producer] : NULL;
    const fs_tensor *w = node ? weights_of(model, node) : NULL;
    if (!w || w->shape.rank < 2)
        return none;
    const int64_t count = fs_tensor_count(w), last = w->shape.dim[1];
    const bool conv = strcmp(node->op->type, "Conv") == 0, gemm = strcmp(node->op->type, "Gemm") == 0;
    const bool rows = conv || (gemm && fs_node_int(node, "transB", 0) != 0);
    const bool columns = (gemm && !rows) || strcmp(node->op->type, "MatMul") == 0;
    if (rows && w->shape.dim[0] == layer->channels)
        return (fs_shift_filters){w->data, layer->channels, count / layer->channels, count / layer->channels,
                                  1};
    if (columns && w->shape.rank == 2 && last == layer->channels)
        return (fs_shift_filters){w->data, layer->channels, w->shape.dim[0], 1, last};
    return none;
}

/* ---- pairs ---- */

static int by_name(const void *a, const void *b) {
    return strcmp((*(const fs_layer *const *)a)->name, (*(const fs_layer *const *)b)->name);
}

/* The model's layers sorted by name; fs_free. */
static const fs_layer **sort_layers(const fs_model *model) {
    const fs_layer **sorted = fs_calloc((size_t)model->n_layers, sizeof *sorted);
    for (int i = 0; sorted && i < model->n_layers; i++)
        sorted[i] = &model->layers[i];
    if (sorted)
        qsort(sorted, (size_t)model->n_layers, sizeof *sorted, by_name);
    return sorted;
}

static const fs_layer *find(const fs_layer *const *sorted, int n, const fs_layer *layer) {
    const fs_layer *const *found = bsearch(&layer, sorted, (size_t)n, sizeof *sorted, by_name);
    return found ? *found : NULL;
}

static bool has_channels(const fs_layer *layer) {
    const fs_shape *s = &layer->shape;
    const int64_t count = s->rank >= 2 && s->rank <= 4 && s->dim[0] == 1 ? fs_shape_count(s) : 0;
    return count > 0 && count <= INT32_MAX && layer->channels > 0;
}

static void skip(fs_shift_layers *out, const fs_layer *layer, fs_shift_reason reason) {
    out->skipped[out->n_skipped++] = (fs_shift_skip){layer, reason};
}

static void add_pair(fs_shift_layers *out, const fs_model *const models[FS_VERSIONS], const fs_layer *before,
                     const fs_layer *after, bool all) {
    fs_shift_pair pair = {.layer = {before, after}};
    for (int v = 0; v < FS_VERSIONS; v++)
        pair.filters[v] = fs_shift_filters_of(models[v], pair.layer[v]);
    if (pair.filters[FS_BEFORE].count != pair.filters[FS_AFTER].count ||
        pair.filters[FS_BEFORE].length != pair.filters[FS_AFTER].length)
        memset(pair.filters, 0, sizeof pair.filters);
    if (all || before->parent < 0 || pair.filters[FS_BEFORE].data)
        out->pairs[out->n++] = pair;
}

static void match(fs_shift_layers *out, const fs_model *const models[FS_VERSIONS],
                  const fs_layer *const *before, const fs_layer *const *after, bool all) {
    for (int i = 0; i < models[FS_BEFORE]->n_layers; i++) {
        const fs_layer *a = &models[FS_BEFORE]->layers[i];
        const fs_layer *b = find(after, models[FS_AFTER]->n_layers, a);
        if (!b)
            skip(out, a, FS_SHIFT_ONLY_BEFORE);
        else if (!has_channels(a) || !has_channels(b))
            skip(out, a, FS_SHIFT_NO_CHANNELS);
        else if (!fs_shape_equal(&a->shape, &b->shape))
            skip(out, a, FS_SHIFT_SHAPES_DIFFER);
        else
            add_pair(out, models, a, b, all);
    }
    for (int i = 0; i < models[FS_AFTER]->n_layers; i++)
        if (!find(before, models[FS_BEFORE]->n_layers, &models[FS_AFTER]->layers[i]))
            skip(out, &models[FS_AFTER]->layers[i], FS_SHIFT_ONLY_AFTER);
}

fs_status fs_shift_match(fs_shift_layers *out, const fs_model *before, const fs_model *after, bool all,
                         fs_error *err) {
    const fs_model *const models[FS_VERSIONS] = {before, after};
    const size_t most = (size_t)before->n_layers + (size_t)after->n_layers;
    fs_shift_layers layers = {.pairs = fs_calloc((size_t)before->n_layers, sizeof *layers.pairs),
                              .skipped = fs_calloc(most, sizeof *layers.skipped)};
    const fs_layer **sorted_before = sort_layers(before), **sorted_after = sort_layers(after);
    fs_status status = FS_OK;
    if (!layers.pairs || !layers.skipped || !sorted_before || !sorted_after)
        status = fs_fail_memory(err, "the layers of two networks");
    else
        match(&layers, models, sorted_before, sorted_after, all);
    if (status == FS_OK && layers.n == 0)
        status = fs_fail(err, FS_ERROR_NOT_FOUND,
                         "no layer of the one has the name and shape of one of the "
                         "other");
    if (status == FS_OK && layers.n > FS_SHIFT_MAX_LAYERS)
        status = fs_fail(err, FS_ERROR_LIMIT, "%d layers in common are too many: up to %d can be compared",
                         layers.n, FS_SHIFT_MAX_LAYERS);
    fs_free(sorted_before);
    fs_free(sorted_after);
    if (status == FS_OK)
        *out = layers;
    else
        fs_shift_layers_free(&layers);
    return status;
}

void fs_shift_layers_free(fs_shift_layers *layers) {
    fs_free(layers->pairs);
    fs_free(layers->skipped);
    memset(layers, 0, sizeof *layers);
}

const fs_layer **fs_shift_side(const fs_shift_layers *layers, int version) {
    const fs_layer **side = fs_alloc_array((size_t)layers->n, sizeof *side);
    for (int i = 0; side && i < layers->n; i++)
        side[i] = layers->pairs[i].layer[version];
    return side;
}
