/* Slice: starts, ends and axes as attributes before opset 10, as inputs (with steps) since. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

enum { STARTS, ENDS, AXES, STEPS, LISTS };

typedef struct params {
    const int64_t *list[LISTS];
    int count[LISTS];
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    static const char *const names[LISTS] = {"starts", "ends", "axes", "steps"};
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    for (int i = 0; i < LISTS && status == FS_OK; i++)
        status = fs_op_int_list(node, names[i], &p->list[i], &p->count[i], err);
    *out = p;
    return status;
}

/* Per axis of the input: where to start, how far to step, how many to take. */
typedef struct view {
    int64_t start[FS_MAX_RANK], step[FS_MAX_RANK], length[FS_MAX_RANK];
} view;

static int64_t clamp(int64_t v, int64_t low, int64_t high) {
    return v < low ? low : v > high ? high : v;
}

static void resolve_axis(view *v, int axis, int64_t size, int64_t start, int64_t end, int64_t step) {
    /* Adding size cannot overflow for negative numbers. */
    start = start < 0 ? start + size : start;
    end = end < 0 ? end + size : end;
    int64_t length;
    if (step > 0) {
        start = clamp(start, 0, size);
        end = clamp(end, 0, size);
        length = end > start ? (end - start - 1) / step + 1 : 0;
    } else {
        start = clamp(start, 0, size - 1);
        end = clamp(end, -1, size - 1);
        length = start > end && size > 0 ? (start - end - 1) / -step + 1 : 0;
    }
    v->start[axis] = length ? start : 0;
    v->step[axis] = length > 1 ? step : 1; /* so that it times anything stays small */
    v->length[axis] = length;
}

static fs_status make_view(const fs_shape *x, const params *lists, view *v, fs_error *err) {
    const int n = lists->count[STARTS];
    for (int i = 0; i < FS_MAX_RANK; i++) {
        v->start[i] = 0;
        v->step[i] = 1;
        v->length[i] = i < x->rank ? x->dim[i] : 1;
    }
    if (n < 0 || lists->count[ENDS] != n || (lists->count[AXES] >= 0 && lists->count[AXES] != n) ||
        (lists->count[STEPS] >= 0 && lists->count[STEPS] != n) || n > x->rank)
        return fs_fail(err, FS_ERROR_FORMAT, "the lists of starts, ends, axes and steps do not match");
    bool used[FS_MAX_RANK] = {false};
    for (int i = 0; i < n; i++) {
        int axis = i;
        fs_status status = FS_OK;
        if (lists->count[AXES] >= 0)
            status = fs_op_axis(lists->list[AXES][i], x->rank, &axis, err);
        if (status != FS_OK)
            return status;
        const int64_t step = lists->count[STEPS] >= 0 ? lists->list[STEPS][i] : 1;
        if (used[axis] || step == 0 || step == INT64_MIN)
            return fs_fail(err, FS_ERROR_FORMAT, "axis %d is sliced twice or with step 0", axis);
        used[axis] = true;
        resolve_axis(v, axis, x->dim[axis], lists->list[STARTS][i], lists->list[ENDS][i], step);
    }
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    static const char *const what[LISTS] = {"the list of starts", "the list of ends", "the list of axes",
                                            "the list of steps"};
    params lists = *(const params *)s->node->params;
    fs_status status = fs_op_need(s, 0, err);
    for (int i = 0; i < LISTS && status == FS_OK; i++)
        if (lists.count[i] < 0)
            status = fs_op_known_ints(s, i + 1, what[i], &lists.list[i], &lists.count[i], err);
    if (status != FS_OK)
        return status;
    view v;
    const fs_shape *x = &s->in[0].shape;
    if ((status = make_view(x, &lists, &v, err)) != FS_OK)
        return status;
    fs_shape y = {.rank = x->rank};
    memcpy(y.dim, v.length, sizeof y.dim);
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

/* The same again while running; the lists are constants of the graph, so they are always there. */
static void begin_walk(const fs_op_run *run, fs_walk *walk) {
    params lists = *(const params *)run->node->params;
    for (int i = 0; i < LISTS; i++) {
        if (lists.count[i] >= 0 || i + 1 >= run->n_in || !run->present[i + 1])
            continue;
        lists.list[i] = fs_i64(&run->in[i + 1]);
        lists.count[i] = (int)fs_tensor_count(&run->in[i + 1]);
    }
    const fs_shape *x = &run->in[0].shape;
    view v;
    (void)make_view(x, &lists, &v, NULL);
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(x, dense);
    fs_walk_begin(walk, &run->out[0].shape, 1);
    for (int i = 0; i < x->rank; i++) {
        walk->stride[0][i] = dense[i] * v.step[i];
        walk->start[0] += dense[i] * v.start[i];
    }
}

static void forward(const fs_op_run *run) {
    fs_walk walk;
    begin_walk(run, &walk);
    fs_walk_copy(&walk, run->pool, run->out[0].data, run->in[0].data, fs_dtype_size(run->out[0].dtype));
}

static void backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    fs_walk walk;
    begin_walk(run, &walk);
    fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
    fs_walk_push(&walk, run->pool, run->in_grad[0], run->out_grad[0]);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup))
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

const fs_operator fs_op_slice = {
    .type = "Slice",
    .min_inputs = 1,
    .max_inputs = 5,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .limits = "starts, ends, axes and steps must be constant",
};
