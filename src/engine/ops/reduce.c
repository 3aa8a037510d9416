/* ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd: over given axes (an attribute, or an input in
 * later opsets), or over all. */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

typedef enum reduction { MEAN, SUM, MAX, MIN, PRODUCT } reduction;

typedef struct params {
    const int64_t *axes;
    int count; /* -1: not an attribute */
    bool keep_dims, noop_when_empty;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    int64_t keep, noop;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    if ((status = fs_op_int_list(node, "axes", &p->axes, &p->count, err)) != FS_OK ||
        (status = fs_op_int(node, "keepdims", 1, 0, 1, &keep, err)) != FS_OK ||
        (status = fs_op_int(node, "noop_with_empty_axes", 0, 0, 1, &noop, err)) != FS_OK)
        return status;
    p->keep_dims = keep != 0;
    p->noop_when_empty = noop != 0;
    *out = p;
    return FS_OK;
}

/* reduced[axis]; false when the axes are no axes of the input. */
static bool mark(const params *p, int rank, const int64_t *axes, int count, bool reduced[FS_MAX_RANK]) {
    for (int i = 0; i < FS_MAX_RANK; i++)
        reduced[i] = count <= 0 && !p->noop_when_empty;
    for (int i = 0; i < count; i++) {
        int axis;
        if (!fs_axis_normalise(axes[i], rank, &axis))
            return false;
        reduced[axis] = true;
    }
    return true;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    const int64_t *axes = p->axes;
    int count = p->count;
    fs_status status = fs_op_need(s, 0, err);
    if (status == FS_OK && count < 0)
        status = fs_op_known_ints(s, 1, "the list of axes", &axes, &count, err);
    if (status != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    bool reduced[FS_MAX_RANK];
    if (!mark(p, x->rank, axes, count, reduced))
        return fs_fail(err, FS_ERROR_FORMAT, "an axis does not exist in a tensor of %d dimensions", x->rank);
    fs_shape y = {0};
    for (int i = 0; i < x->rank; i++) {
        if (reduced[i] && x->dim[i] < 1)
            return fs_fail(err, FS_ERROR_ARGUMENT, "axis %d is empty", i);
        if (!reduced[i] || p->keep_dims)
            y.dim[y.rank++] = reduced[i] ? 1 : x->dim[i];
    }
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

/* A walk over the input whose operand 0 is the output; *per_output counts what falls on one output. */
static void begin_walk(const fs_op_run *run, fs_walk *walk, int64_t *per_output) {
    const params *p = run->node->params;
    const int64_t *axes = p->axes;
    int count = p->count;
    if (count < 0 && run->n_in > 1 && run->present[1]) {
        axes = fs_i64(&run->in[1]);
        count = (int)fs_tensor_count(&run->in[1]);
    }
    const fs_shape *x = &run->in[0].shape;
    bool reduced[FS_MAX_RANK];
    (void)mark(p, x->rank, axes, count, reduced);
    fs_walk_begin(walk, x, 1);
    int64_t stride = 1;
    *per_output = 1;
    for (int i = x->rank - 1; i >= 0; i--) {
        walk->stride[0][i] = reduced[i] ? 0 : stride;
        *per_output *= reduced[i] ? x->dim[i] : 1;
        stride *= reduced[i] ? 1 : x->dim[i];
    }
}

typedef struct job {
    reduction kind;
    const void *in;
    void *out; /* sums are made here */
    const float *y, *g;
    float scale;
    bool accumulate;
} job;

static double joined(reduction kind, double a, double b) {
    switch (kind) {
    case MAX:
        return b > a ? b : a;
    case MIN:
        return b < a ? b : a;
    case PRODUCT:
        return a * b;
    default:
        return a + b;
    }
}

static double neutral(reduction kind) {
    return kind == MAX ? -INFINITY : kind == MIN ? INFINITY : kind == PRODUCT ? 1 : 0;
}

/* Sums gather in doubles in the workspace, so that long rows of short pieces lose nothing. */
static void join_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    const float *in = (const float *)j->in + r->first;
    double *to = (double *)j->out + r->offset[0];
    if (r->step[0] == 0 && j->kind <= SUM) {
        to[0] += fs_sum_f32(in, r->length);
        return;
    }
    for (int64_t i = 0; i < r->length; i++)
        to[i * r->step[0]] = joined(j->kind, to[i * r->step[0]], (double)in[i]);
}

static void join_row_i64(void *context, const fs_walk_row *r) {
    const job *j = context;
    const int64_t *in = (const int64_t *)j->in + r->first;
    for (int64_t i = 0; i < r->length; i++) {
        int64_t *to = (int64_t *)j->out + r->offset[0] + i * r->step[0];
        if (j->kind == MAX)
            *to = in[i] > *to ? in[i] : *to;
        else if (j->kind == MIN)
            *to = in[i] < *to ? in[i] : *to;
        else if (j->kind == PRODUCT)
            *to = (int64_t)((uint64_t)*to * (uint64_t)in[i]);
        else
            *to = (int64_t)((uint64_t)*to + (uint64_t)in[i]);
    }
}

static void forward_i64(const fs_op_run *run, reduction kind) {
    int64_t per_output;
    fs_walk walk;
    begin_walk(run, &walk, &per_output);
    int64_t *y = fs_i64(&run->out[0]);
    const int64_t count = fs_tensor_count(&run->out[0]);
    for (int64_t i = 0; i < count; i++)
        y[i] = kind == MAX ? INT64_MIN : kind == MIN ? INT64_MAX : kind == PRODUCT;
    job j = {.kind = kind, .in = run->in[0].data, .out = y};
    fs_walk_run(&walk, NULL, join_row_i64, &j);
    for (int64_t i = 0; i < count && kind == MEAN; i++)
        y[i] /= per_output;
}

static void run_forward(const fs_op_run *run, reduction kind) {
    if (run->out[0].dtype == FS_I64) {
        forward_i64(run, kind);
        return;
    }
    int64_t per_output;
    fs_walk walk;
    begin_walk(run, &walk, &per_output);
    double *sums = run->workspace;
    const int64_t count = fs_tensor_count(&run->out[0]);
    for (int64_t i = 0; i < count; i++)
        sums[i] = neutral(kind);
    job j = {.kind = kind, .in = run->in[0].data, .out = sums};
    fs_walk_run(&walk, fs_walk_adding_pool(&walk, 0, run->pool), join_row, &j);
    for (int64_t i = 0; i < count; i++)
        fs_f32(&run->out[0])[i] = (float)(kind == MEAN ? sums[i] / (double)per_output : sums[i]);
}

/* Max and Min pass the gradient to every place that holds the extreme. */
static void spread_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    const float *in = j->in ? (const float *)j->in + r->first : NULL;
    float *to = (float *)j->out + r->first;
    for (int64_t i = 0; i < r->length; i++) {
        const int64_t place = r->offset[0] + i * r->step[0];
        float d = j->g[place] * j->scale;
        if (j->kind >= MAX)
            d = in[i] == j->y[place] ? d : 0;
        to[i] = j->accumulate ? to[i] + d : d;
    }
}

static void run_backward(const fs_op_run *run, reduction kind) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    int64_t per_output;
    fs_walk walk;
    begin_walk(run, &walk, &per_output);
    job j = {.kind = kind,
             .in = kind >= MAX ? run->in[0].data : NULL,
             .y = kind >= MAX ? fs_f32(&run->out[0]) : NULL,
             .out = run->in_grad[0],
             .g = run->out_grad[0],
             .scale = kind == MEAN ? 1 / (float)per_output : 1,
             .accumulate = run->accumulate[0]};
    fs_walk_run(&walk, run->pool, spread_row, &j);
}

static fs_status prepare_as(fs_op_setup *setup, reduction kind) {
    if (setup->out[0].dtype == FS_F32)
        setup->workspace_bytes = (size_t)fs_tensor_count(&setup->out[0]) * sizeof(double);
    if (fs_op_wants_gradient(setup)) {
        setup->keep_in = setup->n_in > 1 && setup->present[1] ? fs_op_bit(1) : 0;
        if (kind >= MAX) {
            setup->keep_in |= fs_op_bit(0);
            setup->keep_out = fs_op_bit(0);
        }
    }
    return FS_OK;
}

#define BACKWARD_OF(NAME, KIND)                                                                              \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, KIND);                                                                             \
    }
BACKWARD_OF(reduce_mean, MEAN)
BACKWARD_OF(reduce_sum, SUM)
BACKWARD_OF(reduce_max, MAX)
BACKWARD_OF(reduce_min, MIN)

/* Products serve the arithmetic of shapes only and have no gradient. */
#define OPERATOR(NAME, TYPE, KIND, BACKWARD)                                                                 \
    static void NAME##_forward(const fs_op_run *run) {                                                       \
        run_forward(run, KIND);                                                                              \
    }                                                                                                        \
    static fs_status NAME##_prepare(fs_op_setup *setup, fs_error *err) {                                     \
        (void)err;                                                                                           \
        return prepare_as(setup, KIND);                                                                      \
    }                                                                                                        \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain",                                                                                     \
        .accumulates = true,                                                                                 \
        .prepare = NAME##_prepare,                                                                           \
        .forward = NAME##_forward,                                                                           \
        .backward = BACKWARD,                                                                                \
    };                                                                                                       \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .min_inputs = 1,                                                                                     \
        .max_inputs = 2,                                                                                     \
        .parse = parse,                                                                                      \
        .infer = infer,                                                                                      \
        .limits = "the axes must be constant",                                                               \
        .kernels = NAME##_kernels,                                                                           \
    };

OPERATOR(reduce_mean, "ReduceMean", MEAN, reduce_mean_backward)
OPERATOR(reduce_sum, "ReduceSum", SUM, reduce_sum_backward)
OPERATOR(reduce_max, "ReduceMax", MAX, reduce_max_backward)
OPERATOR(reduce_min, "ReduceMin", MIN, reduce_min_backward)
OPERATOR(reduce_prod, "ReduceProd", PRODUCT, NULL)
