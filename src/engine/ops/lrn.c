/* LRN, local response normalisation across channels:
 *     y_c = x_c s_c^-beta,  s_c = bias + alpha / size * sum over k in [c - floor((size-1)/2), c +
 * ceil((size-1)/2)] of x_k^2 Backward: dx_c = g_c s_c^-beta - 2 alpha beta / size * x_c * sum over the k
 * whose window holds c of g_k x_k s_k^(-beta-1) s is saved. Work goes by blocks of positions, all channels of
 * a block at a time. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    float alpha, beta, bias;
    int64_t size;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    if ((status = fs_op_int(node, "size", 0, 1, INT32_MAX, &p->size, err)) != FS_OK)
        return status;
    if (p->size == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute 'size' is missing");
    p->alpha = fs_node_float(node, "alpha", 1e-4f);
    p->beta = fs_node_float(node, "beta", 0.75f);
    p->bias = fs_node_float(node, "bias", 1);
    *out = p;
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need_rank(s, 0, 3, FS_MAX_RANK, err);
    return status == FS_OK ? fs_op_infer_same_f32(s, err) : status;
}

enum { BLOCK = 256 };

typedef struct job {
    const params *p;
    const float *x, *g;
    float *out, *saved, *workspace;
    int64_t channels, area, blocks; /* of positions, per image */
    bool accumulate;
} job;

static job job_of(const fs_op_run *run) {
    const fs_shape *x = &run->in[0].shape;
    job j = {.p = run->node->params,
             .x = fs_f32(&run->in[0]),
             .saved = run->saved,
             .workspace = run->workspace,
             .channels = x->dim[1],
             .area = fs_shape_span(x, 2, x->rank)};
    j.blocks = (j.area + BLOCK - 1) / BLOCK;
    return j;
}

static int64_t at_least_zero(int64_t v) {
    return v > 0 ? v : 0;
}

static int64_t at_most(int64_t v, int64_t high) {
    return v < high ? v : high;
}

/* sum[i] = the sum over channels [first, last) of values[c * stride + i], squared or not. */
FS_INLINE void window_sum(const float *restrict values, int64_t stride, int64_t first, int64_t last,
                          int64_t n, bool squared, float *restrict sum) {
    for (int64_t i = 0; i < n; i++)
        sum[i] = 0;
    for (int64_t c = first; c < last; c++) {
        const float *restrict v = values + c * stride;
        for (int64_t i = 0; i < n; i++)
            sum[i] += squared ? v[i] * v[i] : v[i];
    }
}

/* s^-beta; the exponent nearly every network uses needs two square roots only. */
FS_INLINE float falloff(float s, float beta) {
    return beta == 0.75f ? 1 / (sqrtf(s) * sqrtf(sqrtf(s))) : powf(s, -beta);
}

FS_SIMD
static void forward_blocks(void *context, int64_t first_task, int64_t last_task, int thread) {
    (void)thread;
    const job *j = context;
    const int64_t before = (j->p->size - 1) / 2, after = j->p->size - 1 - before;
    const float scale = j->p->alpha / (float)j->p->size, bias = j->p->bias, beta = j->p->beta;
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t start = task % j->blocks * BLOCK, n = at_most(BLOCK, j->area - start);
        const int64_t image = task / j->blocks * j->channels * j->area + start;
        for (int64_t c = 0; c < j->channels; c++) {
            float sum[BLOCK];
            window_sum(j->x + image, j->area, at_least_zero(c - before), at_most(c + after + 1, j->channels),
                       n, true, sum);
            const int64_t at = image + c * j->area;
            const float *restrict x = j->x + at;
            float *restrict y = j->out + at;
            for (int64_t i = 0; i < n; i++) {
                sum[i] = bias + scale * sum[i];
                y[i] = x[i] * falloff(sum[i], beta);
            }
            for (int64_t i = 0; i < n && j->saved; i++)
                j->saved[at + i] = sum[i];
        }
    }
}

static void forward(const fs_op_run *run) {
    job j = job_of(run);
    j.out = fs_f32(&run->out[0]);
    if (!run->want_grad[0])
        j.saved = NULL;
    fs_span_for(run->pool, run->in[0].shape.dim[0] * j.blocks, 1, forward_blocks, &j);
}

FS_SIMD
static void backward_blocks(void *context, int64_t first_task, int64_t last_task, int thread) {
    const job *j = context;
    const int64_t before = (j->p->size - 1) / 2, after = j->p->size - 1 - before;
    const float beta = j->p->beta, scale = 2 * j->p->alpha * beta / (float)j->p->size;
    float *ratio = j->workspace + (int64_t)thread * j->channels * BLOCK;
    for (int64_t task = first_task; task < last_task; task++) {
        const int64_t start = task % j->blocks * BLOCK, n = at_most(BLOCK, j->area - start);
        const int64_t image = task / j->blocks * j->channels * j->area + start;
        for (int64_t c = 0; c < j->channels; c++) {
            const int64_t at = image + c * j->area;
            const float *restrict x = j->x + at, *restrict g = j->g + at, *restrict s = j->saved + at;
            for (int64_t i = 0; i < n; i++)
                ratio[c * BLOCK + i] = g[i] * x[i] * falloff(s[i], beta) / s[i];
        }
        for (int64_t c = 0; c < j->channels; c++) {
            float sum[BLOCK];
            window_sum(ratio, BLOCK, at_least_zero(c - after), at_most(c + before + 1, j->channels), n, false,
                       sum);
            const int64_t at = image + c * j->area;
            const float *restrict x = j->x + at, *restrict g = j->g + at, *restrict s = j->saved + at;
            float *restrict d = j->out + at;
            for (int64_t i = 0; i < n; i++) {
                const float v = g[i] * falloff(s[i], beta) - scale * x[i] * sum[i];
                d[i] = j->accumulate ? d[i] + v : v;
            }
        }
    }
}

static void backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    job j = job_of(run);
    j.g = run->out_grad[0];
    j.out = run->in_grad[0];
    j.accumulate = run->accumulate[0];
    fs_span_for(run->pool, run->in[0].shape.dim[0] * j.blocks, 1, backward_blocks, &j);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (!setup->want_grad[0])
        return FS_OK;
    setup->keep_in = fs_op_bit(0);
    setup->saved_bytes = (size_t)fs_tensor_count(&setup->in[0]) * sizeof(float);
    setup->workspace_bytes =
        (size_t)setup->threads * (size_t)setup->in[0].shape.dim[1] * BLOCK * sizeof(float);
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_lrn = {
    .type = "LRN",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .item_by_item = true,
};
