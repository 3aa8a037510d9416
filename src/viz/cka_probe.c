#include "viz/cka_probe.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/plan.h"

struct fs_cka_probe {
    const fs_shift_layers *layers;
    const fs_model *models[FS_VERSIONS];
    fs_pool *pool;
    int n;
    float *inputs; /* [n][input_floats] */
    int64_t input_floats;
    double *grams[FS_VERSIONS]; /* [layers][n][n] */
    bool knows_before;
};

/* Neighbouring layers whose activations are held together. */
typedef struct group {
    int first, n;
    int64_t floats; /* of all its layers, for one picture */
} group;

fs_status fs_cka_probe_create(fs_cka_probe **out, const fs_shift_layers *layers,
                              const fs_model *const models[FS_VERSIONS], const float *inputs, int n,
                              fs_pool *pool, fs_error *err) {
    const fs_preprocess *p = &models[FS_BEFORE]->preprocess;
    fs_cka_probe *probe = fs_calloc(1, sizeof *probe);
    if (!probe)
        return fs_fail_memory(err, "a probe of CKA");
    *probe = (fs_cka_probe){.layers = layers,
                            .models = {models[FS_BEFORE], models[FS_AFTER]},
                            .pool = pool,
                            .n = n,
                            .input_floats = (int64_t)fs_preprocess_channels(p) * p->height * p->width};
    const size_t floats = (size_t)n * (size_t)probe->input_floats;
    const size_t numbers = (size_t)layers->n * (size_t)n * (size_t)n;
    probe->inputs = fs_alloc_array(floats, sizeof *probe->inputs);
    for (int v = 0; v < FS_VERSIONS; v++)
        probe->grams[v] = fs_alloc_array(numbers, sizeof(double));
    if (!probe->inputs || !probe->grams[FS_BEFORE] || !probe->grams[FS_AFTER]) {
        fs_cka_probe_destroy(probe);
        return fs_fail_memory(err, "a probe of CKA");
    }
    memcpy(probe->inputs, inputs, floats * sizeof *inputs);
    *out = probe;
    return FS_OK;
}

void fs_cka_probe_destroy(fs_cka_probe *probe) {
    if (!probe)
        return;
    fs_free(probe->inputs);
    for (int v = 0; v < FS_VERSIONS; v++)
        fs_free(probe->grams[v]);
    fs_free(probe);
}

static int64_t count_of(const fs_cka_probe *probe, int layer) {
    return fs_shape_count(&probe->layers->pairs[layer].layer[FS_BEFORE]->shape);
}

/* The layers from `first` on that fit the memory; one always does. */
static group next_group(const fs_cka_probe *probe, int first) {
    const int64_t most = FS_CKA_PROBE_BYTES / ((int64_t)sizeof(float) * probe->n);
    group g = {first, 0, 0};
    while (first + g.n < probe->layers->n && (g.n == 0 || g.floats + count_of(probe, first + g.n) <= most))
        g.floats += count_of(probe, first + g.n++);
    return g;
}

static fs_status make_plan(const fs_cka_probe *probe, const group *g, int version, fs_plan **out,
                           fs_error *err) {
    const fs_model *model = probe->models[version];
    const fs_preprocess *p = &model->preprocess;
    int *values = fs_alloc_array((size_t)g->n, sizeof *values);
    if (!values)
        return fs_fail_memory(err, "a plan");
    for (int i = 0; i < g->n; i++)
        values[i] = probe->layers->pairs[g->first + i].layer[version]->view;
    fs_plan_request request = fs_plan_request_default(
        model->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width));
    request.outputs = values;
    request.n_outputs = g->n;
    request.pool = probe->pool;
    fs_status status = fs_plan_create(out, &request, err);
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        const fs_shape shape = fs_plan_output_shape(*out, i);
        if (fs_shape_count(&shape) != count_of(probe, g->first + i))
            status = fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has another shape in a plan",
                             probe->layers->pairs[g->first + i].layer[version]->name);
    }
    fs_free(values);
    return status;
}

/* features: layer by layer, [n][count] each. */
static fs_status look(const fs_cka_probe *probe, const group *g, fs_plan *plan, float *features,
                      const atomic_bool *cancel, fs_error *err) {
    fs_status status = FS_OK;
    for (int slot = 0; slot < probe->n && status == FS_OK; slot++) {
        memcpy(fs_plan_input(plan), probe->inputs + slot * probe->input_floats,
               (size_t)probe->input_floats * sizeof(float));
        status = fs_plan_forward(plan, cancel, err);
        int64_t offset = 0;
        for (int i = 0; i < g->n && status == FS_OK; i++) {
            const int64_t count = count_of(probe, g->first + i);
            memcpy(features + offset * probe->n + slot * count, fs_plan_output(plan, i),
                   (size_t)count * sizeof(float));
            offset += count;
        }
    }
    return status;
}

static fs_status make_grams(const fs_cka_probe *probe, const group *g, int version, float *features,
                            const atomic_bool *cancel, fs_error *err) {
    int64_t offset = 0;
    for (int i = 0; i < g->n; i++) {
        const size_t at = (size_t)(g->first + i) * (size_t)probe->n * (size_t)probe->n;
        const int64_t count = count_of(probe, g->first + i);
        if (cancel && atomic_load(cancel))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        fs_status status = fs_cka_gram(features + offset * probe->n, probe->n, count,
                                       probe->grams[version] + at, probe->pool, err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "layer '%s'",
                                   probe->layers->pairs[g->first + i].layer[version]->name);
        offset += count;
    }
    return FS_OK;
}

static fs_status run_group(const fs_cka_probe *probe, const group *g, int version, const atomic_bool *cancel,
                           fs_error *err) {
    fs_plan *plan = NULL;
    float *features = fs_alloc_array((size_t)probe->n * (size_t)g->floats, sizeof *features);
    fs_status status = features ? FS_OK : fs_fail_memory(err, "activations of a probe");
    if (status == FS_OK)
        status = make_plan(probe, g, version, &plan, err);
    if (status == FS_OK)
        status = look(probe, g, plan, features, cancel, err);
    if (status == FS_OK)
        status = make_grams(probe, g, version, features, cancel, err);
    fs_plan_destroy(plan);
    fs_free(features);
    return status;
}

static fs_status run(const fs_cka_probe *probe, int version, const atomic_bool *cancel, fs_error *err) {
    fs_status status = FS_OK;
    for (int l = 0; l < probe->layers->n && status == FS_OK;) {
        const group g = next_group(probe, l);
        status = run_group(probe, &g, version, cancel, err);
        l += g.n;
    }
    return status;
}

fs_status fs_cka_probe_measure(fs_cka_probe *probe, const atomic_bool *cancel, double *cka, fs_error *err) {
    const size_t each = (size_t)probe->n * (size_t)probe->n;
    fs_status status = FS_OK;
    if (!probe->knows_before)
        status = run(probe, FS_BEFORE, cancel, err);
    probe->knows_before = probe->knows_before || status == FS_OK;
    if (status == FS_OK)
        status = run(probe, FS_AFTER, cancel, err);
    for (int l = 0; l < probe->layers->n && status == FS_OK; l++) {
        fs_cka *one = NULL;
        status = fs_cka_create(&one, 1, 1, err);
        if (status != FS_OK)
            break;
        fs_cka_add(one, probe->grams[FS_BEFORE] + (size_t)l * each, probe->grams[FS_AFTER] + (size_t)l * each,
                   probe->n);
        cka[l] = fs_cka_value(one, 0, 0);
        fs_cka_destroy(one);
    }
    return status;
}
