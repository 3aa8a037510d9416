#include "gabor/analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "gabor/classify.h"

enum { ITEMS_OF_A_THREAD = 8 }; /* between two reports */

fs_analysis_settings fs_analysis_settings_default(void) {
    return (fs_analysis_settings){.null_fits = 200, .seed = 0};
}

void fs_analysis_free(fs_analysis *a) {
    fs_free(a->kernels);
    fs_free(a->null.r2);
    memset(a, 0, sizeof *a);
}

/* One job: items 0 .. count-1 are the kernels, the ones after them null fits. */
typedef struct job {
    const fs_kernels *kernels;
    const fs_analysis_settings *settings;
    fs_analysis *analysis;
    fs_fitter **fitters; /* one a thread */
    double *profiles;    /* [threads][samples] */
    const int *alive;    /* kernels that the null may shuffle */
    int n_alive, first;  /* the item that the loop's 0 stands for */
    const fs_progress *progress;
} job;

/* All that is done for an item is thrown away where it was cancelled, so that it may end between two models.
 */
static void fit_kernel(const job *j, int index, fs_fitter *fitter, double *profile) {
    fs_kernel_analysis *k = &j->analysis->kernels[index];
    const fs_patch patch = fs_kernels_patch(j->kernels, index);
    const int n = patch.height * patch.width;
    k->split = fs_colour_split_of(&patch, profile);
    k->fit = fs_fitter_gabor(fitter, profile);
    if (fs_progress_cancelled(j->progress))
        return;
    k->in_colour = fs_fitter_colour(fitter, &patch, &k->fit.gabor);
    for (int m = 0; m < FS_MODELS && !fs_progress_cancelled(j->progress); m++)
        k->scores[m] = m == FS_MODEL_GABOR ? fs_model_score_of(FS_MODEL_GABOR, profile, n, k->fit.rss)
                                           : fs_fitter_score(fitter, (fs_kernel_model)m, profile);
}

static void shuffle(double *values, int n, fs_random *random) {
    for (int i = n - 1; i > 0; i--) {
        int other = fs_random_int(random, i + 1);
        double kept = values[i];
        values[i] = values[other];
        values[other] = kept;
    }
}

/* Each null fit has a random sequence of its own, so that threads do not matter. */
static void fit_null(const job *j, int index, fs_fitter *fitter, double *profile) {
    fs_random random;
    fs_random_seed(&random, j->settings->seed, (uint64_t)index);
    const fs_patch patch = fs_kernels_patch(j->kernels, j->alive[fs_random_int(&random, j->n_alive)]);
    fs_colour_split_of(&patch, profile);
    shuffle(profile, patch.height * patch.width, &random);
    for (int m = 0; m < FS_MODELS && !fs_progress_cancelled(j->progress); m++)
        j->analysis->null.r2[m * j->settings->null_fits + index] =
            fs_fitter_score(fitter, (fs_kernel_model)m, profile).r2;
}

static void fit_items(void *context, int first, int last, int thread) {
    const job *j = context;
    const size_t samples = (size_t)j->kernels->height * (size_t)j->kernels->width;
    double *profile = j->profiles + (size_t)thread * samples;
    for (int i = first + j->first; i < last + j->first && !fs_progress_cancelled(j->progress); i++) {
        if (i < j->kernels->count)
            fit_kernel(j, i, j->fitters[thread], profile);
        else
            fit_null(j, i - j->kernels->count, j->fitters[thread], profile);
    }
}

static fs_status fit_all(job *j, fs_pool *pool, fs_error *err) {
    const int all = j->kernels->count + (j->n_alive > 0 ? j->settings->null_fits : 0);
    const int most = ITEMS_OF_A_THREAD * fs_pool_threads(pool);
    const double start = fs_seconds();
    for (j->first = 0; j->first < all; j->first += most) {
        int count = all - j->first < most ? all - j->first : most;
        fs_pool_for(pool, count, 1, fit_items, j);
        if (fs_progress_cancelled(j->progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        fs_progress_state state = {"fits", j->first + count, all, fs_seconds() - start, (double)NAN};
        fs_progress_report(j->progress, &state);
    }
    return FS_OK;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void finish_null(fs_analysis_null *null) {
    for (int m = 0; m < FS_MODELS && null->fits > 0; m++) {
        double *r2 = null->r2 + (size_t)m * (size_t)null->fits;
        qsort(r2, (size_t)null->fits, sizeof *r2, ascending);
        null->quantile95[m] = r2[(int)ceil(0.95 * null->fits) - 1];
    }
}

static double p_value(const fs_analysis_null *null, double r2) {
    const double *values = null->r2 + (size_t)FS_MODEL_GABOR * (size_t)null->fits;
    int reached = 0;
    for (int i = 0; i < null->fits; i++)
        reached += values[i] >= r2;
    return (1.0 + reached) / (1.0 + null->fits);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, ascending);
    if (count == 0)
        return 0;
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static double rms_of(const fs_patch *patch) {
    const int n = patch->channels * patch->height * patch->width;
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += patch->values[i] * patch->values[i];
    return sqrt(sum / n);
}

/* Marks the dead and lists the others; refuses values that are not finite. */
static fs_status survey(const fs_kernels *kernels, fs_analysis *a, int *alive, int *n_alive, double *work,
                        fs_error *err) {
    for (int i = 0; i < a->count; i++) {
        const fs_patch patch = fs_kernels_patch(kernels, i);
        a->kernels[i].channel = i;
        work[i] = a->kernels[i].rms = rms_of(&patch);
        if (!isfinite(work[i]))
            return fs_fail(err, FS_ERROR_DIVERGED, "kernel %d has values that are not finite", i);
    }
    const double limit = FS_DEAD_SHARE * median(work, a->count);
    *n_alive = 0;
    for (int i = 0; i < a->count; i++) {
        bool dead = a->kernels[i].rms <= limit;
        a->kernels[i].kind = dead ? FS_KERNEL_DEAD : FS_KERNEL_UNEXPLAINED;
        if (!dead)
            alive[(*n_alive)++] = i;
    }
    return FS_OK;
}

static void judge(const fs_kernels *kernels, fs_analysis *a, double *work) {
    int n = 0;
    finish_null(&a->null);
    for (int i = 0; i < a->count; i++) {
        fs_kernel_analysis *k = &a->kernels[i];
        const fs_patch patch = fs_kernels_patch(kernels, i);
        k->best = fs_best_model(k->scores);
        k->p_value = p_value(&a->null, k->fit.r2);
        if (k->kind != FS_KERNEL_DEAD) {
            k->kind = fs_classify(k, &patch, &a->null);
            work[n++] = k->fit.r2;
        }
        a->class_counts[k->kind]++;
    }
    a->median_r2 = median(work, n);
}

static fs_status make_fitters(job *j, int threads, fs_error *err) {
    const size_t samples = (size_t)j->kernels->height * (size_t)j->kernels->width;
    fs_status status = FS_OK;
    j->profiles = fs_alloc_array((size_t)threads * samples, sizeof *j->profiles);
    j->fitters = fs_calloc((size_t)threads, sizeof(fs_fitter *));
    if (!j->profiles || !j->fitters)
        return fs_fail_memory(err, "fits");
    for (int t = 0; t < threads && status == FS_OK; t++)
        status = fs_fitter_create(&j->fitters[t], j->kernels->height, j->kernels->width, err);
    return status;
}

static fs_status prepare(fs_analysis *a, const fs_kernels *kernels, const fs_analysis_settings *settings,
                         fs_error *err) {
    if (settings->null_fits < 0 || settings->null_fits > FS_ANALYSIS_MAX_NULL_FITS)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%d null fits: 0 to %d may be asked for", settings->null_fits,
                       FS_ANALYSIS_MAX_NULL_FITS);
    a->count = kernels->count;
    a->channels = kernels->channels;
    a->height = kernels->height;
    a->width = kernels->width;
    a->kernels = fs_calloc((size_t)kernels->count, sizeof *a->kernels);
    a->null.r2 = fs_calloc((size_t)settings->null_fits * FS_MODELS + 1, sizeof *a->null.r2);
    return a->kernels && a->null.r2 ? FS_OK : fs_fail_memory(err, "an analysis");
}

fs_status fs_analysis_run(fs_analysis *out, const fs_kernels *kernels, const fs_analysis_settings *settings,
                          fs_pool *pool, const fs_progress *progress, fs_error *err) {
    fs_analysis a = {0};
    job j = {.kernels = kernels, .settings = settings, .analysis = &a, .progress = progress};
    const int threads = fs_pool_threads(pool);
    int *alive = fs_alloc_array((size_t)kernels->count, sizeof *alive);
    double *work = fs_alloc_array((size_t)kernels->count, sizeof *work);
    fs_status status =
        alive && work ? prepare(&a, kernels, settings, err) : fs_fail_memory(err, "an analysis");
    if (status == FS_OK)
        status = make_fitters(&j, threads, err);
    if (status == FS_OK)
        status = survey(kernels, &a, alive, &j.n_alive, work, err);
    if (status == FS_OK) {
        j.alive = alive;
        a.null.fits = j.n_alive > 0 ? settings->null_fits : 0;
        status = fit_all(&j, pool, err);
    }
    if (status == FS_OK)
        judge(kernels, &a, work);
    for (int t = 0; t < threads && j.fitters; t++)
        fs_fitter_destroy(j.fitters[t]);
    fs_free(j.fitters);
    fs_free(j.profiles);
    fs_free(alive);
    fs_free(work);
    if (status == FS_OK)
        *out = a;
    else
        fs_analysis_free(&a);
    return status;
}
