/* LpNormalization: y = x / |x| along an axis, |x| the sum of sizes (p 1) or the Euclidean length (p 2); what
 * has no length stays zero. Backward: dx = (g - d|x|/dx sum(g y)) / |x|. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    int64_t axis, p;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    *out = p;
    if ((status = fs_op_int(node, "axis", -1, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err)) != FS_OK)
        return status;
    return fs_op_int(node, "p", 2, 1, 2, &p->p, err);
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    int axis;
    fs_status status = fs_op_need_f32(s, 0, err);
    if (status == FS_OK)
        status = fs_op_axis(p->axis, s->in[0].shape.rank, &axis, err);
    return status == FS_OK ? fs_op_infer_same_f32(s, err) : status;
}

typedef struct job {
    fs_lines lines;
    const float *x, *g;
    float *out;
    int64_t p;
    bool accumulate;
} job;

static double length_of(const job *j, const float *x) {
    double sum = 0;
    for (int64_t i = 0; i < j->lines.length; i++) {
        const double v = (double)x[i * j->lines.inner];
        sum += j->p == 1 ? fabs(v) : v * v;
    }
    return j->p == 1 ? sum : sqrt(sum);
}

static void forward_lines(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t line = first; line < last; line++) {
        const int64_t start = fs_line_start(&j->lines, line), step = j->lines.inner;
        const double length = length_of(j, j->x + start);
        const float scale = length > 0 ? (float)(1 / length) : 0;
        for (int64_t i = 0; i < j->lines.length; i++)
            j->out[start + i * step] = j->x[start + i * step] * scale;
    }
}

static void backward_lines(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t line = first; line < last; line++) {
        const int64_t start = fs_line_start(&j->lines, line), step = j->lines.inner;
        const float *x = j->x + start, *g = j->g + start;
        float *d = j->out + start;
        const double length = length_of(j, x), scale = length > 0 ? 1 / length : 0;
        double sum = 0;
        for (int64_t i = 0; i < j->lines.length; i++)
            sum += (double)g[i * step] * (double)x[i * step] * scale;
        for (int64_t i = 0; i < j->lines.length; i++) {
            const double v = (double)x[i * step];
            const double slope = j->p == 1 ? (double)((v > 0) - (v < 0)) : v * scale;
            const float change = (float)(((double)g[i * step] - slope * sum) * scale);
            d[i * step] = j->accumulate ? d[i * step] + change : change;
        }
    }
}

static void run_lines(const fs_op_run *run, fs_span_body body, job j) {
    const params *p = run->node->params;
    j.lines = fs_lines_along(&run->in[0].shape, p->axis);
    j.x = fs_f32(&run->in[0]);
    j.p = p->p;
    fs_span_for(run->pool, j.lines.count, 1 + FS_SPAN_GRAIN / 4 / (j.lines.length + 1), body, &j);
}

static void forward(const fs_op_run *run) {
    run_lines(run, forward_lines, (job){.out = fs_f32(&run->out[0])});
}

static void backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    run_lines(run, backward_lines,
              (job){.g = run->out_grad[0], .out = run->in_grad[0], .accumulate = run->accumulate[0]});
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (setup->want_grad[0])
        setup->keep_in = fs_op_bit(0);
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

const fs_operator fs_op_lp_norm = {
    .type = "LpNormalization",
    .limits = "p is 1 or 2",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
};
