#include "engine/ops/relu.h"

#include <math.h>
#include <stdatomic.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct job {
    const float *in;
    float *out;
} job;

FS_SIMD
static void forward_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const float *restrict in = j->in;
    float *restrict out = j->out;
    /* Written so that NaN stays NaN: a diverged computation must not look healthy. */
    for (int64_t i = first; i < last; i++)
        out[i] = in[i] < 0 ? 0 : in[i];
}

static void forward(const fs_op_run *run) {
    job j = {fs_f32(&run->in[0]), fs_f32(&run->out[0])};
    fs_span_for(run->pool, fs_tensor_count(&run->out[0]), FS_SPAN_GRAIN, forward_span, &j);
}

/* ---- backward: one mask for ReLU (low 0, high infinity) and Clip ---- */

typedef struct mask_job {
    float *in_grad;
    const float *out_grad, *out;
    float low, high;
    bool accumulate, redirect;
    atomic_bool alive;
} mask_job;

/* The arrays may be one and the same, element for element, so no restrict here. */
FS_SIMD
static void plain_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const mask_job *j = context;
    const float *g = j->out_grad, *y = j->out;
    float *d = j->in_grad;
    const float low = j->low, high = j->high;
    if (j->accumulate)
        for (int64_t i = first; i < last; i++)
            d[i] += ((y[i] > low) & (y[i] < high)) ? g[i] : 0;
    else
        for (int64_t i = first; i < last; i++)
            d[i] = ((y[i] > low) & (y[i] < high)) ? g[i] : 0;
}

/* What is on lets pass what wants it higher. */
FS_SIMD
static void guided_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const mask_job *j = context;
    const float *g = j->out_grad, *y = j->out;
    float *d = j->in_grad;
    const float low = j->low, high = j->high;
    for (int64_t i = first; i < last; i++) {
        const float passed = ((y[i] > low) & (y[i] < high) & (g[i] > 0)) ? g[i] : 0;
        d[i] = j->accumulate ? d[i] + passed : passed;
    }
}

/* Units at an end let pass what leads away from it. */
FS_SIMD
static void redirect_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const mask_job *j = context;
    const float *g = j->out_grad, *y = j->out;
    float *d = j->in_grad;
    const float low = j->low, high = j->high;
    for (int64_t i = first; i < last; i++) {
        const bool up = (y[i] <= low) & (g[i] > 0), down = (y[i] >= high) & (g[i] < 0);
        const float passed = (up | down) ? g[i] : 0;
        d[i] = j->accumulate ? d[i] + passed : passed;
    }
}

static void alive_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    mask_job *j = context;
    if (atomic_load_explicit(&j->alive, memory_order_relaxed))
        return;
    for (int64_t i = first; i < last; i++)
        if (j->out[i] > j->low && j->out[i] < j->high && j->out_grad[i] != 0) {
            atomic_store_explicit(&j->alive, true, memory_order_relaxed);
            return;
        }
}

void fs_clip_backward(float *in_grad, const float *out_grad, const float *out, float low, float high,
                      int64_t items, int64_t per_item, bool accumulate, fs_relu_rule rule, fs_pool *pool) {
    if (items <= 0 || per_item <= 0)
        return;
    mask_job j = {in_grad, out_grad, out, low, high, accumulate, false, false};
    if (rule != FS_RELU_REDIRECTED) {
        fs_span_for(pool, items * per_item, FS_SPAN_GRAIN, rule == FS_RELU_GUIDED ? guided_span : plain_span,
                    &j);
        return;
    }
    for (int64_t n = 0; n < items; n++) {
        j.in_grad = in_grad + n * per_item;
        j.out_grad = out_grad + n * per_item;
        j.out = out + n * per_item;
        atomic_store(&j.alive, false);
        fs_span_for(pool, per_item, FS_SPAN_GRAIN, alive_span, &j);
        fs_span_for(pool, per_item, FS_SPAN_GRAIN, atomic_load(&j.alive) ? plain_span : redirect_span, &j);
    }
}

void fs_relu_backward(float *in_grad, const float *out_grad, const float *out, int64_t items,
                      int64_t per_item, bool accumulate, fs_relu_rule rule, fs_pool *pool) {
    fs_clip_backward(in_grad, out_grad, out, 0, INFINITY, items, per_item, accumulate, rule, pool);
}

static void backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const fs_tensor *y = &run->out[0];
    const int64_t items = y->shape.rank ? y->shape.dim[0] : 1, count = fs_tensor_count(y);
    if (count > 0)
        fs_relu_backward(run->in_grad[0], run->out_grad[0], fs_f32(y), items, count / items,
                         run->accumulate[0], run->relu_rule, run->pool);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
        setup->keep_out = fs_op_bit(0);
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

const fs_operator fs_op_relu = {
    .type = "Relu",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = fs_op_infer_same_f32,
    .kernels = kernels,
};
