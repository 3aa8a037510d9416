/* CumSum: running sums along an axis, from either end, with or without the number itself. Backward: the
 * running sums of the gradient from the other end. */
#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    int64_t exclusive, reverse;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    *out = p;
    if ((status = fs_op_int(node, "exclusive", 0, 0, 1, &p->exclusive, err)) != FS_OK)
        return status;
    return fs_op_int(node, "reverse", 0, 0, 1, &p->reverse, err);
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    int64_t given = 0;
    int axis;
    fs_status status;
    if ((status = fs_op_need(s, 0, err)) != FS_OK || (status = fs_op_need(s, 1, err)) != FS_OK ||
        (status = fs_op_known_int(s, 1, "the axis", &given, err)) != FS_OK ||
        (status = fs_op_axis(given, s->in[0].shape.rank, &axis, err)) != FS_OK)
        return status;
    return fs_op_infer_same(s, err);
}

typedef struct job {
    fs_lines lines;
    const void *in;
    void *out;
    bool exclusive, reverse, add, integers;
} job;

static void lines_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t line = first; line < last; line++) {
        const int64_t start = fs_line_start(&j->lines, line), length = j->lines.length;
        double sum = 0;
        uint64_t whole = 0; /* wraps around */
        for (int64_t i = 0; i < length; i++) {
            const int64_t at = start + (j->reverse ? length - 1 - i : i) * j->lines.inner;
            const double before = sum;
            const uint64_t whole_before = whole;
            if (j->integers) {
                whole += (uint64_t)((const int64_t *)j->in)[at];
                ((int64_t *)j->out)[at] = (int64_t)(j->exclusive ? whole_before : whole);
                continue;
            }
            sum += (double)((const float *)j->in)[at];
            const float v = (float)(j->exclusive ? before : sum);
            float *to = (float *)j->out + at;
            *to = j->add ? *to + v : v;
        }
    }
}

static void run_lines(const fs_op_run *run, job j) {
    j.lines = fs_lines_along(&run->in[0].shape, fs_i64(&run->in[1])[0]);
    j.exclusive = ((const params *)run->node->params)->exclusive != 0;
    fs_span_for(run->pool, j.lines.count, 1 + FS_SPAN_GRAIN / (j.lines.length + 1), lines_span, &j);
}

static void forward(const fs_op_run *run) {
    const params *p = run->node->params;
    run_lines(run, (job){.in = run->in[0].data,
                         .out = run->out[0].data,
                         .reverse = p->reverse != 0,
                         .integers = run->out[0].dtype == FS_I64});
}

static void backward(const fs_op_run *run) {
    const params *p = run->node->params;
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    run_lines(run, (job){.in = run->out_grad[0],
                         .out = run->in_grad[0],
                         .reverse = !p->reverse,
                         .add = run->accumulate[0]});
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
        setup->keep_in = fs_op_bit(1);
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

const fs_operator fs_op_cumsum = {
    .type = "CumSum",
    .min_inputs = 2,
    .max_inputs = 2,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
};
