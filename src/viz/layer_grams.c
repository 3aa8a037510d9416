#include "viz/layer_grams.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/plan.h"
#include "engine/train/dataset.h"

enum { STREAM_ORDER = 0x67a3 };

/* Neighbouring layers whose activations of a minibatch are held together. */
typedef struct group {
    int first, n;
    int64_t floats; /* of all its layers, for one picture */
    fs_plan *plan;
} group;

typedef struct run {
    const fs_model *model;
    const fs_layer *const *layers;
    const fs_grams_pictures *pictures;
    fs_pool *pool;
    const fs_progress *progress;
    fs_layer_grams *grams;
    group *groups;
    int n_groups;
    int *order, next; /* the pictures as they are drawn */
    float *inputs, *features;
    int64_t input_floats, feature_floats; /* of one picture; features: of the largest group */
    size_t used;                          /* numbers of grams->grams */
    double start, forwards;
} run;

static int64_t count_of(const run *r, int layer) {
    return fs_shape_count(&r->layers[layer]->shape);
}

/* ---- preparation ---- */

static fs_status make_groups(run *r, fs_error *err) {
    const int64_t most = FS_GRAMS_FEATURE_BYTES / ((int64_t)sizeof(float) * r->pictures->batch);
    r->groups = fs_calloc((size_t)r->grams->n_layers, sizeof *r->groups);
    if (!r->groups)
        return fs_fail_memory(err, "the layers of a network");
    for (int l = 0; l < r->grams->n_layers; l++) {
        group *g = r->n_groups > 0 ? &r->groups[r->n_groups - 1] : NULL;
        if (!g || g->floats + count_of(r, l) > most) {
            g = &r->groups[r->n_groups++];
            g->first = l;
        }
        g->n++;
        g->floats += count_of(r, l);
        r->feature_floats = r->feature_floats > g->floats ? r->feature_floats : g->floats;
    }
    return FS_OK;
}

static fs_status make_plan(const run *r, group *g, fs_error *err) {
    const fs_preprocess *p = &r->model->preprocess;
    int *values = fs_alloc_array((size_t)g->n, sizeof *values);
    if (!values)
        return fs_fail_memory(err, "a plan");
    for (int i = 0; i < g->n; i++)
        values[i] = r->layers[g->first + i]->view;
    fs_plan_request request = fs_plan_request_default(
        r->model->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width));
    request.outputs = values;
    request.n_outputs = g->n;
    request.pool = r->pool;
    fs_status status = fs_plan_create(&g->plan, &request, err);
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        const fs_layer *layer = r->layers[g->first + i];
        const fs_shape shape = fs_plan_output_shape(g->plan, i);
        if (!fs_shape_equal(&shape, &layer->shape))
            status =
                fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has another shape in a plan", layer->name);
    }
    fs_free(values);
    return status;
}

static fs_status allocate(run *r, fs_error *err) {
    fs_layer_grams *grams = r->grams;
    const fs_preprocess *p = &r->model->preprocess;
    const size_t n = (size_t)r->pictures->n, batch = (size_t)r->pictures->batch;
    r->input_floats = (int64_t)fs_preprocess_channels(p) * p->height * p->width;
    r->order = fs_alloc_array(n, sizeof *r->order);
    r->inputs = fs_alloc_array(batch * (size_t)r->input_floats, sizeof *r->inputs);
    r->features = fs_alloc_array(batch * (size_t)r->feature_floats, sizeof *r->features);
    grams->pictures = fs_alloc_array(n, sizeof *grams->pictures);
    grams->sizes = fs_alloc_array(n, sizeof *grams->sizes);
    grams->grams = fs_alloc_array(n * batch, (size_t)grams->n_layers * sizeof *grams->grams);
    if (!r->order || !r->inputs || !r->features || !grams->pictures || !grams->sizes || !grams->grams)
        return fs_fail_memory(err, "the answers of a network to a minibatch");
    fs_shuffle(r->order, r->pictures->n, r->pictures->seed, STREAM_ORDER);
    return FS_OK;
}

static fs_status prepare(run *r, fs_error *err) {
    fs_status status = make_groups(r, err);
    for (int g = 0; g < r->n_groups && status == FS_OK; g++)
        status = make_plan(r, &r->groups[g], err);
    return status == FS_OK ? allocate(r, err) : status;
}

static void finish(run *r) {
    for (int g = 0; g < r->n_groups; g++)
        fs_plan_destroy(r->groups[g].plan);
    fs_free(r->groups);
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
                                                    r->inputs + n * r->input_floats, &why);
        if (status == FS_ERROR_MEMORY)
            return fs_fail(err, status, "%s", why.message);
        if (status == FS_OK)
            grams->pictures[grams->n_pictures + n++] = picture;
    }
    *taken = n;
    return FS_OK;
}

static fs_status forward(run *r, const group *g, int slot, int taken, fs_error *err) {
    memcpy(fs_plan_input(g->plan), r->inputs + slot * r->input_floats,
           (size_t)r->input_floats * sizeof(float));
    fs_status status = fs_plan_forward(g->plan, r->progress ? r->progress->cancel : NULL, err);
    int64_t offset = 0;
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        const int64_t count = count_of(r, g->first + i);
        memcpy(r->features + offset * taken + slot * count, fs_plan_output(g->plan, i),
               (size_t)count * sizeof(float));
        offset += count;
    }
    r->forwards++;
    fs_progress_report(r->progress,
                       &(fs_progress_state){.label = r->pictures->label ? r->pictures->label : "pictures",
                                            .done = r->forwards,
                                            .total = (double)r->pictures->n * r->n_groups,
                                            .seconds = fs_seconds() - r->start,
                                            .value = NAN});
    return status;
}

static fs_status add_group(run *r, const group *g, int taken, fs_error *err) {
    const size_t each = (size_t)taken * (size_t)taken;
    fs_status status = FS_OK;
    int64_t offset = 0;
    for (int slot = 0; slot < taken && status == FS_OK; slot++)
        status = forward(r, g, slot, taken, err);
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        const int64_t count = count_of(r, g->first + i);
        status = fs_cka_gram(r->features + offset * taken, taken, count,
                             r->grams->grams + r->used + (size_t)(g->first + i) * each, r->pool, err);
        if (status != FS_OK)
            fs_error_prefix(err, status, "layer '%s'", r->layers[g->first + i]->name);
        offset += count;
    }
    return status;
}

static fs_status add_batch(run *r, int taken, fs_error *err) {
    fs_layer_grams *grams = r->grams;
    fs_status status = FS_OK;
    for (int g = 0; g < r->n_groups && status == FS_OK; g++)
        status = add_group(r, &r->groups[g], taken, err);
    if (status != FS_OK)
        return status;
    grams->sizes[grams->n_batches++] = taken;
    grams->n_pictures += taken;
    r->used += (size_t)grams->n_layers * (size_t)taken * (size_t)taken;
    return FS_OK;
}

/* ---- all of them ---- */

/* Minibatches as even as they can be. */
static int batch_size(const run *r) {
    const int left = r->pictures->n - r->next, most = r->pictures->batch;
    const int batches = (left + most - 1) / most;
    return (left + batches - 1) / batches;
}

static fs_status run_all(run *r, fs_error *err) {
    fs_status status = prepare(r, err);
    while (status == FS_OK && r->next < r->pictures->n) {
        int taken = 0;
        status = read_batch(r, batch_size(r), &taken, err);
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
