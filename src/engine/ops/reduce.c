/* ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd, ReduceL1, ReduceL2, ReduceSumSquare, ReduceLogSum,
 * ReduceLogSumExp: over given axes (an attribute, or an input in later opsets), or over all. */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

typedef enum reduction { MEAN, SUM, L1, L2, SUM_SQUARE, LOG_SUM, LOG_SUM_EXP, MAX, MIN, PRODUCT } reduction;

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

static fs_status infer_f32(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need_f32(s, 0, err);
    return status == FS_OK ? infer(s, err) : status;
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
    void *out;          /* sums are made here */
    const double *most; /* LOG_SUM_EXP: the largest of each sum, so that no power overflows */
    const float *y, *g;
    float scale;
    bool accumulate;
} job;

static double joined(const job *j, double a, double x, int64_t place) {
    switch (j->kind) {
    case L1:
        return a + fabs(x);
    case L2:
    case SUM_SQUARE:
        return a + x * x;
    case LOG_SUM_EXP:
        return a + exp(x - j->most[place]);
    case MAX:
        return x > a ? x : a;
    case MIN:
        return x < a ? x : a;
    case PRODUCT:
        return a * x;
    default:
        return a + x;
    }
}

static double neutral(reduction kind) {
    return kind == MAX ? -INFINITY : kind == MIN ? INFINITY : kind == PRODUCT ? 1 : 0;
}

static double finished(const job *j, double sum, int64_t per_output, int64_t place) {
    switch (j->kind) {
    case MEAN:
        return sum / (double)per_output;
    case L2:
        return sqrt(sum);
    case LOG_SUM:
        return log(sum);
    case LOG_SUM_EXP:
        return log(sum) + j->most[place];
    default:
        return sum;
    }
}

/* Sums gather in doubles in the workspace, so that long rows of short pieces lose nothing. */
static void join_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    const float *in = (const float *)j->in + r->first;
    double *to = (double *)j->out + r->offset[0];
    const int64_t step = r->step[0];
    if (step == 0 && (j->kind <= SUM || j->kind == LOG_SUM))
        to[0] += fs_sum_f32(in, r->length);
    else if (step == 0 && (j->kind == L2 || j->kind == SUM_SQUARE))
        to[0] += fs_dot_f32(in, in, r->length);
    else if (j->kind <= SUM)
        for (int64_t i = 0; i < r->length; i++)
            to[i * step] += (double)in[i];
    else
        for (int64_t i = 0; i < r->length; i++)
            to[i * step] = joined(j, to[i * step], (double)in[i], r->offset[0] + i * step);
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

static void join_all(const fs_op_run *run, const fs_walk *walk, job *j) {
    const int64_t count = fs_tensor_count(&run->out[0]);
    for (int64_t i = 0; i < count; i++)
        ((double *)j->out)[i] = neutral(j->kind);
    fs_walk_run(walk, fs_walk_adding_pool(walk, 0, run->pool), join_row, j);
}

static void run_forward(const fs_op_run *run, reduction kind) {
    if (run->out[0].dtype == FS_I64) {
        forward_i64(run, kind);
        return;
    }
    int64_t per_output;
    fs_walk walk;
    begin_walk(run, &walk, &per_output);
    const int64_t count = fs_tensor_count(&run->out[0]);
    job j = {.kind = kind, .in = run->in[0].data, .out = run->workspace};
    if (kind == LOG_SUM_EXP) {
        double *most = (double *)run->workspace + count;
        join_all(run, &walk, &(job){.kind = MAX, .in = j.in, .out = most});
        for (int64_t i = 0; i < count; i++)
            most[i] = isfinite(most[i]) ? most[i] : 0;
        j.most = most;
    }
    join_all(run, &walk, &j);
    for (int64_t i = 0; i < count; i++)
        fs_f32(&run->out[0])[i] = (float)finished(&j, ((double *)j.out)[i], per_output, i);
}

/* dy/dx. Max and Min pass the gradient to every place that holds the extreme; a Euclidean length of 0 has no
 * slope. */
static float slope_of(const job *j, float x, float y) {
    switch (j->kind) {
    case L1:
        return (float)((x > 0) - (x < 0));
    case L2:
        return y > 0 ? x / y : 0;
    case SUM_SQUARE:
        return 2 * x;
    case LOG_SUM:
        return expf(-y);
    case LOG_SUM_EXP:
        return expf(x - y);
    case MAX:
    case MIN:
        return x == y;
    default:
        return j->scale;
    }
}

/* Sums and means pass the same on to everything they were made of. */
FS_SIMD
static void spread_evenly(float *restrict to, const float *restrict g, float scale, int64_t n, int64_t step,
                          bool accumulate) {
    if (step == 0 && !accumulate)
        for (int64_t i = 0; i < n; i++)
            to[i] = g[0] * scale;
    else
        for (int64_t i = 0; i < n; i++)
            to[i] = (accumulate ? to[i] : 0) + g[i * step] * scale;
}

static void spread_row(void *context, const fs_walk_row *r) {
    const job *j = context;
    const float *in = j->in ? (const float *)j->in + r->first : NULL;
    float *to = (float *)j->out + r->first;
    if (j->kind <= SUM) {
        spread_evenly(to, j->g + r->offset[0], j->scale, r->length, r->step[0], j->accumulate);
        return;
    }
    for (int64_t i = 0; i < r->length; i++) {
        const int64_t place = r->offset[0] + i * r->step[0];
        const float d = j->g[place] * slope_of(j, in ? in[i] : 0, j->y ? j->y[place] : 0);
        to[i] = j->accumulate ? to[i] + d : d;
    }
}

/* What slope_of looks at. */
static bool reads_input(reduction kind) {
    return kind > SUM && kind != LOG_SUM;
}

static bool reads_output(reduction kind) {
    return kind >= LOG_SUM || kind == L2;
}

static void run_backward(const fs_op_run *run, reduction kind) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    int64_t per_output;
    fs_walk walk;
    begin_walk(run, &walk, &per_output);
    job j = {.kind = kind,
             .in = reads_input(kind) ? run->in[0].data : NULL,
             .y = reads_output(kind) ? fs_f32(&run->out[0]) : NULL,
             .out = run->in_grad[0],
             .g = run->out_grad[0],
             .scale = kind == MEAN ? 1 / (float)per_output : 1,
             .accumulate = run->accumulate[0]};
    fs_walk_run(&walk, run->pool, spread_row, &j);
}

static fs_status prepare_as(fs_op_setup *setup, reduction kind) {
    if (setup->out[0].dtype == FS_F32)
        setup->workspace_bytes =
            (size_t)fs_tensor_count(&setup->out[0]) * (kind == LOG_SUM_EXP ? 2 : 1) * sizeof(double);
    if (fs_op_wants_gradient(setup)) {
        setup->keep_in = setup->n_in > 1 && setup->present[1] ? fs_op_bit(1) : 0;
        setup->keep_in |= reads_input(kind) ? fs_op_bit(0) : 0;
        setup->keep_out = reads_output(kind) ? fs_op_bit(0) : 0;
    }
    return FS_OK;
}

#define OPERATOR(NAME, TYPE, KIND, INFER, BACKWARD)                                                          \
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
        .infer = INFER,                                                                                      \
        .limits = "the axes must be constant",                                                               \
        .kernels = NAME##_kernels,                                                                           \
    };
#define DIFFERENTIABLE(NAME, TYPE, KIND, INFER)                                                              \
    static void NAME##_backward(const fs_op_run *run) {                                                      \
        run_backward(run, KIND);                                                                             \
    }                                                                                                        \
    OPERATOR(NAME, TYPE, KIND, INFER, NAME##_backward)

DIFFERENTIABLE(reduce_mean, "ReduceMean", MEAN, infer)
DIFFERENTIABLE(reduce_sum, "ReduceSum", SUM, infer)
DIFFERENTIABLE(reduce_max, "ReduceMax", MAX, infer)
DIFFERENTIABLE(reduce_min, "ReduceMin", MIN, infer)
DIFFERENTIABLE(reduce_l1, "ReduceL1", L1, infer_f32)
DIFFERENTIABLE(reduce_l2, "ReduceL2", L2, infer_f32)
DIFFERENTIABLE(reduce_sum_square, "ReduceSumSquare", SUM_SQUARE, infer_f32)
DIFFERENTIABLE(reduce_log_sum, "ReduceLogSum", LOG_SUM, infer_f32)
DIFFERENTIABLE(reduce_log_sum_exp, "ReduceLogSumExp", LOG_SUM_EXP, infer_f32)
/* Products serve the arithmetic of shapes only and have no gradient. */
OPERATOR(reduce_prod, "ReduceProd", PRODUCT, infer, NULL)
