/* LpPool and GlobalLpPool: y = (sum of |x|^p)^(1/p) over a window, or over all positions; padding counts as
 * zeros. Backward: dx = g sign(x) (|x|/y)^(p-1), nothing where y is 0. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/window.h"

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    if ((status = fs_op_need_f32(s, 0, err)) != FS_OK || (status = fs_op_need_rank(s, 0, 4, 4, err)) != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    fs_window_at at;
    if ((status = fs_window_resolve(s->node->params, NULL, x->dim[2], x->dim[3], &at, err)) != FS_OK)
        return status;
    fs_shape y = {4, {x->dim[0], x->dim[1], at.out[0], at.out[1]}};
    return fs_op_output(s, 0, &y, FS_F32, err);
}

static fs_status infer_global(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    if ((status = fs_op_need_f32(s, 0, err)) != FS_OK ||
        (status = fs_op_need_rank(s, 0, 2, FS_MAX_RANK, err)) != FS_OK)
        return status;
    fs_shape y = s->in[0].shape;
    if (fs_shape_count(&y) < 1 || fs_shape_span(&y, 2, y.rank) > INT32_MAX)
        return fs_fail(err, FS_ERROR_ARGUMENT, "the input is empty or too large");
    for (int i = 2; i < y.rank; i++)
        y.dim[i] = 1;
    return fs_op_output(s, 0, &y, FS_F32, err);
}

typedef struct job {
    fs_window_at at;
    double p;
    const float *x, *y, *g;
    float *out;
    bool accumulate;
} job;

/* All positions are one window over a single row. */
static job job_of(const fs_op_run *run, bool global) {
    const fs_window *w = run->node->params;
    const fs_shape *x = &run->in[0].shape;
    job j = {.p = (double)w->p, .x = fs_f32(&run->in[0])};
    const int area = (int)fs_shape_span(x, 2, x->rank);
    if (global)
        j.at = (fs_window_at){
            .kernel = {1, area}, .stride = {1, 1}, .dilation = {1, 1}, .in = {1, area}, .out = {1, 1}};
    else
        (void)fs_window_resolve(w, NULL, x->dim[2], x->dim[3], &j.at, NULL); /* infer did the same */
    return j;
}

static double raised(double x, double p) {
    return p == 2 ? x * x : p == 1 ? x : pow(x, p);
}

static double window_sum(const job *j, const float *plane, int64_t oy, int64_t ox) {
    const fs_window_at *at = &j->at;
    int64_t y0, y1, x0, x1;
    fs_window_cover(at, 0, oy, &y0, &y1);
    fs_window_cover(at, 1, ox, &x0, &x1);
    double sum = 0;
    for (int64_t y = y0; y < y1; y += at->dilation[0])
        for (int64_t x = x0; x < x1; x += at->dilation[1])
            sum += raised(fabs((double)plane[y * at->in[1] + x]), j->p);
    return sum;
}

static void forward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_window_at *at = &j->at;
    for (int64_t index = first; index < last; index++) {
        const float *plane = j->x + index * at->in[0] * at->in[1];
        float *out = j->out + index * at->out[0] * at->out[1];
        for (int64_t oy = 0; oy < at->out[0]; oy++)
            for (int64_t ox = 0; ox < at->out[1]; ox++)
                *out++ = (float)pow(window_sum(j, plane, oy, ox), 1 / j->p);
    }
}

static void give(const job *j, const float *plane, float *d, int64_t oy, int64_t ox, double y, double g) {
    const fs_window_at *at = &j->at;
    int64_t y0, y1, x0, x1;
    fs_window_cover(at, 0, oy, &y0, &y1);
    fs_window_cover(at, 1, ox, &x0, &x1);
    for (int64_t row = y0; row < y1; row += at->dilation[0])
        for (int64_t x = x0; x < x1; x += at->dilation[1]) {
            const double v = (double)plane[row * at->in[1] + x];
            d[row * at->in[1] + x] +=
                (float)(g * (double)((v > 0) - (v < 0)) * raised(fabs(v) / y, j->p - 1));
        }
}

static void backward_planes(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const fs_window_at *at = &j->at;
    const int64_t area = (int64_t)at->in[0] * at->in[1];
    for (int64_t index = first; index < last; index++) {
        const int64_t start = index * at->out[0] * at->out[1];
        fs_grad_clear(j->out + index * area, area, j->accumulate);
        for (int64_t o = 0; o < (int64_t)at->out[0] * at->out[1]; o++)
            if (j->y[start + o] > 0)
                give(j, j->x + index * area, j->out + index * area, o / at->out[1], o % at->out[1],
                     (double)j->y[start + o], (double)j->g[start + o]);
    }
}

static void for_planes(const fs_op_run *run, fs_span_body body, job *j) {
    const fs_shape *x = &run->in[0].shape;
    const int64_t work = (int64_t)j->at.in[0] * j->at.in[1];
    fs_span_for(run->pool, x->dim[0] * x->dim[1], 1 + FS_SPAN_GRAIN / 8 / work, body, j);
}

static void run_forward(const fs_op_run *run, bool global) {
    job j = job_of(run, global);
    j.out = fs_f32(&run->out[0]);
    for_planes(run, forward_planes, &j);
}

static void run_backward(const fs_op_run *run, bool global) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    job j = job_of(run, global);
    j.y = fs_f32(&run->out[0]);
    j.g = run->out_grad[0];
    j.out = run->in_grad[0];
    j.accumulate = run->accumulate[0];
    for_planes(run, backward_planes, &j);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup)) {
        setup->keep_in = fs_op_bit(0);
        setup->keep_out = fs_op_bit(0);
    }
    return FS_OK;
}

/* GlobalLpPool has no window, only a power. */
static fs_status parse_global(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    return fs_window_parse(graph, node, out, err);
}

#define OPERATOR(NAME, TYPE, GLOBAL, PARSE, INFER)                                                           \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, GLOBAL);                                                                            \
    }                                                                                                        \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, GLOBAL);                                                                           \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .prepare = prepare,                                                                                  \
        .forward = NAME##_forward,                                                                           \
        .backward = NAME##_backward,                                                                         \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .limits = "two spatial dimensions only; p in 1..64",                                                 \
        .min_inputs = 1,                                                                                     \
        .max_inputs = 1,                                                                                     \
        .parse = PARSE,                                                                                      \
        .infer = INFER,                                                                                      \
        .kernels = NAME##_kernels,                                                                           \
    };

OPERATOR(lp_pool, "LpPool", false, fs_window_parse, infer)
OPERATOR(global_lp_pool, "GlobalLpPool", true, parse_global, infer_global)
