/* Pad: constant, reflected or repeated edges, or the other end, any dimensions; negative padding crops.
 * Amounts are an attribute before opset 11, an input since, and since 18 may be for listed axes only. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

typedef enum pad_mode { PAD_CONSTANT, PAD_REFLECT, PAD_EDGE, PAD_WRAP } pad_mode;
enum { DATA, PADS, VALUE, AXES };

typedef struct params {
    const int64_t *pads;
    int count; /* -1: an input */
    float value;
    pad_mode mode;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    static const char *const modes[] = {"constant", "reflect", "edge", "wrap"};
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    if ((status = fs_op_int_list(node, graph->opset < 2 ? "paddings" : "pads", &p->pads, &p->count, err)) !=
        FS_OK)
        return status;
    p->value = fs_node_float(node, "value", 0);
    const char *mode = fs_node_string(node, "mode", "constant");
    for (int i = 0; i < 4; i++) {
        if (strcmp(mode, modes[i]) != 0)
            continue;
        p->mode = (pad_mode)i;
        *out = p;
        return FS_OK;
    }
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "mode '%s' is not supported", mode);
}

static fs_status check_axis(const params *p, int axis, int64_t size, int64_t before, int64_t after,
                            fs_error *err) {
    const int64_t limit = FS_MAX_ELEMENTS;
    if (before > limit || after > limit || before < -limit || after < -limit || size + before + after < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "padding %lld and %lld does not fit an axis of %lld",
                       (long long)before, (long long)after, (long long)size);
    if (p->mode == PAD_REFLECT && (before >= size || after >= size) && (before > 0 || after > 0))
        return fs_fail(err, FS_ERROR_ARGUMENT, "axis %d of %lld is too short to reflect %lld", axis,
                       (long long)size, (long long)(before > after ? before : after));
    if ((p->mode == PAD_EDGE || p->mode == PAD_WRAP) && size == 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "axis %d is empty", axis);
    return FS_OK;
}

/* What is added before and after each axis of the input. */
typedef struct amounts {
    int64_t before[FS_MAX_RANK], after[FS_MAX_RANK];
} amounts;

/* From the lists; n_axes -1: all axes in order. */
static fs_status spread(int rank, const int64_t *pads, int count, const int64_t *axes, int n_axes,
                        amounts *out, fs_error *err) {
    const int listed = n_axes < 0 ? rank : n_axes;
    *out = (amounts){{0}, {0}};
    if (count != 2 * listed)
        return fs_fail(err, FS_ERROR_FORMAT, "%d pads for an input of %d dimensions", count, listed);
    bool used[FS_MAX_RANK] = {false};
    for (int i = 0; i < listed; i++) {
        int axis = i;
        fs_status status = n_axes < 0 ? FS_OK : fs_op_axis(axes[i], rank, &axis, err);
        if (status != FS_OK)
            return status;
        if (used[axis])
            return fs_fail(err, FS_ERROR_FORMAT, "axis %d is listed twice", axis);
        used[axis] = true;
        out->before[axis] = pads[i];
        out->after[axis] = pads[i + listed];
    }
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    const int64_t *pads = p->pads, *axes;
    int count = p->count, n_axes;
    fs_status status = fs_op_need(s, DATA, err);
    if (status == FS_OK && count < 0)
        status = fs_op_known_ints(s, PADS, "the list of pads", &pads, &count, err);
    if (status == FS_OK)
        status = fs_op_known_ints(s, AXES, "the list of axes", &axes, &n_axes, err);
    if (status != FS_OK)
        return status;
    if (fs_op_has(s, VALUE) &&
        (fs_tensor_count(&s->in[VALUE]) > 1 || s->in[VALUE].dtype != s->in[DATA].dtype))
        return fs_fail(err, FS_ERROR_FORMAT, "the padding value is not one number of the input's type");
    const fs_shape *x = &s->in[DATA].shape;
    amounts a;
    if ((status = spread(x->rank, pads, count, axes, n_axes, &a, err)) != FS_OK)
        return status;
    fs_shape y = *x;
    for (int i = 0; i < x->rank; i++) {
        if ((status = check_axis(p, i, x->dim[i], a.before[i], a.after[i], err)) != FS_OK)
            return status;
        y.dim[i] += a.before[i] + a.after[i];
    }
    return fs_op_output(s, 0, &y, s->in[DATA].dtype, err);
}

typedef struct job {
    pad_mode mode;
    int rank;
    int64_t in_dim[FS_MAX_RANK], out_dim[FS_MAX_RANK], before[FS_MAX_RANK], stride[FS_MAX_RANK];
    const char *in;
    char *out;
    const float *g;
    size_t size;
    char value[sizeof(int64_t)];
} job;

static job job_of(const fs_op_run *run) {
    const params *p = run->node->params;
    const fs_shape *x = &run->in[0].shape;
    const bool attribute = p->count >= 0, listed = run->n_in > AXES && run->present[AXES];
    amounts a;
    (void)spread(x->rank, attribute ? p->pads : fs_i64(&run->in[PADS]),
                 attribute ? p->count : (int)fs_tensor_count(&run->in[PADS]),
                 listed ? fs_i64(&run->in[AXES]) : NULL, listed ? (int)fs_tensor_count(&run->in[AXES]) : -1,
                 &a, NULL); /* infer did the same */
    job j = {.mode = p->mode, .rank = x->rank, .size = fs_dtype_size(run->out[0].dtype)};
    memcpy(j.in_dim, x->dim, sizeof j.in_dim);
    memcpy(j.out_dim, run->out[0].shape.dim, sizeof j.out_dim);
    memcpy(j.before, a.before, sizeof j.before);
    fs_dense_strides(x, j.stride);
    if (run->out[0].dtype == FS_F32)
        memcpy(j.value, &p->value, sizeof p->value);
    if (run->n_in > VALUE && run->present[VALUE] && run->in[VALUE].data &&
        fs_tensor_count(&run->in[VALUE]) == 1)
        memcpy(j.value, run->in[VALUE].data, j.size);
    return j;
}

/* Where output coordinate o of an axis comes from; -1: from nowhere. */
static int64_t source(const job *j, int axis, int64_t o) {
    const int64_t size = j->in_dim[axis];
    int64_t i = o - j->before[axis];
    if (i >= 0 && i < size)
        return i;
    if (j->mode == PAD_CONSTANT)
        return -1;
    if (j->mode == PAD_EDGE)
        return i < 0 ? 0 : size - 1;
    if (j->mode == PAD_WRAP)
        return (i % size + size) % size;
    return i < 0 ? -i : 2 * (size - 1) - i;
}

/* The start in the input of the row that output row `row` comes from; -1: none. */
static int64_t row_source(const job *j, int64_t row) {
    int64_t offset = 0;
    for (int axis = j->rank - 2; axis >= 0; axis--) {
        const int64_t at = source(j, axis, row % j->out_dim[axis]);
        row /= j->out_dim[axis];
        if (at < 0)
            return -1;
        offset += at * j->stride[axis];
    }
    return offset;
}

/* The part [*first, *last) of an output row that continues evenly in the input. */
static void middle(const job *j, int64_t *first, int64_t *last) {
    const int64_t before = j->before[j->rank - 1], length = j->out_dim[j->rank - 1];
    const int64_t end = before + j->in_dim[j->rank - 1];
    *first = before < 0 ? 0 : before < length ? before : length;
    *last = end < *first ? *first : end < length ? end : length;
}

static void forward_rows(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    const int inner = j->rank - 1;
    int64_t begin, end;
    middle(j, &begin, &end);
    for (int64_t row = first; row < last; row++) {
        const int64_t from = row_source(j, row);
        char *out = j->out + (size_t)(row * j->out_dim[inner]) * j->size;
        for (int64_t o = 0; o < j->out_dim[inner]; o++) {
            if (o == begin && end > begin && from >= 0) {
                memcpy(out + (size_t)o * j->size, j->in + (size_t)(from + o - j->before[inner]) * j->size,
                       (size_t)(end - begin) * j->size);
                o = end - 1;
                continue;
            }
            const int64_t at = from < 0 ? -1 : source(j, inner, o);
            memcpy(out + (size_t)o * j->size, at < 0 ? j->value : j->in + (size_t)(from + at) * j->size,
                   j->size);
        }
    }
}

static int64_t count_rows(const fs_op_run *run) {
    const fs_shape *y = &run->out[0].shape;
    return y->dim[y->rank - 1] ? fs_shape_count(y) / y->dim[y->rank - 1] : 0;
}

static void forward(const fs_op_run *run) {
    if (run->out[0].shape.rank == 0) {
        fs_copy_kernel.forward(run);
        return;
    }
    job j = job_of(run);
    j.in = run->in[0].data;
    j.out = run->out[0].data;
    const int64_t length = run->out[0].shape.dim[j.rank - 1];
    fs_span_for(run->pool, count_rows(run), 1 + FS_SPAN_GRAIN / (length + 1), forward_rows, &j);
}

static void backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 0);
    if (!run->in_grad[0] || !run->out_grad[0])
        return;
    if (run->out[0].shape.rank == 0) {
        run->in_grad[0][0] += run->out_grad[0][0];
        return;
    }
    const job j = job_of(run);
    const int inner = j.rank - 1;
    const float *g = run->out_grad[0];
    int64_t begin, end;
    middle(&j, &begin, &end);
    for (int64_t row = 0; row < count_rows(run); row++, g += j.out_dim[inner]) {
        const int64_t from = row_source(&j, row);
        for (int64_t o = 0; o < j.out_dim[inner] && from >= 0; o++) {
            if (o == begin && end > begin) {
                fs_copy_f32(NULL, run->in_grad[0] + from + o - j.before[inner], g + o, end - begin, true);
                o = end - 1;
                continue;
            }
            const int64_t at = source(&j, inner, o);
            if (at >= 0)
                run->in_grad[0][from + at] += g[o];
        }
    }
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    for (int i = PADS; i < setup->n_in && fs_op_wants_gradient(setup); i++)
        if (i != VALUE && setup->present[i])
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

const fs_operator fs_op_pad = {
    .type = "Pad",
    .min_inputs = 1,
    .max_inputs = 4,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .limits = "the pads must be constant",
};
