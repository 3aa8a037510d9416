/* Both networks over the photographs, a minibatch at a time, some layers at a time. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/train/dataset.h"
#include "viz/layer_groups.h"
#include "viz/shift_private.h"

typedef struct run {
    fs_shift_pass *pass;
    const fs_layer **layers[FS_VERSIONS];
    fs_layer_groups groups[FS_VERSIONS]; /* the same ones: matched layers have the same shapes */
    int *order, n_order, next;           /* the folder's files as they are drawn */
    float *inputs[FS_VERSIONS];
    float *features[FS_VERSIONS]; /* of a group: layer by layer, [pictures][count] each */
    double *grams[FS_VERSIONS];   /* [layers][n][n] */
    int taken;                    /* pictures of the minibatch under way */
    double start;
    double units_done, units; /* forward passes, for progress */
} run;

static int channels_of(const fs_shift_pass *pass, int layer) {
    return pass->layers->pairs[layer].layer[FS_BEFORE]->channels;
}

/* ---- preparation ---- */

static fs_status make_groups(run *r, int version, fs_error *err) {
    const fs_shift_pass *pass = r->pass;
    const fs_model *model = pass->models[version];
    const int64_t most =
        FS_SHIFT_FEATURE_BYTES / ((int64_t)FS_VERSIONS * (int64_t)sizeof(float) * pass->settings->batch);
    r->layers[version] = fs_shift_side(pass->layers, version);
    if (!r->layers[version])
        return fs_fail_memory(err, "the layers of two networks");
    fs_status status = fs_layer_groups_create(&r->groups[version], model, r->layers[version], pass->layers->n,
                                              most, pass->pool, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", model->path);
}

/* A random order of the whole folder, of which the first ones that can be read are used. */
static fs_status draw_order(run *r, fs_error *err) {
    const int n = r->pass->folder->n_files;
    r->order = fs_alloc_array((size_t)n, sizeof *r->order);
    if (!r->order)
        return fs_fail_memory(err, "a folder of photographs");
    r->n_order = n;
    fs_shuffle(r->order, n, r->pass->settings->seed, FS_CKA_STREAM);
    return FS_OK;
}

static fs_status allocate_layers(fs_shift_pass *pass, fs_error *err) {
    const size_t layers = (size_t)pass->layers->n, capacity = (size_t)pass->capacity;
    bool complete = (pass->sums = fs_calloc(layers, sizeof *pass->sums)) != NULL;
    complete = (pass->files = fs_calloc(capacity, sizeof *pass->files)) != NULL && complete;
    for (int v = 0; v < FS_VERSIONS; v++)
        complete = (pass->pooled[v] = fs_calloc(layers, sizeof *pass->pooled[v])) != NULL && complete;
    for (int l = 0; l < pass->layers->n && complete; l++) {
        const size_t channels = (size_t)channels_of(pass, l);
        complete = (pass->sums[l] = fs_calloc(channels, sizeof *pass->sums[l])) != NULL;
        for (int v = 0; v < FS_VERSIONS; v++)
            complete =
                (pass->pooled[v][l] = fs_alloc_array(capacity * channels, sizeof(float))) != NULL && complete;
    }
    return complete ? FS_OK : fs_fail_memory(err, "the answers of two networks");
}

static fs_status allocate_batch(run *r, fs_error *err) {
    const size_t batch = (size_t)r->pass->settings->batch, layers = (size_t)r->pass->layers->n;
    for (int v = 0; v < FS_VERSIONS; v++) {
        r->inputs[v] = fs_alloc_array(batch * (size_t)r->groups[v].input_floats, sizeof(float));
        r->features[v] = fs_alloc_array(batch * (size_t)r->groups[v].feature_floats, sizeof(float));
        r->grams[v] = fs_alloc_array(batch * batch * layers, sizeof(double));
        if (!r->inputs[v] || !r->features[v] || !r->grams[v])
            return fs_fail_memory(err, "a minibatch; --batch takes smaller ones");
    }
    return FS_OK;
}

static fs_status prepare(run *r, fs_error *err) {
    fs_shift_pass *pass = r->pass;
    const int files = pass->folder->n_files;
    pass->capacity = files < pass->settings->images ? files : pass->settings->images;
    fs_status status = FS_OK;
    for (int v = 0; v < FS_VERSIONS && status == FS_OK; v++)
        status = make_groups(r, v, err);
    if (status == FS_OK)
        status = draw_order(r, err);
    if (status == FS_OK)
        status = allocate_layers(pass, err);
    if (status == FS_OK)
        status = allocate_batch(r, err);
    if (status == FS_OK)
        status = fs_cka_create(&pass->cka, pass->layers->n, pass->layers->n, err);
    r->units = (double)pass->capacity * r->groups[FS_BEFORE].n;
    r->start = fs_seconds();
    return status;
}

static void finish(run *r) {
    for (int v = 0; v < FS_VERSIONS; v++) {
        fs_layer_groups_free(&r->groups[v]);
        fs_free(r->layers[v]);
        fs_free(r->inputs[v]);
        fs_free(r->features[v]);
        fs_free(r->grams[v]);
    }
    fs_free(r->order);
}

/* ---- pictures in ---- */

static fs_status read_picture(run *r, int file, fs_error *err) {
    fs_image photograph = {0};
    fs_status status = fs_image_read(&photograph, r->pass->folder->files[file].path, err);
    for (int v = 0; v < FS_VERSIONS && status == FS_OK; v++) {
        const fs_preprocess *p = &r->pass->models[v]->preprocess;
        fs_image crop = {0};
        status = fs_preprocess_crop(&photograph, p->height, p->width, &crop, err);
        if (status == FS_OK)
            fs_preprocess_image(p, &crop, r->inputs[v] + r->taken * r->groups[v].input_floats);
        fs_image_free(&crop);
    }
    fs_image_free(&photograph);
    return status;
}

/* Up to `wanted` pictures that can be read. */
static fs_status read_batch(run *r, int wanted, fs_error *err) {
    fs_shift_pass *pass = r->pass;
    for (r->taken = 0; r->taken < wanted && r->next < r->n_order; r->next++) {
        fs_error why = {0};
        const int file = r->order[r->next];
        fs_status status = read_picture(r, file, &why);
        if (status == FS_ERROR_MEMORY)
            return fs_fail(err, status, "%s", why.message);
        if (status == FS_OK) {
            pass->files[pass->images + r->taken++] = file;
            continue;
        }
        pass->skipped++;
        if (pass->watch && pass->watch->skipped)
            pass->watch->skipped(pass->watch->context, pass->folder->files[file].path, why.message);
    }
    return FS_OK;
}

/* ---- answers out ---- */

typedef struct answers {
    const float *maps[FS_VERSIONS]; /* [channels][area] of one picture */
    float *pooled[FS_VERSIONS];     /* [channels] */
    fs_shift_sums *sums;            /* [channels] */
    int64_t area;
    bool first;
} answers;

static void sum_channels(void *context, int first, int last, int thread) {
    const answers *a = context;
    (void)thread;
    for (int c = first; c < last; c++) {
        const float *x = a->maps[FS_BEFORE] + c * a->area, *y = a->maps[FS_AFTER] + c * a->area;
        fs_shift_sums *s = &a->sums[c];
        if (a->first) {
            s->origin[FS_BEFORE] = (double)x[0];
            s->origin[FS_AFTER] = (double)y[0];
        }
        const double ox = s->origin[FS_BEFORE], oy = s->origin[FS_AFTER];
        double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0, dd = 0;
        for (int64_t i = 0; i < a->area; i++) {
            const double u = (double)x[i] - ox, v = (double)y[i] - oy;
            sx += u;
            sy += v;
            xx += u * u;
            yy += v * v;
            xy += u * v;
            const double d = (double)x[i] - (double)y[i];
            dd += d * d;
        }
        s->sum[FS_BEFORE] += sx;
        s->sum[FS_AFTER] += sy;
        s->square[FS_BEFORE] += xx;
        s->square[FS_AFTER] += yy;
        s->product += xy;
        s->difference += dd;
        s->count += (double)a->area;
        a->pooled[FS_BEFORE][c] = (float)(ox + sx / (double)a->area);
        a->pooled[FS_AFTER][c] = (float)(oy + sy / (double)a->area);
    }
}

static fs_status forward(run *r, int group, int version, int slot, fs_error *err) {
    const fs_shift_pass *pass = r->pass;
    const atomic_bool *cancel = pass->watch && pass->watch->progress ? pass->watch->progress->cancel : NULL;
    const fs_layer_groups *groups = &r->groups[version];
    return fs_layer_groups_forward(groups, group, r->inputs[version] + slot * groups->input_floats,
                                   r->features[version], slot, r->taken, cancel, err);
}

static fs_status check_finite(const fs_shift_pass *pass, int layer, const answers *a, fs_error *err) {
    for (int v = 0; v < FS_VERSIONS; v++)
        for (int c = 0; c < channels_of(pass, layer); c++)
            if (!isfinite(a->pooled[v][c]))
                return fs_fail(err, FS_ERROR_DIVERGED, "%s: layer '%s', channel %d: not a finite number",
                               pass->models[v]->path, pass->layers->pairs[layer].layer[v]->name, c);
    return FS_OK;
}

static fs_status look_at(run *r, int group, int slot, fs_error *err) {
    fs_shift_pass *pass = r->pass;
    const fs_layer_group *g = &r->groups[FS_BEFORE].items[group];
    fs_status status = FS_OK;
    for (int v = 0; v < FS_VERSIONS && status == FS_OK; v++)
        status = forward(r, group, v, slot, err);
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        const int layer = g->first + i, channels = channels_of(pass, layer);
        const int64_t count = fs_layer_groups_count(&r->groups[FS_BEFORE], layer);
        answers a = {.sums = pass->sums[layer], .area = count / channels, .first = pass->images + slot == 0};
        for (int v = 0; v < FS_VERSIONS; v++) {
            a.maps[v] =
                fs_layer_groups_features(&r->groups[v], group, i, r->features[v], r->taken) + slot * count;
            a.pooled[v] = pass->pooled[v][layer] + (int64_t)(pass->images + slot) * channels;
        }
        fs_pool_for(pass->pool, channels, 16, sum_channels, &a);
        status = check_finite(pass, layer, &a, err);
    }
    return status;
}

static fs_status make_grams(run *r, int group, int version, fs_error *err) {
    const fs_shift_pass *pass = r->pass;
    const fs_layer_groups *groups = &r->groups[version];
    const fs_layer_group *g = &groups->items[group];
    const size_t each = (size_t)r->taken * (size_t)r->taken;
    for (int i = 0; i < g->n; i++) {
        fs_status status =
            fs_cka_gram(fs_layer_groups_features(groups, group, i, r->features[version], r->taken), r->taken,
                        fs_layer_groups_count(groups, g->first + i),
                        r->grams[version] + (size_t)(g->first + i) * each, pass->pool, err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "%s: layer '%s'", pass->models[version]->path,
                                   r->layers[version][g->first + i]->name);
    }
    return FS_OK;
}

static fs_status run_group(run *r, int group, fs_error *err) {
    const fs_progress *progress = r->pass->watch ? r->pass->watch->progress : NULL;
    fs_status status = FS_OK;
    for (int slot = 0; slot < r->taken && status == FS_OK; slot++) {
        status = look_at(r, group, slot, err);
        r->units_done++;
        fs_progress_report(progress, &(fs_progress_state){.label = "photographs",
                                                          .done = r->units_done,
                                                          .total = r->units,
                                                          .seconds = fs_seconds() - r->start,
                                                          .value = NAN});
    }
    for (int v = 0; v < FS_VERSIONS && status == FS_OK && r->taken >= FS_CKA_LEAST_BATCH; v++)
        status = make_grams(r, group, v, err);
    return status;
}

/* ---- all of it ---- */

static fs_status run_all(run *r, fs_error *err) {
    fs_shift_pass *pass = r->pass;
    fs_status status = FS_OK;
    while (status == FS_OK && pass->images < pass->capacity && r->next < r->n_order) {
        status = read_batch(r, fs_cka_batch_size(pass->capacity - pass->images, pass->settings->batch), err);
        for (int g = 0; g < r->groups[FS_BEFORE].n && status == FS_OK && r->taken > 0; g++)
            status = run_group(r, g, err);
        if (status == FS_OK && r->taken >= FS_CKA_LEAST_BATCH)
            fs_cka_add(pass->cka, r->grams[FS_BEFORE], r->grams[FS_AFTER], r->taken);
        pass->images += r->taken;
    }
    if (status == FS_OK && fs_cka_batches(pass->cka) == 0)
        status = fs_fail(err, FS_ERROR_LIMIT, "%d pictures can be used: at least %d are needed", pass->images,
                         FS_CKA_LEAST_BATCH);
    return status;
}

fs_status fs_shift_pass_run(fs_shift_pass *pass, fs_error *err) {
    run r = {.pass = pass};
    fs_status status = prepare(&r, err);
    if (status == FS_OK)
        status = run_all(&r, err);
    finish(&r);
    return status;
}

void fs_shift_pass_free(fs_shift_pass *pass) {
    for (int l = 0; l < pass->layers->n; l++) {
        for (int v = 0; v < FS_VERSIONS && pass->pooled[v]; v++)
            fs_free(pass->pooled[v][l]);
        if (pass->sums)
            fs_free(pass->sums[l]);
    }
    for (int v = 0; v < FS_VERSIONS; v++)
        fs_free(pass->pooled[v]);
    fs_free(pass->sums);
    fs_free(pass->files);
    fs_cka_destroy(pass->cka);
}
