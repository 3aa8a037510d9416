#include "gabor/drift.h"

#include <math.h>
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

typedef struct job {
    const fs_kernels *kernels[2];
    fs_gabor_drift *items;
    fs_fitter **fitters; /* [threads] */
    double *profiles;    /* [threads][height * width] */
    const fs_progress *progress;
} job;

static fs_gabor_fit fit(const job *j, int version, int kernel, int thread) {
    const fs_patch patch = fs_kernels_patch(j->kernels[version], kernel);
    double *profile = j->profiles + (size_t)thread * (size_t)(patch.height * patch.width);
    fs_colour_split_of(&patch, profile);
    return fs_fitter_gabor(j->fitters[thread], profile);
}

static void measure(void *context, int first, int last, int thread) {
    const job *j = context;
    for (int i = first; i < last && !fs_progress_cancelled(j->progress); i++) {
        fs_gabor_drift *d = &j->items[i];
        d->before = fit(j, 0, i, thread);
        d->after = fit(j, 1, i, thread);
        d->lambda = d->after.gabor.lambda - d->before.gabor.lambda;
        d->sigma = d->after.gabor.sigma - d->before.gabor.sigma;
        d->theta = fs_gabor_theta_difference(d->before.gabor.theta, d->after.gabor.theta);
    }
}

static fs_status allocate(job *j, int threads, fs_error *err) {
    const fs_kernels *k = j->kernels[0];
    j->items = fs_calloc((size_t)k->count, sizeof *j->items);
    j->fitters = fs_calloc((size_t)threads, sizeof(fs_fitter *));
    j->profiles = fs_calloc((size_t)threads * (size_t)(k->height * k->width), sizeof *j->profiles);
    fs_status status = j->items && j->fitters && j->profiles ? FS_OK : fs_fail_memory(err, "Gabor fits");
    for (int t = 0; t < threads && status == FS_OK; t++)
        status = fs_fitter_create(&j->fitters[t], k->height, k->width, err);
    return status;
}

fs_status fs_gabor_drifts_of(fs_gabor_drifts *out, const fs_kernels *before, const fs_kernels *after,
                             fs_pool *pool, const fs_progress *progress, fs_error *err) {
    job j = {.kernels = {before, after}, .progress = progress};
    const int threads = fs_pool_threads(pool);
    if (before->count != after->count || before->height != after->height || before->width != after->width)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%d kernels of %dx%d became %d of %dx%d", before->count,
                       before->height, before->width, after->count, after->height, after->width);
    fs_status status = allocate(&j, threads, err);
    if (status == FS_OK)
        fs_pool_for(pool, before->count, 1, measure, &j);
    if (status == FS_OK && fs_progress_cancelled(progress))
        status = fs_fail(err, FS_ERROR_CANCELLED, "stopped while Gabor functions were fitted");
    for (int t = 0; j.fitters && t < threads; t++)
        fs_fitter_destroy(j.fitters[t]);
    fs_free(j.fitters);
    fs_free(j.profiles);
    if (status == FS_OK)
        *out = (fs_gabor_drifts){before->count, j.items};
    else
        fs_free(j.items);
    return status;
}

void fs_gabor_drifts_free(fs_gabor_drifts *drifts) {
    fs_free(drifts->items);
    memset(drifts, 0, sizeof *drifts);
}
