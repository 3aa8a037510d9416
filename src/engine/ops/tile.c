/* Tile: the input repeated along each axis. Before opset 6 along one axis, given by two numbers. Seen as a
 * walk over the output with every repeated axis as two, [repeats, size], of which the first stands still in
 * the input. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

typedef struct params {
    bool one_axis;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    (void)node;
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    p->one_axis = graph->opset < 6;
    *out = p;
    return FS_OK;
}

static fs_status read_repeats(const fs_op_shapes *s, int64_t repeats[FS_MAX_RANK], fs_error *err) {
    const params *p = s->node->params;
    const int rank = s->in[0].shape.rank;
    const int64_t *ints;
    int count;
    for (int i = 0; i < FS_MAX_RANK; i++)
        repeats[i] = 1;
    fs_status status = fs_op_need(s, 1, err);
    if (status != FS_OK)
        return status;
    if (p->one_axis) {
        int64_t times = 1, given = 0;
        int axis;
        if ((status = fs_op_known_int(s, 1, "the number of tiles", &times, err)) != FS_OK ||
            (status = fs_op_need(s, 2, err)) != FS_OK ||
            (status = fs_op_known_int(s, 2, "the axis", &given, err)) != FS_OK ||
            (status = fs_op_axis(given, rank, &axis, err)) != FS_OK)
            return status;
        repeats[axis] = times;
        return FS_OK;
    }
    if ((status = fs_op_known_ints(s, 1, "the list of repeats", &ints, &count, err)) != FS_OK)
        return status;
    if (count != rank)
        return fs_fail(err, FS_ERROR_FORMAT, "%d repeats for an input of %d dimensions", count, rank);
    for (int i = 0; i < count; i++)
        repeats[i] = ints[i];
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    int64_t repeats[FS_MAX_RANK];
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK || (status = read_repeats(s, repeats, err)) != FS_OK)
        return status;
    fs_shape y = s->in[0].shape;
    int axes = 0;
    for (int i = 0; i < y.rank; i++) {
        if (repeats[i] < 0 || repeats[i] > FS_MAX_ELEMENTS)
            return fs_fail(err, FS_ERROR_FORMAT, "an axis cannot be repeated %lld times",
                           (long long)repeats[i]);
        axes += 1 + (repeats[i] > 1 && y.dim[i] > 1);
        if (y.dim[i] > 0 && repeats[i] > FS_MAX_ELEMENTS / y.dim[i])
            return fs_fail(err, FS_ERROR_LIMIT, "the output would be too large");
        y.dim[i] *= repeats[i];
    }
    if (axes > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT,
                       "more than %d dimensions, counting repeated ones twice, are not "
                       "supported",
                       FS_MAX_RANK);
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

static fs_walk walk_of(const fs_op_run *run) {
    const fs_shape *x = &run->in[0].shape, *y = &run->out[0].shape;
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(x, dense);
    fs_shape split = {0};
    int64_t stride[FS_MAX_RANK] = {0};
    for (int i = 0; i < x->rank; i++) {
        const int64_t times = x->dim[i] ? y->dim[i] / x->dim[i] : 1;
        if (times > 1 && x->dim[i] > 1)
            split.dim[split.rank++] = times;
        stride[split.rank] = x->dim[i] > 1 ? dense[i] : 0;
        split.dim[split.rank++] = times == 0 ? 0 : x->dim[i] > 1 ? x->dim[i] : y->dim[i];
    }
    fs_walk walk;
    fs_walk_begin(&walk, &split, 1);
    memcpy(walk.stride[0], stride, sizeof stride);
    return walk;
}

static void forward(const fs_op_run *run) {
    const fs_walk walk = walk_of(run);
    fs_walk_copy(&walk, run->pool, run->out[0].data, run->in[0].data, fs_dtype_size(run->out[0].dtype));
}

static void backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 0);
    if (!run->in_grad[0] || !run->out_grad[0])
        return;
    const fs_walk walk = walk_of(run);
    fs_walk_push(&walk, run->pool, run->in_grad[0], run->out_grad[0]);
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_tile = {
    .type = "Tile",
    .min_inputs = 2,
    .max_inputs = 3,
    .parse = parse,
    .infer = infer,
    .limits = "the repeats must be constant; at most eight dimensions",
    .kernels = kernels,
};
