#include "viz/shift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/procrustes.h"
#include "viz/shift_private.h"

#define ROUNDING                                                                                             \
    1e-6 /* share of a layer's greatest deviation that sums of floats cannot tell from nothing               \
          */

/* ---- classes ---- */

/* Bytes of the folder's name at the start of "cats/1.jpg"; 0 for a file without one. */
static size_t folder_of(const char *name) {
    const char *slash = strchr(name, '/');
    return slash ? (size_t)(slash - name) : 0;
}

typedef struct named {
    const char *name;
    size_t length;
    int at;
} named;

static int by_folder(const void *a, const void *b) {
    const named *x = a, *y = b;
    const size_t shorter = x->length < y->length ? x->length : y->length;
    const int order = memcmp(x->name, y->name, shorter);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

int fs_shift_label(const fs_folder *folder, const int *files, int n, int *labels) {
    named *list = fs_calloc((size_t)n, sizeof *list);
    int classes = 0;
    if (!list)
        return 0;
    for (int i = 0; i < n; i++) {
        const char *name = folder->files[files[i]].name;
        list[i] = (named){name, folder_of(name), i};
    }
    qsort(list, (size_t)n, sizeof *list, by_folder);
    for (int i = 0; i < n; i++) {
        classes += i == 0 || by_folder(&list[i - 1], &list[i]) != 0;
        labels[list[i].at] = classes - 1;
    }
    fs_free(list);
    return classes;
}

static fs_status find_classes(fs_shift *shift, const fs_folder *folder, int *labels, fs_error *err) {
    const int classes = fs_shift_label(folder, shift->files, shift->images, labels);
    if (classes == 0)
        return fs_fail_memory(err, "the classes of a folder");
    if (!fs_separability_possible(labels, shift->images, classes))
        return FS_OK;
    int *counts = fs_calloc((size_t)classes, sizeof *counts), largest = 0;
    if (!counts)
        return fs_fail_memory(err, "the classes of a folder");
    for (int i = 0; i < shift->images; i++)
        largest = ++counts[labels[i]] > largest ? counts[labels[i]] : largest;
    fs_free(counts);
    shift->classes = classes;
    shift->chance = (double)largest / shift->images;
    return FS_OK;
}

/* ---- channels ---- */

static fs_shift_channel moments_of(const fs_shift_sums *s) {
    fs_shift_channel out = {0};
    for (int v = 0; v < FS_VERSIONS; v++) {
        const double mean = s->sum[v] / s->count;
        out.mean[v] = mean + s->origin[v];
        out.deviation[v] = sqrt(fmax(0, s->square[v] / s->count - mean * mean));
    }
    return out;
}

/* Correlation and score; what lies within `rounding` is no difference. */
static void compare_versions(fs_shift_channel *c, const fs_shift_sums *s, double rounding) {
    const double before = c->deviation[FS_BEFORE], after = c->deviation[FS_AFTER];
    const double between = c->mean[FS_BEFORE] - c->mean[FS_AFTER];
    const double spread = before * before + after * after + between * between;
    const double covariance =
        s->product / s->count - s->sum[FS_BEFORE] / s->count * (s->sum[FS_AFTER] / s->count);
    c->correlation = before > rounding && after > rounding ? fmax(-1, fmin(1, covariance / (before * after)))
                                                           : (double)NAN;
    c->score = spread > rounding * rounding ? fmin(2, s->difference / s->count / spread) : 0;
}

static int compare_doubles(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double fs_shift_median(double *values, int n) {
    int finite = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(values[i]))
            values[finite++] = values[i];
    if (finite == 0)
        return (double)NAN;
    qsort(values, (size_t)finite, sizeof *values, compare_doubles);
    const int middle = finite / 2;
    return finite % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

static fs_status finish_channels(fs_shift_layer *layer, const fs_shift_sums *sums, fs_error *err) {
    double *values = fs_alloc_array((size_t)layer->channels, sizeof *values);
    layer->channel = fs_calloc((size_t)layer->channels, sizeof *layer->channel);
    if (!values || !layer->channel) {
        fs_free(values);
        return fs_fail_memory(err, "the channels of a layer");
    }
    double greatest = 0;
    for (int c = 0; c < layer->channels; c++) {
        layer->channel[c] = moments_of(&sums[c]);
        for (int v = 0; v < FS_VERSIONS; v++)
            greatest = fmax(greatest, layer->channel[c].deviation[v]);
    }
    for (int c = 0; c < layer->channels; c++) {
        compare_versions(&layer->channel[c], &sums[c], greatest * ROUNDING);
        values[c] = layer->channel[c].correlation;
    }
    layer->median_correlation = fs_shift_median(values, layer->channels);
    for (int c = 0; c < layer->channels; c++)
        values[c] = layer->channel[c].score;
    layer->median_score = fs_shift_median(values, layer->channels);
    fs_free(values);
    return FS_OK;
}

/* ---- layers ---- */

typedef struct layer_job {
    fs_shift *shift;
    const fs_shift_pass *pass;
    const int *labels;
    fs_status *status; /* [layers] */
    fs_error *errors;
} layer_job;

static fs_status measure_layer(const layer_job *job, int l, fs_error *err) {
    fs_shift *shift = job->shift;
    const fs_shift_pass *pass = job->pass;
    fs_shift_layer *layer = &shift->layers[l];
    const float *before = pass->pooled[FS_BEFORE][l], *after = pass->pooled[FS_AFTER][l];
    fs_status status = finish_channels(layer, pass->sums[l], err);
    if (status == FS_OK)
        status = fs_procrustes(before, after, shift->images, layer->channels, layer->channels,
                               &layer->procrustes, err);
    for (int v = 0; v < FS_VERSIONS && status == FS_OK && shift->classes > 0; v++)
        status = fs_separability_run(&layer->separable[v], v == FS_BEFORE ? before : after, job->labels,
                                     shift->images, layer->channels, shift->classes, err);
    return status == FS_OK
               ? FS_OK
               : fs_error_prefix(err, status, "layer '%s'", pass->layers->pairs[l].layer[FS_BEFORE]->name);
}

static void measure_layers(void *context, int first, int last, int thread) {
    const layer_job *job = context;
    const fs_progress *progress = job->pass->watch ? job->pass->watch->progress : NULL;
    (void)thread;
    for (int l = first; l < last; l++)
        job->status[l] = fs_progress_cancelled(progress)
                             ? fs_fail(&job->errors[l], FS_ERROR_CANCELLED, "stopped")
                             : measure_layer(job, l, &job->errors[l]);
}

static fs_status finish_layers(fs_shift *shift, const fs_shift_pass *pass, fs_error *err) {
    const size_t n = (size_t)shift->n_layers;
    int *labels = fs_calloc((size_t)shift->images, sizeof *labels);
    layer_job job = {shift, pass, labels, fs_calloc(n, sizeof *job.status), fs_calloc(n, sizeof *job.errors)};
    fs_status status =
        labels && job.status && job.errors ? FS_OK : fs_fail_memory(err, "the layers of two networks");
    if (status == FS_OK)
        status = find_classes(shift, pass->folder, labels, err);
    if (status == FS_OK)
        fs_pool_for(pass->pool, shift->n_layers, 1, measure_layers, &job);
    for (size_t l = 0; l < n && status == FS_OK; l++)
        if (job.status[l] != FS_OK)
            status = fs_fail(err, job.status[l], "%s", job.errors[l].message);
    fs_free(labels);
    fs_free(job.status);
    fs_free(job.errors);
    return status;
}

/* ---- the whole ---- */

static fs_status check(const fs_shift_settings *settings, fs_error *err) {
    if (settings->batch < FS_SHIFT_LEAST_BATCH || settings->batch > FS_SHIFT_MAX_BATCH)
        return fs_fail(err, FS_ERROR_ARGUMENT, "minibatches have %d to %d pictures, not %d",
                       FS_SHIFT_LEAST_BATCH, FS_SHIFT_MAX_BATCH, settings->batch);
    if (settings->images < FS_CKA_LEAST_BATCH || settings->images > FS_SHIFT_MAX_IMAGES)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%d to %d pictures are looked at, not %d", FS_CKA_LEAST_BATCH,
                       FS_SHIFT_MAX_IMAGES, settings->images);
    return FS_OK;
}

static fs_status collect(fs_shift *shift, fs_shift_pass *pass, fs_error *err) {
    shift->n_layers = pass->layers->n;
    shift->images = pass->images;
    shift->skipped = pass->skipped;
    shift->files = pass->files;
    shift->cka = pass->cka;
    pass->files = NULL;
    pass->cka = NULL;
    shift->layers = fs_calloc((size_t)shift->n_layers, sizeof *shift->layers);
    if (!shift->layers)
        return fs_fail_memory(err, "the layers of two networks");
    for (int l = 0; l < shift->n_layers; l++)
        shift->layers[l].channels = pass->layers->pairs[l].layer[FS_BEFORE]->channels;
    return FS_OK;
}

fs_status fs_shift_measure(fs_shift *out, const fs_shift_layers *layers,
                           const fs_model *const models[FS_VERSIONS], const fs_folder *folder,
                           const fs_shift_settings *settings, fs_pool *pool, const fs_examples_watch *watch,
                           fs_error *err) {
    fs_shift shift = {0};
    fs_shift_pass pass = {.layers = layers,
                          .models = models,
                          .folder = folder,
                          .settings = settings,
                          .pool = pool,
                          .watch = watch};
    fs_status status = check(settings, err);
    if (status == FS_OK)
        status = fs_shift_pass_run(&pass, err);
    if (status == FS_OK)
        status = collect(&shift, &pass, err);
    if (status == FS_OK)
        status = finish_layers(&shift, &pass, err);
    if (status == FS_OK)
        status = fs_shift_compare_filters(&shift.filters, &shift.n_filters, layers, err);
    if (status == FS_OK)
        status = fs_shift_rank(&shift, err);
    fs_shift_pass_free(&pass);
    if (status == FS_OK)
        *out = shift;
    else
        fs_shift_free(&shift);
    return status;
}

void fs_shift_free(fs_shift *shift) {
    for (int l = 0; l < shift->n_layers && shift->layers; l++)
        fs_free(shift->layers[l].channel);
    fs_free(shift->layers);
    fs_free(shift->filters);
    fs_free(shift->files);
    fs_cka_destroy(shift->cka);
    memset(shift, 0, sizeof *shift);
}
