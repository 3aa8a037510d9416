#include "viz/layer_grams.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/train/dataset.h"
#include "viz/layer_groups.h"

typedef struct run {
    const fs_model *model;
    const fs_layer *const *layers;
    const fs_grams_pictures *pictures;
    fs_pool *pool;
    const fs_progress *progress;
    fs_layer_grams *grams;
    fs_layer_groups groups;
    int *order, next, capacity; /* the pictures as they are drawn, and how many of them are wanted */
    float *inputs, *features;
    size_t used; /* numbers of grams->grams */
    double start, forwards;
} run;

/* ---- preparation ---- */

static fs_status allocate(run *r, fs_error *err) {
    fs_layer_grams *grams = r->grams;
    const size_t n = (size_t)r->capacity, batch = (size_t)r->pictures->batch;
    r->order = fs_alloc_array((size_t)r->pictures->n, sizeof *r->order);
    r->inputs = fs_alloc_array(batch * (size_t)r->groups.input_floats, sizeof *r->inputs);
    r->features = fs_alloc_array(batch * (size_t)r->groups.feature_floats, sizeof *r->features);
    grams->pictures = fs_alloc_array(n, sizeof *grams->pictures);
    grams->sizes = fs_alloc_array(n, sizeof *grams->sizes);
    grams->grams = fs_alloc_array(n * batch, (size_t)grams->n_layers * sizeof *grams->grams);
    if (!r->order || !r->inputs || !r->features || !grams->pictures || !grams->sizes || !grams->grams)
        return fs_fail_memory(err, "the answers of a network to a minibatch");
    fs_shuffle(r->order, r->pictures->n, r->pictures->seed, FS_CKA_STREAM);
    return FS_OK;
}

static fs_status prepare(run *r, fs_error *err) {
    const fs_grams_pictures *p = r->pictures;
    const int64_t most = FS_GRAMS_FEATURE_BYTES / ((int64_t)sizeof(float) * p->batch);
    r->capacity = p->most > 0 && p->most < p->n ? p->most : p->n;
    fs_status status =
        fs_layer_groups_create(&r->groups, r->model, r->layers, r->grams->n_layers, most, r->pool, err);
    return status == FS_OK ? allocate(r, err) : status;
}

static void finish(run *r) {
    fs_layer_groups_free(&r->groups);
    fs_free(r->order);
    fs_free(r->inputs);
    fs_free(r->features);
}

/* ---- a minibatch ---- */

/* Up to `wanted` pictures that can be shown; *taken of them. */
static fs_status read_batch(run *r, int wanted, int *taken, fs_error *err) {
    fs_layer_grams *grams = r->grams;
    int n = 0;
    for (; n < wanted && r->next < r->pictures->n; r->next++) {
        fs_error why = {0};
        const int picture = r->order[r->next];
        const fs_status status = r->pictures->input(r->pictures->context, r->model, picture,
                                                    r->inputs + n * r->groups.input_floats, &why);
        if (status == FS_ERROR_MEMORY)
            return fs_fail(err, status, "%s", why.message);
        if (status == FS_OK)
            grams->pictures[grams->n_pictures + n++] = picture;
    }
    *taken = n;
    return FS_OK;
}

static fs_status forward(run *r, int group, int slot, int taken, fs_error *err) {
    fs_status status =
        fs_layer_groups_forward(&r->groups, group, r->inputs + slot * r->groups.input_floats, r->features,
                                slot, taken, r->progress ? r->progress->cancel : NULL, err);
    r->forwards++;
    fs_progress_report(r->progress,
                       &(fs_progress_state){.label = r->pictures->label ? r->pictures->label : "pictures",
                                            .done = r->forwards,
                                            .total = (double)r->capacity * r->groups.n,
                                            .seconds = fs_seconds() - r->start,
                                            .value = NAN});
    return status;
}

static fs_status add_group(run *r, int group, int taken, fs_error *err) {
    const fs_layer_group *g = &r->groups.items[group];
    const size_t each = (size_t)taken * (size_t)taken;
    fs_status status = FS_OK;
    for (int slot = 0; slot < taken && status == FS_OK; slot++)
        status = forward(r, group, slot, taken, err);
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        status = fs_cka_gram(fs_layer_groups_features(&r->groups, group, i, r->features, taken), taken,
                             fs_layer_groups_count(&r->groups, g->first + i),
                             r->grams->grams + r->used + (size_t)(g->first + i) * each, r->pool, err);
        if (status != FS_OK)
            fs_error_prefix(err, status, "layer '%s'", r->layers[g->first + i]->name);
    }
    return status;
}

static fs_status add_batch(run *r, int taken, fs_error *err) {
    fs_layer_grams *grams = r->grams;
    fs_status status = FS_OK;
    for (int g = 0; g < r->groups.n && status == FS_OK; g++)
        status = add_group(r, g, taken, err);
    if (status != FS_OK)
        return status;
    grams->sizes[grams->n_batches++] = taken;
    grams->n_pictures += taken;
    r->used += (size_t)grams->n_layers * (size_t)taken * (size_t)taken;
    return FS_OK;
}

/* ---- all of them ---- */

static fs_status run_all(run *r, fs_error *err) {
    fs_status status = prepare(r, err);
    while (status == FS_OK && r->grams->n_pictures < r->capacity && r->next < r->pictures->n) {
        int taken = 0;
        const int left = r->capacity - r->grams->n_pictures;
        status = read_batch(r, fs_cka_batch_size(left, r->pictures->batch), &taken, err);
        if (status == FS_OK && taken >= FS_CKA_LEAST_BATCH)
            status = add_batch(r, taken, err);
    }
    if (status == FS_OK && r->grams->n_batches == 0)
        status = fs_fail(err, FS_ERROR_LIMIT, "too few pictures can be used: at least %d are needed",
                         FS_CKA_LEAST_BATCH);
    return status;
}

fs_status fs_layer_grams_measure(fs_layer_grams *out, const fs_model *model, const fs_layer *const *layers,
                                 int n_layers, const fs_grams_pictures *pictures, fs_pool *pool,
                                 const fs_progress *progress, fs_error *err) {
    fs_layer_grams grams = {.n_layers = n_layers};
    run r = {.model = model,
             .layers = layers,
             .pictures = pictures,
             .pool = pool,
             .progress = progress,
             .grams = &grams,
             .start = fs_seconds()};
    fs_status status = run_all(&r, err);
    finish(&r);
    if (status == FS_OK) {
        *out = grams;
        return FS_OK;
    }
    fs_layer_grams_free(&grams);
    return fs_error_prefix(err, status, "%s", model->path);
}

void fs_layer_grams_free(fs_layer_grams *grams) {
    fs_free(grams->pictures);
    fs_free(grams->sizes);
    fs_free(grams->grams);
    *grams = (fs_layer_grams){0};
}

/* ---- comparison ---- */

static bool same_pictures(const fs_layer_grams *a, const fs_layer_grams *b) {
    return a->n_pictures == b->n_pictures && a->n_batches == b->n_batches &&
           memcmp(a->pictures, b->pictures, (size_t)a->n_pictures * sizeof *a->pictures) == 0 &&
           memcmp(a->sizes, b->sizes, (size_t)a->n_batches * sizeof *a->sizes) == 0;
}

fs_status fs_layer_grams_cka(double *cka, const fs_layer_grams *a, int layer_a, const fs_layer_grams *b,
                             int layer_b, fs_error *err) {
    fs_cka *sums = NULL;
    size_t from_a = 0, from_b = 0;
    if (!same_pictures(a, b))
        return fs_fail(err, FS_ERROR_ARGUMENT, "the two networks have seen different pictures");
    fs_status status = fs_cka_create(&sums, 1, 1, err);
    if (status != FS_OK)
        return status;
    for (int i = 0; i < a->n_batches; i++) {
        const size_t each = (size_t)a->sizes[i] * (size_t)a->sizes[i];
        fs_cka_add(sums, a->grams + from_a + (size_t)layer_a * each,
                   b->grams + from_b + (size_t)layer_b * each, a->sizes[i]);
        from_a += (size_t)a->n_layers * each;
        from_b += (size_t)b->n_layers * each;
    }
    *cka = fs_cka_value(sums, 0, 0);
    fs_cka_destroy(sums);
    return FS_OK;
}
