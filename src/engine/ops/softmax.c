/* Softmax and LogSoftmax. Before opset 13 the input is flattened to [before axis, from axis on] and the
 * second dimension is normalised (axis 1 by default); since 13 the axis alone is (the last by default). */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    int64_t axis;
    bool flatten;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->flatten = graph->opset < 13;
    status = fs_op_int(node, "axis", p->flatten ? 1 : -1, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err);
    *out = p;
    return status;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status = fs_op_need_f32(s, 0, err);
    if (status != FS_OK)
        return status;
    const int rank = s->in[0].shape.rank;
    int axis;
    if (!(p->flatten && p->axis == rank) && (status = fs_op_axis(p->axis, rank, &axis, err)) != FS_OK)
        return status;
    return fs_op_infer_same_f32(s, err);
}

/* The input as [outer, length, inner]. */
typedef struct job {
    const float *in, *g;
    float *out;
    int64_t length, inner;
    bool log, accumulate;
} job;

static job job_of(const fs_op_run *run, bool log, int64_t *groups) {
    const params *p = run->node->params;
    const fs_shape *x = &run->out[0].shape;
    int axis = x->rank;
    (void)fs_axis_normalise(p->axis, x->rank, &axis);
    job j = {.log = log};
    j.length = p->flatten ? fs_shape_span(x, axis, x->rank) : x->dim[axis];
    j.inner = p->flatten ? 1 : fs_shape_span(x, axis + 1, x->rank);
    *groups = fs_shape_span(x, 0, axis) * j.inner;
    return j;
}

static void forward_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const int64_t step = j->inner;
    for (int64_t group = first; group < last; group++) {
        const int64_t start = group / step * j->length * step + group % step;
        const float *x = j->in + start;
        float *y = j->out + start;
        float most = -INFINITY;
        for (int64_t i = 0; i < j->length; i++)
            most = x[i * step] > most ? x[i * step] : most;
        double sum = 0;
        for (int64_t i = 0; i < j->length; i++) {
            y[i * step] = expf(x[i * step] - most);
            sum += (double)y[i * step];
        }
        if (j->log) {
            const double shift = (double)most + log(sum);
            for (int64_t i = 0; i < j->length; i++)
                y[i * step] = (float)((double)x[i * step] - shift);
            continue;
        }
        const float scale = (float)(1 / sum);
        for (int64_t i = 0; i < j->length; i++)
            y[i * step] *= scale;
    }
}

/* Softmax: dx = y (g - sum(g y)). LogSoftmax: dx = g - exp(y) sum(g). */
static void backward_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const int64_t step = j->inner;
    for (int64_t group = first; group < last; group++) {
        const int64_t start = group / step * j->length * step + group % step;
        const float *y = j->in + start, *g = j->g + start;
        float *d = j->out + start;
        double sum = 0;
        for (int64_t i = 0; i < j->length; i++)
            sum += (double)g[i * step] * (j->log ? 1 : (double)y[i * step]);
        for (int64_t i = 0; i < j->length; i++) {
            const double gi = (double)g[i * step], yi = (double)y[i * step];
            const float v = (float)(j->log ? gi - exp(yi) * sum : yi * (gi - sum));
            d[i * step] = j->accumulate ? d[i * step] + v : v;
        }
    }
}

static void run_forward(const fs_op_run *run, bool log) {
    int64_t groups;
    job j = job_of(run, log, &groups);
    j.in = fs_f32(&run->in[0]);
    j.out = fs_f32(&run->out[0]);
    fs_span_for(run->pool, groups, 1 + FS_SPAN_GRAIN / 8 / (j.length + 1), forward_span, &j);
}

static void run_backward(const fs_op_run *run, bool log) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    int64_t groups;
    job j = job_of(run, log, &groups);
    j.in = fs_f32(&run->out[0]);
    j.g = run->out_grad[0];
    j.out = run->in_grad[0];
    j.accumulate = run->accumulate[0];
    fs_span_for(run->pool, groups, 1 + FS_SPAN_GRAIN / 8 / (j.length + 1), backward_span, &j);
}

static void softmax_forward(const fs_op_run *run) {
    run_forward(run, false);
}

static void softmax_backward(const fs_op_run *run) {
    run_backward(run, false);
}

static void log_forward(const fs_op_run *run) {
    run_forward(run, true);
}

static void log_backward(const fs_op_run *run) {
    run_backward(run, true);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
        setup->keep_out = fs_op_bit(0);
    return FS_OK;
}

static const fs_kernel softmax_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = prepare,
    .forward = softmax_forward,
    .backward = softmax_backward,
};
static const fs_kernel *const softmax_kernels[] = {&softmax_kernel, NULL};
static const fs_kernel log_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = prepare,
    .forward = log_forward,
    .backward = log_backward,
};
static const fs_kernel *const log_kernels[] = {&log_kernel, NULL};

const fs_operator fs_op_softmax = {
    .type = "Softmax",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .infer = infer,
    .kernels = softmax_kernels,
};
const fs_operator fs_op_log_softmax = {
    .type = "LogSoftmax",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .infer = infer,
    .kernels = log_kernels,
};
