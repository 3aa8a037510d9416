/* ArgMax and ArgMin: where along an axis the largest or smallest number is, as integers. The first of several
 * equal ones, or with select_last_index the last; NaN counts as largest and smallest. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    int64_t axis, keep_dims, last;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    *out = p;
    if ((status = fs_op_int(node, "axis", 0, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err)) != FS_OK ||
        (status = fs_op_int(node, "keepdims", 1, 0, 1, &p->keep_dims, err)) != FS_OK)
        return status;
    return fs_op_int(node, "select_last_index", 0, 0, 1, &p->last, err);
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    int axis;
    fs_status status;
    if ((status = fs_op_need(s, 0, err)) != FS_OK ||
        (status = fs_op_axis(p->axis, s->in[0].shape.rank, &axis, err)) != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    if (x->dim[axis] < 1)
        return fs_fail(err, FS_ERROR_ARGUMENT, "axis %d is empty", axis);
    fs_shape y = {0};
    for (int i = 0; i < x->rank; i++)
        if (i != axis || p->keep_dims)
            y.dim[y.rank++] = i == axis ? 1 : x->dim[i];
    return fs_op_output(s, 0, &y, FS_I64, err);
}

typedef struct job {
    fs_lines lines;
    const fs_tensor *in;
    int64_t *out;
    bool largest, last;
} job;

static bool wins(const job *j, int64_t place, int64_t best) {
    if (j->in->dtype == FS_I64) {
        const int64_t a = fs_i64(j->in)[place], b = fs_i64(j->in)[best];
        return (j->largest ? a > b : a < b) || (j->last && a == b);
    }
    const float a = fs_f32(j->in)[place], b = fs_f32(j->in)[best];
    if (isnan(a) || isnan(b))
        return isnan(a) && (j->last || !isnan(b));
    return (j->largest ? a > b : a < b) || (j->last && a == b);
}

static void lines_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t line = first; line < last; line++) {
        const int64_t start = fs_line_start(&j->lines, line), step = j->lines.inner;
        int64_t best = 0;
        for (int64_t i = 1; i < j->lines.length; i++)
            if (wins(j, start + i * step, start + best * step))
                best = i;
        j->out[line] = best;
    }
}

static void run_forward(const fs_op_run *run, bool largest) {
    const params *p = run->node->params;
    job j = {.lines = fs_lines_along(&run->in[0].shape, p->axis),
             .in = &run->in[0],
             .out = fs_i64(&run->out[0]),
             .largest = largest,
             .last = p->last != 0};
    fs_span_for(run->pool, j.lines.count, 1 + FS_SPAN_GRAIN / j.lines.length, lines_span, &j);
}

#define OPERATOR(NAME, TYPE, LARGEST)                                                                        \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, LARGEST);                                                                           \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .forward = NAME##_forward,                                                                           \
        .backward = fs_backward_flat,                                                                        \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .min_inputs = 1,                                                                                     \
        .max_inputs = 1,                                                                                     \
        .parse = parse,                                                                                      \
        .infer = infer,                                                                                      \
        .kernels = NAME##_kernels,                                                                           \
    };

OPERATOR(arg_max, "ArgMax", true)
OPERATOR(arg_min, "ArgMin", false)
