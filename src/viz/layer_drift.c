#include "viz/layer_drift.h"

#include <math.h>

#include "base/alloc.h"
#include "viz/shift_layers.h"

struct fs_layer_drift {
    const fs_model *original;
    bool all;
    fs_grams_pictures pictures;
    fs_pool *pool;
    const fs_progress *progress;
    const fs_layer **layers; /* [grams.n_layers] of the original */
    fs_layer_grams grams;
};

/* The original's layers are those it has in common with itself. */
static fs_status measure_original(fs_layer_drift *d, fs_error *err) {
    fs_shift_layers matched = {0};
    fs_status status = fs_shift_match(&matched, d->original, d->original, d->all, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", d->original->path);
    d->layers = fs_shift_side(&matched, FS_BEFORE);
    status = d->layers ? fs_layer_grams_measure(&d->grams, d->original, d->layers, matched.n, &d->pictures,
                                                d->pool, d->progress, err)
                       : fs_fail_memory(err, "the layers of a network");
    fs_shift_layers_free(&matched);
    return status;
}

fs_status fs_layer_drift_create(fs_layer_drift **out, const fs_model *original, bool all,
                                const fs_grams_pictures *pictures, fs_pool *pool, const fs_progress *progress,
                                fs_error *err) {
    fs_layer_drift *d = fs_calloc(1, sizeof *d);
    if (!d)
        return fs_fail_memory(err, "the layers of a network");
    d->original = original;
    d->all = all;
    d->pictures = *pictures;
    d->pool = pool;
    d->progress = progress;
    fs_status status = measure_original(d, err);
    if (status == FS_OK)
        *out = d;
    else
        fs_layer_drift_destroy(d);
    return status;
}

void fs_layer_drift_destroy(fs_layer_drift *d) {
    if (!d)
        return;
    fs_layer_grams_free(&d->grams);
    fs_free(d->layers);
    fs_free(d);
}

int fs_layer_drift_count(const fs_layer_drift *d) {
    return d->grams.n_layers;
}

const fs_layer *fs_layer_drift_layer(const fs_layer_drift *d, int i) {
    return d->layers[i];
}

int fs_layer_drift_pictures(const fs_layer_drift *d) {
    return d->grams.n_pictures;
}

fs_status fs_layer_drift_start(const fs_layer_drift *d, double *cka, fs_error *err) {
    fs_status status = FS_OK;
    for (int i = 0; i < d->grams.n_layers && status == FS_OK; i++)
        status = fs_layer_grams_cka(&cka[i], &d->grams, i, &d->grams, i, err);
    return status;
}

/* Both lists are in the order of the original's computation. */
static fs_status compare(const fs_layer_drift *d, const fs_shift_layers *matched, const fs_layer_grams *grams,
                         double *cka, fs_error *err) {
    fs_status status = FS_OK;
    for (int i = 0, next = 0; i < d->grams.n_layers && status == FS_OK; i++) {
        cka[i] = NAN;
        while (next < matched->n && matched->pairs[next].layer[FS_BEFORE] < d->layers[i])
            next++;
        if (next < matched->n && matched->pairs[next].layer[FS_BEFORE] == d->layers[i])
            status = fs_layer_grams_cka(&cka[i], &d->grams, i, grams, next, err);
    }
    return status;
}

fs_status fs_layer_drift_measure(fs_layer_drift *d, const fs_model *version, double *cka, fs_error *err) {
    fs_shift_layers matched = {0};
    fs_layer_grams grams = {0};
    fs_status status = fs_shift_match(&matched, d->original, version, d->all, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s, %s", d->original->path, version->path);
    const fs_layer **layers = fs_shift_side(&matched, FS_AFTER);
    status = layers ? fs_layer_grams_measure(&grams, version, layers, matched.n, &d->pictures, d->pool,
                                             d->progress, err)
                    : fs_fail_memory(err, "the layers of a network");
    if (status == FS_OK)
        status = compare(d, &matched, &grams, cka, err);
    if (status == FS_ERROR_ARGUMENT)
        fs_error_prefix(err, status, "%s, %s", d->original->path, version->path);
    fs_layer_grams_free(&grams);
    fs_free(layers);
    fs_shift_layers_free(&matched);
    return status;
}
