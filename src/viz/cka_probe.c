#include "viz/cka_probe.h"

#include <string.h>

#include "base/alloc.h"
#include "viz/layer_grams.h"

struct fs_cka_probe {
    const fs_shift_layers *layers;
    const fs_model *models[FS_VERSIONS];
    fs_pool *pool;
    int n;
    float *inputs; /* [n][input_floats] */
    int64_t input_floats;
    const fs_layer **of[FS_VERSIONS]; /* [layers] */
    fs_layer_grams before;            /* no pictures: not known yet */
};

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
    probe->inputs = fs_alloc_array(floats, sizeof *probe->inputs);
    for (int v = 0; v < FS_VERSIONS; v++)
        probe->of[v] = fs_shift_side(layers, v);
    if (!probe->inputs || !probe->of[FS_BEFORE] || !probe->of[FS_AFTER]) {
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
        fs_free(probe->of[v]);
    fs_layer_grams_free(&probe->before);
    fs_free(probe);
}

static fs_status give_input(void *context, const fs_model *model, int picture, float *input, fs_error *err) {
    const fs_cka_probe *probe = context;
    (void)model;
    (void)err;
    memcpy(input, probe->inputs + picture * probe->input_floats, (size_t)probe->input_floats * sizeof *input);
    return FS_OK;
}

/* All pictures are one minibatch. */
static fs_status look(fs_cka_probe *probe, int version, const atomic_bool *cancel, fs_layer_grams *out,
                      fs_error *err) {
    const int least = 2 * FS_CKA_LEAST_BATCH;
    const fs_progress progress = {.cancel = cancel};
    const fs_grams_pictures pictures = {
        .n = probe->n, .batch = probe->n > least ? probe->n : least, .input = give_input, .context = probe};
    return fs_layer_grams_measure(out, probe->models[version], probe->of[version], probe->layers->n,
                                  &pictures, probe->pool, &progress, err);
}

fs_status fs_cka_probe_measure(fs_cka_probe *probe, const atomic_bool *cancel, double *cka, fs_error *err) {
    fs_layer_grams after = {0};
    fs_status status = FS_OK;
    if (probe->before.n_pictures == 0)
        status = look(probe, FS_BEFORE, cancel, &probe->before, err);
    if (status == FS_OK)
        status = look(probe, FS_AFTER, cancel, &after, err);
    for (int l = 0; l < probe->layers->n && status == FS_OK; l++)
        status = fs_layer_grams_cka(&cka[l], &probe->before, l, &after, l, err);
    fs_layer_grams_free(&after);
    return status;
}
