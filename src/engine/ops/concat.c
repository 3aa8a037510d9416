/* Concat along any axis. Seen as [outer, axis*inner] matrices side by side. */
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
    if (!fs_node_attribute(node, "axis") && graph->opset >= 4)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute 'axis' is missing");
    params *p = block;
    status = fs_op_int(node, "axis", 1, -FS_MAX_RANK, FS_MAX_RANK, &p->axis, err);
    *out = p;
    return status;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK)
        return status;
    const fs_tensor *head = &s->in[0];
    int axis;
    if ((status = fs_op_axis(p->axis, head->shape.rank, &axis, err)) != FS_OK)
        return status;
    fs_shape y = head->shape;
    for (int i = 1; i < s->n_in; i++) {
        if ((status = fs_op_need(s, i, err)) != FS_OK)
            return status;
        const fs_shape *x = &s->in[i].shape;
        fs_shape expected = head->shape;
        bool same = x->rank == y.rank && s->in[i].dtype == head->dtype;
        if (same) {
            expected.dim[axis] = x->dim[axis];
            same = fs_shape_equal(x, &expected);
        }
        char a[FS_SHAPE_TEXT], b[FS_SHAPE_TEXT];
        if (!same)
            return fs_fail(err, FS_ERROR_ARGUMENT, "%s and %s cannot be joined along axis %d",
                           fs_shape_text(&head->shape, a), fs_shape_text(x, b), axis);
        y.dim[axis] += x->dim[axis];
        if (y.dim[axis] > FS_MAX_ELEMENTS)
            break; /* refused below */
    }
    return fs_op_output(s, 0, &y, head->dtype, err);
}

typedef struct job {
    const char *in;
    char *out;
    size_t in_row, out_row, length; /* bytes */
    bool add;
} job;

static void rows_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const job *j = context;
    for (int64_t r = first; r < last; r++) {
        const char *in = j->in + (size_t)r * j->in_row;
        char *out = j->out + (size_t)r * j->out_row;
        if (j->add)
            fs_copy_f32(NULL, (float *)out, (const float *)in, (int64_t)(j->length / sizeof(float)), true);
        else
            memcpy(out, in, j->length);
    }
}

/* Walks the inputs; `back` moves the output's gradient to theirs. */
static void move(const fs_op_run *run, bool back) {
    const params *p = run->node->params;
    const fs_shape *y = &run->out[0].shape;
    int axis = 0;
    (void)fs_axis_normalise(p->axis, y->rank, &axis);
    const size_t size = fs_dtype_size(run->out[0].dtype);
    const int64_t outer = fs_shape_span(y, 0, axis);
    const size_t whole = (size_t)fs_shape_span(y, axis, y->rank) * size;
    size_t offset = 0;
    for (int i = 0; i < run->n_in; i++) {
        const size_t part = (size_t)fs_shape_span(&run->in[i].shape, axis, y->rank) * size;
        job j = {.length = part};
        if (back && run->in_grad[i]) {
            j.in = (const char *)run->out_grad[0] + offset;
            j.in_row = whole;
            j.out = (char *)run->in_grad[i];
            j.out_row = part;
            j.add = run->accumulate[i];
        } else if (!back) {
            j.in = run->in[i].data;
            j.in_row = part;
            j.out = (char *)run->out[0].data + offset;
            j.out_row = whole;
        }
        if (j.out && part)
            fs_span_for(run->pool, outer, 1 + (int64_t)(4 * FS_SPAN_GRAIN / part), rows_span, &j);
        offset += part;
    }
}

static void forward(const fs_op_run *run) {
    move(run, false);
}

static void backward(const fs_op_run *run) {
    if (!fs_grad_nothing(run))
        move(run, true);
}

static const fs_kernel kernel = {
    .name = "rows",
    .accumulates = true,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_concat = {
    .type = "Concat",
    .min_inputs = 1,
    .max_inputs = -1,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .item_by_item = true,
};
