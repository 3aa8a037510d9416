/* A Laplacian pyramid: pictures of one octave after the other, each of half the side of the one before,
 * enlarged bilinearly from the coarsest up and summed. A coefficient of a coarse level moves a large soft
 * spot, one of the finest a pixel. Sources: Burt, Adelson, "The Laplacian Pyramid as a Compact Image Code",
 * 1983; as a parametrisation in Mordvintsev's DeepDream (Laplacian gradient normalisation) and in Lucid. */
#include <string.h>

#include "base/alloc.h"
#include "viz/parametrisations/kinds.h"

#define INITIAL_SIGMA 0.01F

enum { MAX_LEVELS = 12, COARSEST = 4 /* the least side of a level */ };

/* Where pixel i of the finer level lies in the coarser one. */
typedef struct tap {
    int at;       /* the left one of two neighbours */
    float weight; /* of the right one */
} tap;

typedef struct level {
    int side;
    size_t offset; /* floats, within the coefficients of a plane */
    tap *taps;     /* [side of the finer level]; NULL for the finest */
} level;

typedef struct state {
    int n;
    size_t stride;            /* floats of the coefficients of one plane */
    level levels[MAX_LEVELS]; /* the finest first */
} state;

static size_t floats_of(const level *l) {
    return (size_t)l->side * (size_t)l->side;
}

static void fill_taps(tap *taps, int fine, int coarse) {
    for (int i = 0; i < fine; i++) {
        double at = (i + 0.5) * coarse / fine - 0.5;
        at = at < 0 ? 0 : at > coarse - 1 ? coarse - 1 : at;
        int left = (int)at < coarse - 2 ? (int)at : coarse - 2;
        taps[i] = (tap){left, (float)(at - left)};
    }
}

static fs_status create(fs_planes *p, fs_error *err) {
    state *s = p->state = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "the pyramid");
    for (int side = p->size; s->n == 0 || (side >= COARSEST && s->n < MAX_LEVELS); side = (side + 1) / 2) {
        level *l = &s->levels[s->n++];
        *l = (level){.side = side, .offset = s->stride};
        s->stride += fs_planes_padded(floats_of(l));
        if (s->n == 1)
            continue;
        l->taps = fs_alloc_array((size_t)l[-1].side, sizeof *l->taps);
        if (!l->taps)
            return fs_fail_memory(err, "the pyramid");
        fill_taps(l->taps, l[-1].side, side);
    }
    p->coefficients = (size_t)p->n * s->stride;
    return fs_planes_allocate(p, err);
}

static void destroy(fs_planes *p) {
    state *s = p->state;
    if (!s)
        return;
    for (int k = 0; k < s->n; k++)
        fs_free(s->levels[k].taps);
    fs_free(s);
}

static void initial(const fs_planes *p, float *coefficients, fs_random *random) {
    const state *s = p->state;
    memset(coefficients, 0, p->coefficients * sizeof *coefficients);
    for (int k = 0; k < p->n; k++)
        for (int l = 0; l < s->n; l++)
            fs_random_normal(random, coefficients + (size_t)k * s->stride + s->levels[l].offset,
                             (int)floats_of(&s->levels[l]), INITIAL_SIGMA);
}

/* sum = detail + the coarse level, enlarged */
static void enlarge(const level *coarse, const float *from, int side, const float *detail, float *sum) {
    for (int y = 0; y < side; y++) {
        tap down = coarse->taps[y];
        const float *upper = from + (size_t)down.at * (size_t)coarse->side, *lower = upper + coarse->side;
        for (int x = 0; x < side; x++) {
            tap right = coarse->taps[x];
            float top = upper[right.at] + right.weight * (upper[right.at + 1] - upper[right.at]);
            float bottom = lower[right.at] + right.weight * (lower[right.at + 1] - lower[right.at]);
            size_t at = (size_t)y * (size_t)side + (size_t)x;
            sum[at] = detail[at] + (top + down.weight * (bottom - top));
        }
    }
}

/* The adjoint of the enlargement: the fine level's gradient into the coarse one's. */
static void reduce(const level *coarse, const float *fine, int side, float *to) {
    memset(to, 0, floats_of(coarse) * sizeof *to);
    for (int y = 0; y < side; y++) {
        tap down = coarse->taps[y];
        float *upper = to + (size_t)down.at * (size_t)coarse->side, *lower = upper + coarse->side;
        for (int x = 0; x < side; x++) {
            tap right = coarse->taps[x];
            float gradient = fine[(size_t)y * (size_t)side + (size_t)x];
            float bottom = down.weight * gradient, top = gradient - bottom;
            upper[right.at] += top - right.weight * top;
            upper[right.at + 1] += right.weight * top;
            lower[right.at] += bottom - right.weight * bottom;
            lower[right.at + 1] += right.weight * bottom;
        }
    }
}

/* One call's arguments; pieces of work are planes of all items. */
typedef struct job {
    fs_planes *p;
    const float *coefficients;
    float *sums; /* as coefficients: each level with all coarser ones */
    float *grads;
    const bool *wanted;
} job;

static void build_planes(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    (void)thread;
    for (int k = first; k < last; k++) {
        const float *coefficients = j->coefficients + (size_t)k * s->stride;
        float *sums = j->sums + (size_t)k * s->stride, *plane = j->p->values + (size_t)k * j->p->plane;
        const float *coarser = coefficients + s->levels[s->n - 1].offset;
        for (int l = s->n - 2; l >= 0; l--) {
            const level *fine = &s->levels[l];
            float *sum = l == 0 ? plane : sums + fine->offset;
            enlarge(fine + 1, coarser, fine->side, coefficients + fine->offset, sum);
            coarser = sum;
        }
    }
}

static void forward(fs_planes *p, const float *coefficients, float *scratch, fs_pool *pool) {
    job j = {.p = p, .coefficients = coefficients, .sums = scratch};
    fs_pool_for(pool, p->items * p->n, 1, build_planes, &j);
}

static void take_apart(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    (void)thread;
    for (int k = first; k < last; k++) {
        if (j->wanted && !j->wanted[k / j->p->n])
            continue;
        float *grads = j->grads + (size_t)k * s->stride;
        memset(grads, 0, s->stride * sizeof *grads); /* the padding */
        memcpy(grads, j->p->values + (size_t)k * j->p->plane, floats_of(s->levels) * sizeof *grads);
        for (int l = 1; l < s->n; l++) {
            const level *fine = &s->levels[l - 1];
            reduce(fine + 1, grads + fine->offset, fine->side, grads + fine[1].offset);
        }
    }
}

static void backward(fs_planes *p, const float *coefficients, float *grads, const bool *wanted,
                     fs_pool *pool) {
    job j = {.p = p, .grads = grads, .wanted = wanted};
    (void)coefficients;
    fs_pool_for(pool, p->items * p->n, 1, take_apart, &j);
}

const fs_planes_kind fs_planes_laplacian = {.name = "laplacian",
                                            .rate = 0.015,
                                            .transforms = "lucid",
                                            .create = create,
                                            .destroy = destroy,
                                            .initial = initial,
                                            .forward = forward,
                                            .backward = backward};
