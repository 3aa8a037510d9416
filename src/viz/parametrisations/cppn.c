/* A compositional pattern-producing network: a small network from a pixel's place to its colour, whose
 * weights are what moves. The picture has no pixels of its own: the same weights draw it at any size.
 *
 *     place (x, y, r) - 8 x { 24 sums, u = atan, features u / 0.67 and u^2 / 0.6 } - sums s - 4 atan(s / 4)
 *
 * x and y are uniform with variance 1 over the picture, r is their distance from the middle, scaled likewise;
 * the two factors give features of mean square 1 for normal sums. The planes are bounded: where a colour is
 * saturated to the last bit, no gradient would lead back. Sources: Stanley, "Compositional pattern producing
 * networks", 2007; Mordvintsev, Pezzotti, Schubert, Olah, "Differentiable Image Parameterizations", Distill
 * 2018, doi:10.23915/distill.00012.
 *
 * Pixels go through in blocks; the way back computes a block's features again rather than keeping all. The
 * gradient is summed over a fixed number of parts of the picture, so that it does not depend on threads. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/ops/sgemm.h"
#include "viz/clones.h"
#include "viz/parametrisations/kinds.h"

#define FIRST_RMS 0.67F  /* root mean square of atan(z), z normal */
#define SECOND_RMS 0.60F /* of its square */
#define BOUND 4.0F       /* planes stay within half pi times this */
#define FIRST_SHARE                                                                                          \
    2.0F /* of the usual weights, for the first layer to begin with: some shapes to choose from */

enum {
    PLACE = 3,
    HIDDEN = 24,
    FEATURES = 2 * HIDDEN,
    LAYERS = 8,
    BLOCK = 512,
    PARTS = 8,
    LANES = 16,
    MOST_PLANES = 3
};

/* What a thread needs for a block of pixels. */
typedef struct workspace {
    float place[PLACE * BLOCK];
    float features[LAYERS][FEATURES * BLOCK]; /* of each layer, [FEATURES][BLOCK] */
    float slopes[LAYERS][HIDDEN * BLOCK];     /* d atan(z) / dz */
    float feature_grads[FEATURES * BLOCK];
    float sum_grads[HIDDEN * BLOCK];
    float last[MOST_PLANES * BLOCK]; /* the sums that planes are made of, then their gradients */
} workspace;

typedef struct state {
    size_t used;           /* weights of an item without the padding */
    workspace *workspaces; /* [threads] */
    float *parts;          /* [items][PARTS][coefficients] */
} state;

static int inputs_of(int layer) {
    return layer == 0 ? PLACE : FEATURES;
}

/* Weights [outputs][inputs] of a layer, its biases [outputs] behind them; layer LAYERS makes the planes. */
static size_t offset_of(int layer) {
    size_t first = (size_t)HIDDEN * (PLACE + 1), other = (size_t)HIDDEN * (FEATURES + 1);
    return layer == 0 ? 0 : first + (size_t)(layer - 1) * other;
}

static fs_status create(fs_planes *p, fs_error *err) {
    state *s = p->state = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "the coordinate network");
    s->used = offset_of(LAYERS) + (size_t)p->n * (FEATURES + 1);
    p->coefficients = fs_planes_padded(s->used);
    s->workspaces = fs_alloc_array((size_t)p->threads, sizeof *s->workspaces);
    s->parts = fs_alloc_array((size_t)p->items * PARTS * p->coefficients, sizeof *s->parts);
    if (!s->workspaces || !s->parts)
        return fs_fail_memory(err, "the coordinate network");
    return fs_planes_allocate(p, err);
}

static void destroy(fs_planes *p) {
    state *s = p->state;
    if (!s)
        return;
    fs_free(s->workspaces);
    fs_free(s->parts);
    fs_free(s);
}

static void initial(const fs_planes *p, float *coefficients, fs_random *random) {
    memset(coefficients, 0, p->coefficients * sizeof *coefficients);
    for (int layer = 0; layer <= LAYERS; layer++)
        fs_random_normal(random, coefficients + offset_of(layer),
                         (layer < LAYERS ? HIDDEN : p->n) * inputs_of(layer),
                         (layer == 0 ? FIRST_SHARE : 1) / sqrtf((float)inputs_of(layer)));
}

/* ---- a block of pixels ---- */

/* Abramowitz, Stegun, 4.4.49, to 2e-8 in |x| <= 1; beyond that, pi / 2 - atan(1 / x). */
FS_INLINE float fast_atan(float x) {
    float size = fabsf(x), inverse = 1 / size;
    float t = size > 1 ? inverse : size, q = t * t;
    float p = 0.0028662257F;
    p = p * q - 0.0161657367F;
    p = p * q + 0.0429096138F;
    p = p * q - 0.0752896400F;
    p = p * q + 0.1065626393F;
    p = p * q - 0.1420889944F;
    p = p * q + 0.1999355085F;
    p = p * q - 0.3333314528F;
    p = t + t * q * p;
    p = size > 1 ? 1.57079632679F - p : p;
    return copysignf(p, x);
}

/* Sums become slopes. */
FS_CLONES
static void activate(float *restrict sums, float bias, int count, float *restrict first,
                     float *restrict second) {
    for (int i = 0; i < count; i++) {
        float z = sums[i] + bias, u = fast_atan(z);
        first[i] = u * (1 / FIRST_RMS);
        second[i] = u * u * (1 / SECOND_RMS);
        sums[i] = 1 / (1 + z * z);
    }
}

FS_CLONES
static void deactivate(const float *restrict slopes, const float *restrict first,
                       const float *restrict first_grad, const float *restrict second_grad, int count,
                       float *restrict grad) {
    for (int i = 0; i < count; i++) {
        float u = first[i] * FIRST_RMS;
        grad[i] = slopes[i] * (first_grad[i] * (1 / FIRST_RMS) + second_grad[i] * u * (2 / SECOND_RMS));
    }
}

FS_CLONES
static void bound(const float *restrict sums, float bias, int count, float *restrict plane) {
    for (int i = 0; i < count; i++)
        plane[i] = BOUND * fast_atan((sums[i] + bias) * (1 / BOUND));
}

/* Sums become their gradients. */
FS_CLONES
static void unbound(float *restrict sums, float bias, const float *restrict plane_grad, int count) {
    for (int i = 0; i < count; i++) {
        float z = (sums[i] + bias) * (1 / BOUND);
        sums[i] = plane_grad[i] / (1 + z * z);
    }
}

/* Pixel i of `size` as a number of variance 1 over all of them. */
static float coordinate(int i, int size) {
    return (float)((2.0 * i + 1 - size) / size * 1.7320508075688772);
}

static void fill_place(float *place, int size, int from, int count) {
    for (int i = 0; i < count; i++) {
        float x = coordinate((from + i) % size, size), y = coordinate((from + i) / size, size);
        place[i] = x;
        place[BLOCK + i] = y;
        place[2 * BLOCK + i] = sqrtf(0.5F * (x * x + y * y));
    }
}

/* out = weights * in, both [..][BLOCK]. */
static void multiply(const float *weights, int outputs, const float *in, int inputs, int count, float *out) {
    fs_sgemm product = {.m = outputs,
                        .n = count,
                        .k = inputs,
                        .alpha = 1,
                        .a = weights,
                        .lda = inputs,
                        .b = in,
                        .ldb = BLOCK,
                        .c = out,
                        .ldc = BLOCK};
    fs_sgemm_run(NULL, &product);
}

static const float *features_before(const workspace *w, int layer) {
    return layer == 0 ? w->place : w->features[layer - 1];
}

/* Pixels [from, from + count) of a picture, as far as w->last. */
static void run_layers(workspace *w, const float *weights, int size, int planes, int from, int count) {
    fill_place(w->place, size, from, count);
    for (int layer = 0; layer < LAYERS; layer++) {
        const float *a = weights + offset_of(layer), *bias = a + (size_t)HIDDEN * (size_t)inputs_of(layer);
        float *out = w->features[layer], *sums = w->slopes[layer];
        multiply(a, HIDDEN, features_before(w, layer), inputs_of(layer), count, sums);
        for (size_t k = 0; k < HIDDEN; k++)
            activate(sums + k * BLOCK, bias[k], count, out + k * BLOCK, out + (HIDDEN + k) * BLOCK);
    }
    multiply(weights + offset_of(LAYERS), planes, w->features[LAYERS - 1], FEATURES, count, w->last);
}

/* In lanes, which become vectors, and then in their order. */
FS_CLONES
static float sum_of(const float *restrict values, int count) {
    float lanes[LANES] = {0}, sum = 0;
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += values[i + lane];
    for (; i < count; i++)
        sum += values[i];
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* Adds to the gradients of a layer's weights and biases. */
static void add_weight_grads(const float *sum_grads, int outputs, const float *in, int inputs, int count,
                             float *grads) {
    fs_sgemm product = {.m = outputs,
                        .n = inputs,
                        .k = count,
                        .alpha = 1,
                        .a = sum_grads,
                        .lda = BLOCK,
                        .b = in,
                        .ldb = BLOCK,
                        .tb = true,
                        .beta = 1,
                        .c = grads,
                        .ldc = inputs};
    fs_sgemm_run(NULL, &product);
    float *bias_grads = grads + (size_t)outputs * (size_t)inputs;
    for (size_t k = 0; k < (size_t)outputs; k++)
        bias_grads[k] += sum_of(sum_grads + k * BLOCK, count);
}

/* in_grads = weights' * sum_grads */
static void multiply_back(const float *weights, const float *sum_grads, int outputs, int count,
                          float *in_grads) {
    fs_sgemm product = {.m = FEATURES,
                        .n = count,
                        .k = outputs,
                        .alpha = 1,
                        .a = weights,
                        .lda = FEATURES,
                        .ta = true,
                        .b = sum_grads,
                        .ldb = BLOCK,
                        .c = in_grads,
                        .ldc = BLOCK};
    fs_sgemm_run(NULL, &product);
}

/* What run_layers left behind, and the gradients of the same pixels' sums in w->last. */
static void run_back(workspace *w, const float *weights, int planes, int count, float *grads) {
    add_weight_grads(w->last, planes, w->features[LAYERS - 1], FEATURES, count, grads + offset_of(LAYERS));
    multiply_back(weights + offset_of(LAYERS), w->last, planes, count, w->feature_grads);
    for (int layer = LAYERS - 1; layer >= 0; layer--) {
        for (size_t k = 0; k < HIDDEN; k++)
            deactivate(w->slopes[layer] + k * BLOCK, w->features[layer] + k * BLOCK,
                       w->feature_grads + k * BLOCK, w->feature_grads + (HIDDEN + k) * BLOCK, count,
                       w->sum_grads + k * BLOCK);
        add_weight_grads(w->sum_grads, HIDDEN, features_before(w, layer), inputs_of(layer), count,
                         grads + offset_of(layer));
        if (layer > 0)
            multiply_back(weights + offset_of(layer), w->sum_grads, HIDDEN, count, w->feature_grads);
    }
}

/* ---- all of them ---- */

typedef struct job {
    fs_planes *p;
    const float *coefficients;
    float *grads;
    const bool *wanted;
    int pixels, blocks; /* of an item */
} job;

static int block_count(const job *j, int block) {
    return j->pixels - block * BLOCK < BLOCK ? j->pixels - block * BLOCK : BLOCK;
}

/* The biases of the planes. */
static const float *last_biases(const fs_planes *p, const float *weights) {
    return weights + offset_of(LAYERS) + (size_t)p->n * FEATURES;
}

static void draw_blocks(void *context, int first, int last, int thread) {
    const job *j = context;
    const fs_planes *p = j->p;
    const state *s = p->state;
    workspace *w = &s->workspaces[thread];
    for (int piece = first; piece < last; piece++) {
        size_t item = (size_t)(piece / j->blocks), planes = (size_t)p->n;
        int block = piece % j->blocks, count = block_count(j, block);
        const float *weights = j->coefficients + item * p->coefficients;
        float *out = p->values + item * planes * p->plane + (size_t)block * BLOCK;
        run_layers(w, weights, p->size, p->n, block * BLOCK, count);
        for (size_t k = 0; k < planes; k++)
            bound(w->last + k * BLOCK, last_biases(p, weights)[k], count, out + k * p->plane);
    }
}

static job job_of(fs_planes *p, const float *coefficients) {
    int pixels = p->size * p->size;
    return (job){
        .p = p, .coefficients = coefficients, .pixels = pixels, .blocks = (pixels + BLOCK - 1) / BLOCK};
}

static void forward(fs_planes *p, const float *coefficients, float *scratch, fs_pool *pool) {
    job j = job_of(p, coefficients);
    (void)scratch;
    fs_pool_for(pool, p->items * j.blocks, 1, draw_blocks, &j);
}

static void differentiate_block(const job *j, workspace *w, size_t item, int block, float *part) {
    const fs_planes *p = j->p;
    const float *weights = j->coefficients + item * p->coefficients;
    const float *plane_grads = p->values + item * (size_t)p->n * p->plane + (size_t)block * BLOCK;
    int count = block_count(j, block);
    run_layers(w, weights, p->size, p->n, block * BLOCK, count);
    for (size_t k = 0; k < (size_t)p->n; k++)
        unbound(w->last + k * BLOCK, last_biases(p, weights)[k], plane_grads + k * p->plane, count);
    run_back(w, weights, p->n, count, part);
}

/* A part is every PARTS-th block of an item. */
static void differentiate_parts(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    for (int piece = first; piece < last; piece++) {
        size_t item = (size_t)(piece / PARTS);
        if (j->wanted && !j->wanted[item])
            continue;
        float *part = s->parts + (size_t)piece * j->p->coefficients;
        memset(part, 0, j->p->coefficients * sizeof *part);
        for (int block = piece % PARTS; block < j->blocks; block += PARTS)
            differentiate_block(j, &s->workspaces[thread], item, block, part);
    }
}

static void sum_parts(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    size_t count = j->p->coefficients;
    (void)thread;
    for (int item = first; item < last; item++) {
        if (j->wanted && !j->wanted[item])
            continue;
        float *grads = j->grads + (size_t)item * count;
        const float *parts = s->parts + (size_t)item * PARTS * count;
        memcpy(grads, parts, count * sizeof *grads);
        for (size_t part = 1; part < PARTS; part++)
            for (size_t i = 0; i < count; i++)
                grads[i] += parts[part * count + i];
    }
}

static void backward(fs_planes *p, const float *coefficients, float *grads, const bool *wanted,
                     fs_pool *pool) {
    job j = job_of(p, coefficients);
    j.grads = grads;
    j.wanted = wanted;
    fs_pool_for(pool, p->items * PARTS, 1, differentiate_parts, &j);
    fs_pool_for(pool, p->items, 1, sum_parts, &j);
}

const fs_planes_kind fs_planes_cppn = {.name = "cppn",
                                       .rate = 0.003,
                                       .transforms = "lucid",
                                       .create = create,
                                       .destroy = destroy,
                                       .initial = initial,
                                       .forward = forward,
                                       .backward = backward};
