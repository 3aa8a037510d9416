/* t-SNE, exactly: see viz/projection.h for the sources. Every point sums over all others in the same order,
 * so threads change nothing. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/clones.h"
#include "viz/projection.h"

enum { LANES = 16, EXAGGERATED_STEPS = 250, BANDWIDTH_TRIES = 64 };

#define EXAGGERATION 12.0
#define LEAST_GAIN 0.01

typedef struct tsne {
    int n, channels, padded; /* padded: n rounded up to whole lanes */
    const float *points;
    double perplexity;
    float *similarity;    /* [n][padded]: P, symmetric, its sum 1 */
    float *x, *y;         /* [padded] */
    float *pull, *push;   /* [n][2] attraction, repulsion before it is normalised */
    double *weights;      /* [n] sum of each point's kernel */
    double *speed, *gain; /* [n][2] */
} tsne;

fs_tsne_settings fs_tsne_defaults(void) {
    return (fs_tsne_settings){.perplexity = 30, .steps = 750};
}

/* ---- similarities of the originals ---- */

static void square_distances(const tsne *t, int i, float *out) {
    const float *a = t->points + (size_t)i * (size_t)t->channels;
    for (int j = 0; j < t->n; j++) {
        const float *b = t->points + (size_t)j * (size_t)t->channels;
        float sum = 0;
        for (int c = 0; c < t->channels; c++)
            sum += (a[c] - b[c]) * (a[c] - b[c]);
        out[j] = sum;
    }
}

/* Row i of exp(-beta d), normalised; returns its entropy in nats. Distances are taken from the nearest one
 * on, which cancels in the quotient and keeps the exponentials from vanishing together. */
static double gaussian_row(const float *distance, int n, int i, double nearest, double beta, float *out) {
    double sum = 0, mean = 0;
    for (int j = 0; j < n; j++) {
        const double d = distance[j] - nearest;
        const double p = j == i ? 0 : exp(-beta * d);
        out[j] = (float)p;
        sum += p;
        mean += p * d;
    }
    if (!(sum > 0))
        return 0; /* no other point */
    for (int j = 0; j < n; j++)
        out[j] = (float)(out[j] / sum);
    return log(sum) + beta * mean / sum;
}

/* The width whose perplexity is the wanted one, by bisection; it is doubled until it is enclosed. */
static void fit_row(const tsne *t, int i, float *distance) {
    float *row = t->similarity + (size_t)i * (size_t)t->padded;
    double low = 0, high = INFINITY, nearest = INFINITY, mean = 0;
    square_distances(t, i, distance);
    for (int j = 0; j < t->n; j++) {
        nearest = j == i ? nearest : fmin(nearest, distance[j]);
        mean += (double)distance[j] / t->n;
    }
    double beta = mean > 0 ? 1 / mean : 1;
    for (int tries = 0; tries < BANDWIDTH_TRIES; tries++) {
        const double excess = gaussian_row(distance, t->n, i, nearest, beta, row) - log(t->perplexity);
        if (fabs(excess) < 1e-5)
            return;
        if (excess > 0)
            low = beta;
        else
            high = beta;
        beta = isfinite(high) ? (low + high) / 2 : beta * 2;
    }
}

typedef struct fitting {
    const tsne *t;
    float *distances; /* [threads][n] */
    const fs_progress *progress;
} fitting;

static void fit_rows(void *context, int first, int last, int thread) {
    const fitting *f = context;
    for (int i = first; i < last && !fs_progress_cancelled(f->progress); i++)
        fit_row(f->t, i, f->distances + (size_t)thread * (size_t)f->t->n);
}

static fs_status fail_stopped(fs_error *err) {
    return fs_fail(err, FS_ERROR_CANCELLED, "stopped while the points were laid out");
}

static fs_status fit_similarities(tsne *t, fs_pool *pool, const fs_progress *progress, fs_error *err) {
    fitting f = {.t = t, .progress = progress};
    f.distances = fs_alloc_array((size_t)fs_pool_threads(pool) * (size_t)t->n, sizeof *f.distances);
    if (!f.distances)
        return fs_fail_memory(err, "t-SNE");
    fs_pool_for(pool, t->n, 16, fit_rows, &f);
    fs_free(f.distances);
    if (fs_progress_cancelled(progress))
        return fail_stopped(err);
    for (int i = 0; i < t->n; i++)
        for (int j = 0; j <= i; j++) {
            float *a = &t->similarity[(size_t)i * (size_t)t->padded + (size_t)j];
            float *b = &t->similarity[(size_t)j * (size_t)t->padded + (size_t)i];
            *a = *b = (*a + *b) / (2 * (float)t->n);
        }
    return FS_OK;
}

/* ---- steps in the plane ---- */

/* Point i's forces in lanes, which the compiler may keep in vector registers. Padding has P = 0 and lies so
 * far away that its kernel is zero. */
FS_CLONES
static void forces_on(const tsne *t, int i) {
    const float *p = t->similarity + (size_t)i * (size_t)t->padded;
    const float x = t->x[i], y = t->y[i];
    float pull_x[LANES] = {0}, pull_y[LANES] = {0}, push_x[LANES] = {0}, push_y[LANES] = {0};
    float kernel[LANES] = {0};
    for (int j = 0; j < t->padded; j += LANES)
        for (int l = 0; l < LANES; l++) {
            const float dx = x - t->x[j + l], dy = y - t->y[j + l];
            const float w = 1 / (1 + dx * dx + dy * dy);
            const float pulled = p[j + l] * w, pushed = w * w;
            kernel[l] += w;
            pull_x[l] += pulled * dx;
            pull_y[l] += pulled * dy;
            push_x[l] += pushed * dx;
            push_y[l] += pushed * dy;
        }
    double sums[5] = {0};
    for (int l = 0; l < LANES; l++) {
        sums[0] += pull_x[l];
        sums[1] += pull_y[l];
        sums[2] += push_x[l];
        sums[3] += push_y[l];
        sums[4] += kernel[l];
    }
    for (int k = 0; k < 2; k++) {
        t->pull[2 * i + k] = (float)sums[k];
        t->push[2 * i + k] = (float)sums[2 + k];
    }
    t->weights[i] = sums[4] - 1; /* its own */
}

static void all_forces(void *context, int first, int last, int thread) {
    (void)thread;
    for (int i = first; i < last; i++)
        forces_on(context, i);
}

static void centre_plane(tsne *t) {
    double x = 0, y = 0;
    for (int i = 0; i < t->n; i++) {
        x += t->x[i];
        y += t->y[i];
    }
    for (int i = 0; i < t->n; i++) {
        t->x[i] -= (float)(x / t->n);
        t->y[i] -= (float)(y / t->n);
    }
}

static void move(tsne *t, double exaggeration, double momentum, double rate) {
    double kernels = 0;
    for (int i = 0; i < t->n; i++)
        kernels += t->weights[i];
    for (int k = 0; k < 2 * t->n; k++) {
        const double gradient = 4 * (exaggeration * t->pull[k] - t->push[k] / kernels);
        const bool slowing = (gradient > 0) == (t->speed[k] > 0);
        t->gain[k] = fmax(LEAST_GAIN, slowing ? t->gain[k] * 0.8 : t->gain[k] + 0.2);
        t->speed[k] = momentum * t->speed[k] - rate * t->gain[k] * gradient;
        float *place = k % 2 == 0 ? &t->x[k / 2] : &t->y[k / 2];
        *place += (float)t->speed[k];
    }
    centre_plane(t);
}

static fs_status take_steps(tsne *t, int steps, fs_pool *pool, const fs_progress *progress, fs_error *err) {
    const double start = fs_seconds(), rate = fmax(50, t->n / EXAGGERATION);
    for (int step = 0; step < steps; step++) {
        const bool early = step < EXAGGERATED_STEPS && step < steps / 2;
        if (fs_progress_cancelled(progress))
            return fail_stopped(err);
        fs_pool_for(pool, t->n, 32, all_forces, t);
        move(t, early ? EXAGGERATION : 1, early ? 0.5 : 0.8, rate);
        fs_progress_report(progress, &(fs_progress_state){.label = "layout",
                                                          .done = step + 1,
                                                          .total = steps,
                                                          .seconds = fs_seconds() - start,
                                                          .value = NAN});
    }
    return FS_OK;
}

/* ---- the whole ---- */

/* From the principal components, small, so that no pull is lost to distance; far away where there is no
 * point.
 */
static fs_status start(tsne *t, fs_error *err) {
    float *plane = fs_alloc_array((size_t)t->n, 2 * sizeof *plane);
    if (!plane)
        return fs_fail_memory(err, "t-SNE");
    fs_status status = fs_project_pca(plane, t->points, t->n, t->channels, 2, err);
    if (status == FS_OK) {
        double squares = 0;
        for (int i = 0; i < t->n; i++)
            squares += (double)plane[2 * i] * plane[2 * i];
        const double scale = squares > 0 ? 1e-4 / sqrt(squares / t->n) : 0;
        for (int i = 0; i < t->padded; i++) {
            t->x[i] = i < t->n ? (float)(plane[2 * i] * scale) : 1e18F;
            t->y[i] = i < t->n ? (float)(plane[2 * i + 1] * scale) : 1e18F;
        }
        for (int k = 0; k < 2 * t->n; k++)
            t->gain[k] = 1;
    }
    fs_free(plane);
    return status;
}

static fs_status allocate(tsne *t, fs_error *err) {
    const size_t n = (size_t)t->n, padded = (size_t)t->padded;
    t->similarity = fs_calloc(n * padded, sizeof *t->similarity);
    t->x = fs_calloc(padded, sizeof *t->x);
    t->y = fs_calloc(padded, sizeof *t->y);
    t->pull = fs_calloc(n, 2 * sizeof *t->pull);
    t->push = fs_calloc(n, 2 * sizeof *t->push);
    t->weights = fs_calloc(n, sizeof *t->weights);
    t->speed = fs_calloc(n, 2 * sizeof *t->speed);
    t->gain = fs_calloc(n, 2 * sizeof *t->gain);
    if (!t->similarity || !t->x || !t->y || !t->pull || !t->push || !t->weights || !t->speed || !t->gain)
        return fs_fail_memory(err, "t-SNE");
    return FS_OK;
}

static void free_tsne(tsne *t) {
    fs_free(t->similarity);
    fs_free(t->x);
    fs_free(t->y);
    fs_free(t->pull);
    fs_free(t->push);
    fs_free(t->weights);
    fs_free(t->speed);
    fs_free(t->gain);
}

fs_status fs_project_tsne(float *out, const float *points, int n, int channels,
                          const fs_tsne_settings *settings, fs_pool *pool, const fs_progress *progress,
                          fs_error *err) {
    tsne t = {.n = n, .channels = channels, .padded = (n + LANES - 1) / LANES * LANES, .points = points};
    if (n < 4 || n > FS_PROJECTION_MAX_POINTS)
        return fs_fail(err, FS_ERROR_LIMIT, "%d points: t-SNE takes 4 to %d", n, FS_PROJECTION_MAX_POINTS);
    t.perplexity = fmax(1, fmin(settings->perplexity, (n - 1) / 3.0));
    fs_status status = allocate(&t, err);
    if (status == FS_OK)
        status = start(&t, err);
    if (status == FS_OK)
        status = fit_similarities(&t, pool, progress, err);
    if (status == FS_OK)
        status = take_steps(&t, settings->steps, pool, progress, err);
    for (int i = 0; i < n && status == FS_OK; i++) {
        out[2 * i] = t.x[i];
        out[2 * i + 1] = t.y[i];
    }
    free_tsne(&t);
    return status;
}
