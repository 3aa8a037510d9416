/* Operators that give the same numbers another shape: Flatten, Reshape, Squeeze, Unsqueeze. */
#include "engine/ops/common.h"
#include "engine/ops/registry.h"

/* ---- Flatten ---- */

typedef struct flatten_params {
    int64_t axis;
} flatten_params;

static fs_status flatten_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(flatten_params), &block, err);
    if (status != FS_OK)
        return status;
    flatten_params *p = block;
    status = fs_op_int(node, "axis", 1, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err);
    *out = p;
    return status;
}

static fs_status flatten_infer(const fs_op_shapes *s, fs_error *err) {
    const flatten_params *p = s->node->params;
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    int axis = x->rank;
    if (p->axis != x->rank && (status = fs_op_axis(p->axis, x->rank, &axis, err)) != FS_OK)
        return status;
    fs_shape y = {2, {fs_shape_span(x, 0, axis), fs_shape_span(x, axis, x->rank)}};
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

/* ---- Reshape ---- */

typedef struct reshape_params {
    const int64_t *shape; /* opset < 5; count -1 where it is an input */
    int count;
    bool allow_zero;
} reshape_params;

static fs_status reshape_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    int64_t allow_zero;
    fs_status status = fs_op_params(graph, sizeof(reshape_params), &block, err);
    if (status != FS_OK)
        return status;
    reshape_params *p = block;
    if ((status = fs_op_int_list(node, "shape", &p->shape, &p->count, err)) != FS_OK ||
        (status = fs_op_int(node, "allowzero", 0, 0, 1, &allow_zero, err)) != FS_OK)
        return status;
    p->allow_zero = allow_zero != 0;
    *out = p;
    return FS_OK;
}

/* 0 copies the input's dimension (unless allow_zero), one -1 takes what is left. */
static fs_status resolve_target(const fs_shape *x, const int64_t *target, int count, bool allow_zero,
                                fs_shape *y, fs_error *err) {
    if (count > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "a shape of %d dimensions is not supported", count);
    const int64_t total = fs_shape_count(x);
    int open = -1;
    *y = (fs_shape){.rank = count};
    for (int i = 0; i < count; i++) {
        y->dim[i] = target[i];
        if (target[i] == 0 && !allow_zero) {
            if (i >= x->rank)
                return fs_fail(err, FS_ERROR_FORMAT,
                               "the target shape copies dimension %d, which does not exist", i);
            y->dim[i] = x->dim[i];
        }
        if (target[i] == -1 && open < 0) {
            open = i;
            y->dim[i] = 1;
        } else if (target[i] < 0) {
            return fs_fail(err, FS_ERROR_FORMAT, "the target shape holds %lld", (long long)target[i]);
        }
    }
    const int64_t rest = fs_shape_count(y);
    if (open >= 0 && rest > 0 && total % rest == 0)
        y->dim[open] = total / rest;
    if (fs_shape_count(y) == total && !(open >= 0 && rest == 0))
        return FS_OK;
    char a[FS_SHAPE_TEXT], b[FS_SHAPE_TEXT];
    return fs_fail(err, FS_ERROR_ARGUMENT, "%s (%lld numbers) cannot be reshaped to %s", fs_shape_text(x, a),
                   (long long)total, fs_shape_text(y, b));
}

static fs_status reshape_infer(const fs_op_shapes *s, fs_error *err) {
    const reshape_params *p = s->node->params;
    const int64_t *target = p->shape;
    int count = p->count;
    fs_status status = fs_op_need(s, 0, err);
    if (status == FS_OK && count < 0)
        status = fs_op_known_ints(s, 1, "the target shape", &target, &count, err);
    if (status != FS_OK)
        return status;
    if (count < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "there is no target shape");
    fs_shape y;
    if ((status = resolve_target(&s->in[0].shape, target, count, p->allow_zero, &y, err)) != FS_OK)
        return status;
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

/* ---- Squeeze, Unsqueeze ---- */

typedef struct axes_params {
    const int64_t *axes; /* count -1 where they are an input or absent */
    int count;
} axes_params;

static fs_status axes_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(axes_params), &block, err);
    if (status != FS_OK)
        return status;
    axes_params *p = block;
    status = fs_op_int_list(node, "axes", &p->axes, &p->count, err);
    *out = p;
    return status;
}

/* marked[axis] for the axes of the attribute or of input 1; *count -1 when there are none. `rank` is that of
 * the tensor that has the axes. */
static fs_status mark_axes(const fs_op_shapes *s, int rank, bool marked[FS_MAX_RANK], int *count,
                           fs_error *err) {
    const axes_params *p = s->node->params;
    const int64_t *axes = p->axes;
    *count = p->count;
    fs_status status = FS_OK;
    if (*count < 0)
        status = fs_op_known_ints(s, 1, "the list of axes", &axes, count, err);
    for (int i = 0; i < *count && status == FS_OK; i++) {
        int axis;
        if ((status = fs_op_axis(axes[i], rank, &axis, err)) != FS_OK)
            break;
        if (marked[axis])
            return fs_fail(err, FS_ERROR_FORMAT, "axis %d is listed twice", axis);
        marked[axis] = true;
    }
    return status;
}

static fs_status squeeze_infer(const fs_op_shapes *s, fs_error *err) {
    bool marked[FS_MAX_RANK] = {false};
    int count;
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    if ((status = mark_axes(s, x->rank, marked, &count, err)) != FS_OK)
        return status;
    fs_shape y = {0};
    for (int i = 0; i < x->rank; i++) {
        if (count >= 0 ? !marked[i] : x->dim[i] != 1)
            y.dim[y.rank++] = x->dim[i];
        else if (x->dim[i] != 1)
            return fs_fail(err, FS_ERROR_ARGUMENT, "axis %d has size %lld and cannot be squeezed", i,
                           (long long)x->dim[i]);
    }
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

static int axes_of_unsqueeze(const fs_op_shapes *s) {
    const axes_params *p = s->node->params;
    if (p->count >= 0)
        return p->count;
    const int64_t n = fs_op_has(s, 1) ? fs_tensor_count(&s->in[1]) : 0;
    return n > FS_MAX_RANK || n < 0 ? FS_MAX_RANK + 1 : (int)n;
}

static fs_status unsqueeze_infer(const fs_op_shapes *s, fs_error *err) {
    bool marked[FS_MAX_RANK] = {false};
    int count;
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    const int added = axes_of_unsqueeze(s);
    if (added > FS_MAX_RANK || x->rank + added > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d dimensions are not supported", FS_MAX_RANK);
    fs_shape y = {.rank = x->rank + added};
    if ((status = mark_axes(s, y.rank, marked, &count, err)) != FS_OK)
        return status;
    if (count < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "there is no list of axes");
    for (int i = 0, from = 0; i < y.rank; i++)
        y.dim[i] = marked[i] ? 1 : x->dim[from++];
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

const fs_operator fs_op_flatten = {
    .type = "Flatten",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = flatten_parse,
    .infer = flatten_infer,
    .kernels = fs_copy_kernels,
};
const fs_operator fs_op_reshape = {
    .type = "Reshape",
    .min_inputs = 1,
    .max_inputs = 2,
    .parse = reshape_parse,
    .infer = reshape_infer,
    .kernels = fs_copy_kernels,
    .limits = "the target shape must be constant",
};
const fs_operator fs_op_squeeze = {
    .type = "Squeeze",
    .min_inputs = 1,
    .max_inputs = 2,
    .parse = axes_parse,
    .infer = squeeze_infer,
    .kernels = fs_copy_kernels,
    .limits = "the axes must be constant",
};
const fs_operator fs_op_unsqueeze = {
    .type = "Unsqueeze",
    .min_inputs = 1,
    .max_inputs = 2,
    .parse = axes_parse,
    .infer = unsqueeze_infer,
    .kernels = fs_copy_kernels,
    .limits = "the axes must be constant",
};
