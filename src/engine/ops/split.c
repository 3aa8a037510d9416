/* Split along an axis, evenly or into given sizes (an attribute before opset 13, an input since). Opset 18
 * repeats the number of parts as an attribute. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    int64_t axis;
    const int64_t *sizes;
    int count; /* -1: not an attribute */
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    if ((status = fs_op_int(node, "axis", 0, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err)) != FS_OK)
        return status;
    int64_t parts;
    if ((status = fs_op_int(node, "num_outputs", node->n_outputs, 1, FS_MAX_OUTPUTS, &parts, err)) != FS_OK)
        return status;
    if (parts != node->n_outputs)
        return fs_fail(err, FS_ERROR_FORMAT, "num_outputs %lld for a node of %d outputs", (long long)parts,
                       node->n_outputs);
    *out = p;
    return fs_op_int_list(node, "split", &p->sizes, &p->count, err);
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    const int64_t *sizes = p->sizes;
    int count = p->count, axis;
    fs_status status = fs_op_need(s, 0, err);
    if (status == FS_OK && count < 0)
        status = fs_op_known_ints(s, 1, "the list of sizes", &sizes, &count, err);
    if (status != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    if ((status = fs_op_axis(p->axis, x->rank, &axis, err)) != FS_OK)
        return status;
    if (count >= 0 && count != s->n_out)
        return fs_fail(err, FS_ERROR_FORMAT, "%d sizes for %d outputs", count, s->n_out);
    /* Where it does not divide evenly the last part is the smaller one. */
    const int64_t even = (x->dim[axis] + s->n_out - 1) / s->n_out;
    int64_t rest = x->dim[axis];
    for (int i = 0; i < s->n_out; i++) {
        fs_shape y = *x;
        y.dim[axis] = count >= 0 ? sizes[i] : even < rest ? even : rest;
        if (y.dim[axis] < 0 || y.dim[axis] > rest)
            break;
        rest -= y.dim[axis];
        if ((status = fs_op_output(s, i, &y, s->in[0].dtype, err)) != FS_OK)
            return status;
    }
    if (rest != 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "the sizes do not add up to the %lld of axis %d",
                       (long long)x->dim[axis], axis);
    return FS_OK;
}

static void move(const fs_op_run *run, bool back) {
    const params *p = run->node->params;
    const fs_shape *x = &run->in[0].shape;
    int axis = 0;
    (void)fs_axis_normalise(p->axis, x->rank, &axis);
    const size_t size = fs_dtype_size(run->in[0].dtype);
    const int64_t outer = fs_shape_span(x, 0, axis);
    const size_t whole = (size_t)fs_shape_span(x, axis, x->rank) * size;
    size_t offset = 0;
    for (int i = 0; i < run->n_out; i++) {
        const size_t part = (size_t)fs_shape_span(&run->out[i].shape, axis, x->rank) * size;
        for (int64_t o = 0; o < outer; o++) {
            const size_t at = (size_t)o * whole + offset;
            if (back && run->out_grad[i])
                fs_copy_f32(run->pool, run->in_grad[0] + at / size,
                            run->out_grad[i] + (size_t)o * (part / size), (int64_t)(part / size), true);
            else if (!back && run->out[i].data)
                fs_copy_bytes(run->pool, (char *)run->out[i].data + (size_t)o * part,
                              (const char *)run->in[0].data + at, part);
        }
        offset += part;
    }
}

static void forward(const fs_op_run *run) {
    move(run, false);
}

static void backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
    move(run, true);
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_split = {
    .type = "Split",
    .min_inputs = 1,
    .max_inputs = 2,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .limits = "the sizes must be constant",
};
