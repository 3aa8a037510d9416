/* Clip: limits as attributes before opset 11, as scalar inputs since. Nothing passes back at the limits
 * themselves, so that Clip(0, 6) agrees with ReLU6 and Clip(0) with ReLU. */
#include <float.h>
#include <stdatomic.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    float low, high;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->low = fs_node_float(node, "min", -FLT_MAX);
    p->high = fs_node_float(node, "max", FLT_MAX);
    *out = p;
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need(s, 0, err);
    for (int i = 1; i < 3 && status == FS_OK; i++) {
        if (!fs_op_has(s, i))
            continue;
        if (fs_tensor_count(&s->in[i]) != 1)
            return fs_fail(err, FS_ERROR_FORMAT, "a limit is not a single number");
        if (s->in[i].dtype != s->in[0].dtype)
            return fs_fail(err, FS_ERROR_FORMAT, "a limit has another type than the input");
    }
    return status == FS_OK ? fs_op_infer_same(s, err) : status;
}

static params limits(const fs_op_run *run) {
    params p = *(const params *)run->node->params;
    if (run->n_in > 1 && run->present[1])
        p.low = fs_f32(&run->in[1])[0];
    if (run->n_in > 2 && run->present[2])
        p.high = fs_f32(&run->in[2])[0];
    return p;
}

typedef struct job {
    const float *in;
    float *out;
    params p;
} job;

FS_SIMD
static void forward_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const float *restrict in = j->in;
    float *restrict out = j->out;
    const float low = j->p.low, high = j->p.high;
    for (int64_t i = first; i < last; i++) {
        const float v = in[i] < low ? low : in[i];
        out[i] = v > high ? high : v;
    }
}

static void forward_ints(const fs_op_run *run) {
    const int64_t low = run->n_in > 1 && run->present[1] ? fs_i64(&run->in[1])[0] : INT64_MIN;
    const int64_t high = run->n_in > 2 && run->present[2] ? fs_i64(&run->in[2])[0] : INT64_MAX;
    for (int64_t i = 0; i < fs_tensor_count(&run->out[0]); i++) {
        const int64_t x = fs_i64(&run->in[0])[i], v = x < low ? low : x;
        fs_i64(&run->out[0])[i] = v > high ? high : v;
    }
}

static void forward(const fs_op_run *run) {
    if (run->out[0].dtype == FS_I64) {
        forward_ints(run);
        return;
    }
    job j = {fs_f32(&run->in[0]), fs_f32(&run->out[0]), limits(run)};
    fs_span_for(run->pool, fs_tensor_count(&run->out[0]), FS_SPAN_GRAIN, forward_span, &j);
}

/* ---- backward: a unit is off at either end, and redirection lets through what leads away from that end ----
 */

typedef struct mask_job {
    float *in_grad;
    const float *out_grad, *out;
    float low, high;
    bool accumulate;
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

static void clip_backward(float *in_grad, const float *out_grad, const float *out, float low, float high,
                          int64_t items, int64_t per_item, bool accumulate, fs_relu_rule rule,
                          fs_pool *pool) {
    if (items <= 0 || per_item <= 0)
        return;
    mask_job j = {in_grad, out_grad, out, low, high, accumulate, false};
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

static void backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const params p = limits(run);
    const fs_tensor *y = &run->out[0];
    const int64_t items = y->shape.rank ? y->shape.dim[0] : 1, count = fs_tensor_count(y);
    if (count > 0)
        clip_backward(run->in_grad[0], run->out_grad[0], fs_f32(y), p.low, p.high, items, count / items,
                      run->accumulate[0], run->relu_rule, run->pool);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (!fs_op_wants_gradient(setup))
        return FS_OK;
    setup->keep_out = fs_op_bit(0);
    for (int i = 1; i < setup->n_in; i++)
        if (setup->present[i])
            setup->keep_in |= fs_op_bit(i);
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

const fs_operator fs_op_clip = {
    .type = "Clip",
    .min_inputs = 1,
    .max_inputs = 3,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .item_by_item = true,
};
