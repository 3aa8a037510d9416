/* Gather: slices of the data along an axis, picked by constant indices. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    int64_t axis;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    status = fs_op_int(node, "axis", 0, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err);
    *out = p;
    return status;
}

static fs_status check_indices(const fs_tensor *indices, int64_t size, fs_error *err) {
    const int64_t count = fs_tensor_count(indices);
    for (int64_t i = 0; i < count; i++) {
        const int64_t index = fs_i64(indices)[i];
        if (index < -size || index >= size)
            return fs_fail(err, FS_ERROR_FORMAT, "index %lld is outside an axis of %lld", (long long)index,
                           (long long)size);
    }
    return FS_OK;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status;
    if ((status = fs_op_need(s, 0, err)) != FS_OK ||
        (status = fs_op_need_known_ints(s, 1, "the indices", err)) != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape, *k = &s->in[1].shape;
    int axis;
    if ((status = fs_op_axis(p->axis, x->rank, &axis, err)) != FS_OK ||
        (status = check_indices(&s->in[1], x->dim[axis], err)) != FS_OK)
        return status;
    fs_shape y = {.rank = x->rank - 1 + k->rank};
    if (y.rank > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d dimensions are not supported", FS_MAX_RANK);
    int to = 0;
    for (int i = 0; i < axis; i++)
        y.dim[to++] = x->dim[i];
    for (int i = 0; i < k->rank; i++)
        y.dim[to++] = k->dim[i];
    for (int i = axis + 1; i < x->rank; i++)
        y.dim[to++] = x->dim[i];
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

/* The data as [outer, size, inner], the output as [outer, count, inner]. */
typedef struct layout {
    int64_t outer, size, inner, count;
    const int64_t *indices;
} layout;

static layout layout_of(const fs_op_run *run) {
    const params *p = run->node->params;
    const fs_shape *x = &run->in[0].shape;
    int axis = 0;
    (void)fs_axis_normalise(p->axis, x->rank, &axis);
    return (layout){fs_shape_span(x, 0, axis), x->dim[axis], fs_shape_span(x, axis + 1, x->rank),
                    fs_tensor_count(&run->in[1]), fs_i64(&run->in[1])};
}

static int64_t wrapped(const layout *l, int64_t i) {
    return l->indices[i] < 0 ? l->indices[i] + l->size : l->indices[i];
}

static void forward(const fs_op_run *run) {
    const layout l = layout_of(run);
    const size_t size = fs_dtype_size(run->out[0].dtype), bytes = (size_t)l.inner * size;
    char *out = run->out[0].data;
    for (int64_t o = 0; o < l.outer; o++)
        for (int64_t i = 0; i < l.count; i++, out += bytes)
            memcpy(out, (const char *)run->in[0].data + (size_t)(o * l.size + wrapped(&l, i)) * bytes, bytes);
}

static void backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const layout l = layout_of(run);
    const float *g = run->out_grad[0];
    fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
    for (int64_t o = 0; o < l.outer; o++)
        for (int64_t i = 0; i < l.count; i++, g += l.inner)
            fs_copy_f32(run->pool, run->in_grad[0] + (o * l.size + wrapped(&l, i)) * l.inner, g, l.inner,
                        true);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (setup->want_grad[0])
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

const fs_operator fs_op_gather = {
    .type = "Gather",
    .min_inputs = 2,
    .max_inputs = 2,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .limits = "the indices must be constant",
};
