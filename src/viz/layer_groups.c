#include "viz/layer_groups.h"

#include <string.h>

#include "base/alloc.h"

int64_t fs_layer_groups_count(const fs_layer_groups *groups, int layer) {
    return fs_shape_count(&groups->layers[layer]->shape);
}

/* ---- preparation ---- */

static fs_status divide(fs_layer_groups *groups, int n_layers, int64_t most, fs_error *err) {
    groups->items = fs_calloc((size_t)n_layers, sizeof *groups->items);
    if (!groups->items)
        return fs_fail_memory(err, "the layers of a network");
    for (int l = 0; l < n_layers; l++) {
        const int64_t count = fs_layer_groups_count(groups, l);
        fs_layer_group *g = groups->n > 0 ? &groups->items[groups->n - 1] : NULL;
        if (!g || g->floats + count > most) {
            g = &groups->items[groups->n++];
            g->first = l;
        }
        g->n++;
        g->floats += count;
        groups->feature_floats = groups->feature_floats > g->floats ? groups->feature_floats : g->floats;
    }
    return FS_OK;
}

static fs_status make_plan(fs_layer_groups *groups, fs_layer_group *g, const fs_model *model, fs_pool *pool,
                           fs_error *err) {
    const fs_preprocess *p = &model->preprocess;
    int *values = fs_alloc_array((size_t)g->n, sizeof *values);
    if (!values)
        return fs_fail_memory(err, "a plan");
    for (int i = 0; i < g->n; i++)
        values[i] = groups->layers[g->first + i]->view;
    fs_plan_request request = fs_plan_request_default(
        model->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width));
    request.outputs = values;
    request.n_outputs = g->n;
    request.pool = pool;
    fs_status status = fs_plan_create(&g->plan, &request, err);
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        const fs_layer *layer = groups->layers[g->first + i];
        const fs_shape shape = fs_plan_output_shape(g->plan, i);
        if (!fs_shape_equal(&shape, &layer->shape))
            status =
                fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has another shape in a plan", layer->name);
    }
    fs_free(values);
    return status;
}

fs_status fs_layer_groups_create(fs_layer_groups *out, const fs_model *model, const fs_layer *const *layers,
                                 int n_layers, int64_t most_floats, fs_pool *pool, fs_error *err) {
    const fs_preprocess *p = &model->preprocess;
    fs_layer_groups groups = {.layers = layers,
                              .input_floats = (int64_t)fs_preprocess_channels(p) * p->height * p->width};
    fs_status status = divide(&groups, n_layers, most_floats, err);
    for (int g = 0; g < groups.n && status == FS_OK; g++)
        status = make_plan(&groups, &groups.items[g], model, pool, err);
    if (status == FS_OK)
        *out = groups;
    else
        fs_layer_groups_free(&groups);
    return status;
}

void fs_layer_groups_free(fs_layer_groups *groups) {
    for (int g = 0; g < groups->n; g++)
        fs_plan_destroy(groups->items[g].plan);
    fs_free(groups->items);
    *groups = (fs_layer_groups){0};
}

/* ---- a picture ---- */

float *fs_layer_groups_features(const fs_layer_groups *groups, int group, int i, float *features, int taken) {
    const fs_layer_group *g = &groups->items[group];
    int64_t offset = 0;
    for (int before = 0; before < i; before++)
        offset += fs_layer_groups_count(groups, g->first + before);
    return features + offset * taken;
}

fs_status fs_layer_groups_forward(const fs_layer_groups *groups, int group, const float *input,
                                  float *features, int slot, int taken, const atomic_bool *cancel,
                                  fs_error *err) {
    const fs_layer_group *g = &groups->items[group];
    memcpy(fs_plan_input(g->plan), input, (size_t)groups->input_floats * sizeof(float));
    fs_status status = fs_plan_forward(g->plan, cancel, err);
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        const int64_t count = fs_layer_groups_count(groups, g->first + i);
        memcpy(fs_layer_groups_features(groups, group, i, features, taken) + slot * count,
               fs_plan_output(g->plan, i), (size_t)count * sizeof(float));
    }
    return status;
}
