#include "gabor/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define EXPLAINS 0.5

bool fs_gabor_drift_counts(const fs_gabor_drift *drift) {
    return drift->before.r2 >= EXPLAINS && drift->after.r2 >= EXPLAINS;
}

double fs_gabor_theta_difference(double before, double after) {
    const double turned = fmod(after - before, M_PI);
    if (turned > M_PI / 2)
        return turned - M_PI;
    return turned <= -M_PI / 2 ? turned + M_PI : turned;
}

fs_gabor_drift fs_gabor_drift_between(const fs_gabor_fit *before, const fs_gabor_fit *after) {
    return (fs_gabor_drift){.before = *before,
                            .after = *after,
                            .lambda = after->gabor.lambda - before->gabor.lambda,
                            .sigma = after->gabor.sigma - before->gabor.sigma,
                            .theta = fs_gabor_theta_difference(before->gabor.theta, after->gabor.theta)};
}

/* ---- fits ---- */

typedef struct job {
    const fs_kernels *kernels;
    fs_gabor_fit *items;
    fs_fitter **fitters; /* [threads] */
    double *profiles;    /* [threads][height * width] */
    const fs_progress *progress;
} job;

static void fit(void *context, int first, int last, int thread) {
    const job *j = context;
    for (int i = first; i < last && !fs_progress_cancelled(j->progress); i++) {
        const fs_patch patch = fs_kernels_patch(j->kernels, i);
        double *profile = j->profiles + (size_t)thread * (size_t)(patch.height * patch.width);
        fs_colour_split_of(&patch, profile);
        j->items[i] = fs_fitter_gabor(j->fitters[thread], profile);
    }
}

static fs_status allocate(job *j, int threads, fs_error *err) {
    const fs_kernels *k = j->kernels;
    j->items = fs_calloc((size_t)k->count, sizeof *j->items);
    j->fitters = fs_calloc((size_t)threads, sizeof(fs_fitter *));
    j->profiles = fs_calloc((size_t)threads * (size_t)(k->height * k->width), sizeof *j->profiles);
    fs_status status = j->items && j->fitters && j->profiles ? FS_OK : fs_fail_memory(err, "Gabor fits");
    for (int t = 0; t < threads && status == FS_OK; t++)
        status = fs_fitter_create(&j->fitters[t], k->height, k->width, err);
    return status;
}

fs_status fs_gabor_fits_of(fs_gabor_fits *out, const fs_kernels *kernels, fs_pool *pool,
                           const fs_progress *progress, fs_error *err) {
    job j = {.kernels = kernels, .progress = progress};
    const int threads = fs_pool_threads(pool);
    fs_status status = allocate(&j, threads, err);
    if (status == FS_OK)
        fs_pool_for(pool, kernels->count, 1, fit, &j);
    if (status == FS_OK && fs_progress_cancelled(progress))
        status = fs_fail(err, FS_ERROR_CANCELLED, "stopped while Gabor functions were fitted");
    for (int t = 0; j.fitters && t < threads; t++)
        fs_fitter_destroy(j.fitters[t]);
    fs_free(j.fitters);
    fs_free(j.profiles);
    if (status == FS_OK)
        *out = (fs_gabor_fits){kernels->count, kernels->height, kernels->width, j.items};
    else
        fs_free(j.items);
    return status;
}

void fs_gabor_fits_free(fs_gabor_fits *fits) {
    fs_free(fits->items);
    memset(fits, 0, sizeof *fits);
}

/* ---- drifts ---- */

static double drift_of(const fs_gabor_drift *d, fs_gabor_parameter what) {
    return what == FS_GABOR_LAMBDA ? d->lambda : what == FS_GABOR_THETA ? d->theta : d->sigma;
}

static bool is_known(const fs_gabor_drift *d, fs_gabor_parameter what) {
    return fs_gabor_drift_counts(d) && isfinite(d->before.stderror[what]) &&
           isfinite(d->after.stderror[what]);
}

static int compare_doubles(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* room: as many numbers as there are drifts. */
static fs_drift_summary summarise(const fs_gabor_drifts *drifts, fs_gabor_parameter what, double *room) {
    double sum = 0, signed_sum = 0;
    int n = 0;
    for (int i = 0; i < drifts->count; i++) {
        if (!is_known(&drifts->items[i], what))
            continue;
        const double drift = drift_of(&drifts->items[i], what);
        room[n++] = fabs(drift);
        sum += fabs(drift);
        signed_sum += drift;
    }
    if (n == 0)
        return (fs_drift_summary){0, (double)NAN, (double)NAN, (double)NAN};
    qsort(room, (size_t)n, sizeof *room, compare_doubles);
    return (fs_drift_summary){n, sum / n, (room[(n - 1) / 2] + room[n / 2]) / 2, signed_sum / n};
}

static fs_status compare(fs_gabor_drifts *out, const fs_gabor_fits *before, const fs_gabor_fits *after,
                         fs_error *err) {
    fs_gabor_drift *items = fs_calloc((size_t)before->count, sizeof *items);
    if (!items)
        return fs_fail_memory(err, "Gabor fits");
    for (int i = 0; i < before->count; i++)
        items[i] = fs_gabor_drift_between(&before->items[i], &after->items[i]);
    *out = (fs_gabor_drifts){before->count, items};
    return FS_OK;
}

fs_status fs_gabor_mean_drift_of(fs_gabor_mean_drift *out, const fs_gabor_fits *before,
                                 const fs_gabor_fits *after, fs_error *err) {
    fs_gabor_drifts drifts = {0};
    fs_status status = compare(&drifts, before, after, err);
    if (status != FS_OK)
        return status;
    double *room = fs_alloc_array((size_t)before->count, sizeof *room);
    if (room) {
        int count = 0;
        for (int i = 0; i < drifts.count; i++)
            count += fs_gabor_drift_counts(&drifts.items[i]);
        *out = (fs_gabor_mean_drift){count, summarise(&drifts, FS_GABOR_LAMBDA, room),
                                     summarise(&drifts, FS_GABOR_THETA, room),
                                     summarise(&drifts, FS_GABOR_SIGMA, room)};
    }
    status = room ? FS_OK : fs_fail_memory(err, "Gabor fits");
    fs_free(room);
    fs_gabor_drifts_free(&drifts);
    return status;
}

fs_status fs_gabor_drifts_of(fs_gabor_drifts *out, const fs_kernels *before, const fs_kernels *after,
                             fs_pool *pool, const fs_progress *progress, fs_error *err) {
    fs_gabor_fits fits[2] = {{0}};
    if (before->count != after->count || before->height != after->height || before->width != after->width)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%d kernels of %dx%d became %d of %dx%d", before->count,
                       before->height, before->width, after->count, after->height, after->width);
    fs_status status = fs_gabor_fits_of(&fits[0], before, pool, progress, err);
    if (status == FS_OK)
        status = fs_gabor_fits_of(&fits[1], after, pool, progress, err);
    if (status == FS_OK)
        status = compare(out, &fits[0], &fits[1], err);
    fs_gabor_fits_free(&fits[0]);
    fs_gabor_fits_free(&fits[1]);
    return status;
}

void fs_gabor_drifts_free(fs_gabor_drifts *drifts) {
    fs_free(drifts->items);
    memset(drifts, 0, sizeof *drifts);
}
