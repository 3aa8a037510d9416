#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/walk.h"

typedef struct params {
    const int64_t *order; /* NULL: reversed */
    int count;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    status = fs_op_int_list(node, "perm", &p->order, &p->count, err);
    *out = p;
    return status;
}

static int source_axis(const params *p, int rank, int axis) {
    return p->count > 0 ? (int)p->order[axis] : rank - 1 - axis;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    if (p->count > 0 && p->count != x->rank)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute 'perm' has %d axes, the input %d", p->count, x->rank);
    bool used[FS_MAX_RANK] = {false};
    fs_shape y = {.rank = x->rank};
    for (int i = 0; i < x->rank; i++) {
        const int64_t from = p->count > 0 ? p->order[i] : x->rank - 1 - i;
        if (from < 0 || from >= x->rank || used[from])
            return fs_fail(err, FS_ERROR_FORMAT, "attribute 'perm' is not a permutation");
        used[from] = true;
        y.dim[i] = x->dim[from];
    }
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

static void forward(const fs_op_run *run) {
    const fs_shape *x = &run->in[0].shape;
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(x, dense);
    fs_walk walk;
    fs_walk_begin(&walk, &run->out[0].shape, 1);
    for (int i = 0; i < x->rank; i++)
        walk.stride[0][i] = dense[source_axis(run->node->params, x->rank, i)];
    fs_walk_copy(&walk, run->pool, run->out[0].data, run->in[0].data, fs_dtype_size(run->out[0].dtype));
}

/* The input's gradient walks the output's in the inverse order. */
static void backward(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const fs_shape *x = &run->in[0].shape;
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(&run->out[0].shape, dense);
    fs_walk walk;
    fs_walk_begin(&walk, x, 1);
    for (int i = 0; i < x->rank; i++)
        walk.stride[0][source_axis(run->node->params, x->rank, i)] = dense[i];
    fs_walk_pull(&walk, run->pool, run->in_grad[0], run->out_grad[0], run->accumulate[0]);
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_transpose = {
    .type = "Transpose",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
};
