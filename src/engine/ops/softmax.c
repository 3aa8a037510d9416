/* Softmax and LogSoftmax. Before opset 13 the input is flattened to [before axis, from axis on] and the
 * second dimension is normalised (axis 1 by default); since 13 the axis alone is (the last by default). */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/vector_math.h"

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

/* The input as [outer, length, inner]. A task is one row where inner is 1, a block of columns otherwise. */
enum { LANES = 16, COLUMNS = 64 };

typedef struct job {
    const float *in, *g;
    float *out;
    int64_t length, inner, blocks; /* of columns */
    bool log, accumulate;
} job;

static job job_of(const fs_op_run *run, bool log, int64_t *tasks) {
    const params *p = run->node->params;
    const fs_shape *x = &run->out[0].shape;
    int axis = x->rank;
    (void)fs_axis_normalise(p->axis, x->rank, &axis);
    job j = {.log = log};
    j.length = p->flatten ? fs_shape_span(x, axis, x->rank) : x->dim[axis];
    j.inner = p->flatten ? 1 : fs_shape_span(x, axis + 1, x->rank);
    j.blocks = (j.inner + COLUMNS - 1) / COLUMNS;
    *tasks = fs_shape_span(x, 0, axis) * j.blocks;
    return j;
}

/* ---- rows ---- */

FS_SIMD
static float largest(const float *x, int64_t n) {
    float lane[LANES], most = -INFINITY;
    for (int k = 0; k < LANES; k++)
        lane[k] = -INFINITY;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
    for (; i < n; i++)
        most = x[i] > most ? x[i] : most;
    for (int k = 0; k < LANES; k++)
        most = lane[k] > most ? lane[k] : most;
    return most;
}

FS_SIMD
static void powers(float *restrict y, const float *restrict x, float shift, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] = fs_exp_f32(x[i] - shift);
}

FS_SIMD
static void scaled(float *y, float scale, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        y[i] *= scale;
}

static void forward_row(const job *j, const float *x, float *y) {
    const float most = largest(x, j->length);
    powers(y, x, most, j->length);
    const double sum = fs_sum_f32(y, j->length);
    if (!j->log) {
        scaled(y, (float)(1 / sum), j->length);
        return;
    }
    const double shift = (double)most + log(sum);
    for (int64_t i = 0; i < j->length; i++)
        y[i] = (float)((double)x[i] - shift);
}

/* Softmax: dx = y (g - sum(g y)). LogSoftmax: dx = g - exp(y) sum(g). */
FS_INLINE float slope(bool log, float y, float g, float sum) {
    return log ? g - fs_exp_f32(y) * sum : y * (g - sum);
}

FS_INLINE void slopes_as(float *restrict d, const float *restrict y, const float *restrict g, float sum,
                         int64_t n, bool log, bool accumulate) {
    for (int64_t i = 0; i < n; i++) {
        const float v = slope(log, y[i], g[i], sum);
        d[i] = accumulate ? d[i] + v : v;
    }
}

/* Four loops without decisions, which turn into vectors. */
FS_SIMD
static void slopes(float *d, const float *y, const float *g, float sum, int64_t n, bool log,
                   bool accumulate) {
    if (log && accumulate)
        slopes_as(d, y, g, sum, n, true, true);
    else if (log)
        slopes_as(d, y, g, sum, n, true, false);
    else if (accumulate)
        slopes_as(d, y, g, sum, n, false, true);
    else
        slopes_as(d, y, g, sum, n, false, false);
}

static void backward_row(const job *j, const float *y, const float *g, float *d) {
    const double sum = j->log ? fs_sum_f32(g, j->length) : fs_dot_f32(g, y, j->length);
    slopes(d, y, g, (float)sum, j->length, j->log, j->accumulate);
}

/* ---- columns ---- */

FS_SIMD
static void forward_columns(const job *j, const float *x, float *y, int64_t n) {
    float most[COLUMNS];
    double sum[COLUMNS] = {0};
    for (int64_t c = 0; c < n; c++)
        most[c] = -INFINITY;
    for (int64_t i = 0; i < j->length; i++)
        for (int64_t c = 0; c < n; c++)
            most[c] = x[i * j->inner + c] > most[c] ? x[i * j->inner + c] : most[c];
    for (int64_t i = 0; i < j->length; i++)
        for (int64_t c = 0; c < n; c++) {
            const float e = fs_exp_f32(x[i * j->inner + c] - most[c]);
            y[i * j->inner + c] = e;
            sum[c] += (double)e;
        }
    for (int64_t c = 0; c < n; c++)
        sum[c] = j->log ? (double)most[c] + log(sum[c]) : 1 / sum[c];
    for (int64_t i = 0; i < j->length; i++)
        for (int64_t c = 0; c < n; c++) {
            const int64_t at = i * j->inner + c;
            y[at] = j->log ? (float)((double)x[at] - sum[c]) : y[at] * (float)sum[c];
        }
}

FS_SIMD
static void backward_columns(const job *j, const float *y, const float *g, float *d, int64_t n) {
    double sum[COLUMNS] = {0};
    for (int64_t i = 0; i < j->length; i++)
        for (int64_t c = 0; c < n; c++) {
            const int64_t at = i * j->inner + c;
            sum[c] += j->log ? (double)g[at] : (double)g[at] * (double)y[at];
        }
    for (int64_t i = 0; i < j->length; i++)
        for (int64_t c = 0; c < n; c++) {
            const int64_t at = i * j->inner + c;
            const float v = slope(j->log, y[at], g[at], (float)sum[c]);
            d[at] = j->accumulate ? d[at] + v : v;
        }
}

/* Where task `task` starts, and how many columns it has. */
static int64_t start_of(const job *j, int64_t task, int64_t *columns) {
    const int64_t column = task % j->blocks * COLUMNS, rest = j->inner - column;
    *columns = rest < COLUMNS ? rest : COLUMNS;
    return task / j->blocks * j->length * j->inner + column;
}

static void forward_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t task = first; task < last; task++) {
        int64_t columns;
        const int64_t start = start_of(j, task, &columns);
        if (j->inner == 1)
            forward_row(j, j->in + start, j->out + start);
        else
            forward_columns(j, j->in + start, j->out + start, columns);
    }
}

static void backward_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t task = first; task < last; task++) {
        int64_t columns;
        const int64_t start = start_of(j, task, &columns);
        if (j->inner == 1)
            backward_row(j, j->in + start, j->g + start, j->out + start);
        else
            backward_columns(j, j->in + start, j->g + start, j->out + start, columns);
    }
}

static int64_t grain_of(const job *j) {
    return 1 + FS_SPAN_GRAIN / 4 / (j->length * (j->inner < COLUMNS ? j->inner : COLUMNS) + 1);
}

static void run_forward(const fs_op_run *run, bool log) {
    int64_t tasks;
    job j = job_of(run, log, &tasks);
    j.in = fs_f32(&run->in[0]);
    j.out = fs_f32(&run->out[0]);
    fs_span_for(run->pool, tasks, grain_of(&j), forward_span, &j);
}

static void run_backward(const fs_op_run *run, bool log) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    int64_t tasks;
    job j = job_of(run, log, &tasks);
    j.in = fs_f32(&run->out[0]);
    j.g = run->out_grad[0];
    j.out = run->in_grad[0];
    j.accumulate = run->accumulate[0];
    fs_span_for(run->pool, tasks, grain_of(&j), backward_span, &j);
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
