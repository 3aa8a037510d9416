/* Cast between the two types there are. Every floating point type is float32 here, every integer and the
 * booleans are int64 (a boolean is 0 or 1). */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

typedef struct params {
    fs_dtype to;
    bool boolean;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    const fs_attribute *to = fs_node_attribute(node, "to");
    int64_t number = to && to->kind == FS_ATTRIBUTE_INT ? to->i : 0;
    if (to && to->kind == FS_ATTRIBUTE_STRING)
        status = fs_op_type_number(to->s, &number, err);
    if (status == FS_OK)
        status = fs_op_dtype(number, &p->to, err);
    p->boolean = number == FS_ONNX_BOOL;
    *out = p;
    return status;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status = fs_op_need(s, 0, err);
    return status == FS_OK ? fs_op_output(s, 0, &s->in[0].shape, p->to, err) : status;
}

/* Towards zero; what does not fit becomes the nearest that does, NaN becomes 0. */
static int64_t to_integer(float x) {
    if (isnan(x))
        return 0;
    if (x >= 9223372036854775808.0f)
        return INT64_MAX;
    return x < -9223372036854775808.0f ? INT64_MIN : (int64_t)x;
}

static void forward(const fs_op_run *run) {
    const params *p = run->node->params;
    const int64_t count = fs_tensor_count(&run->out[0]);
    const fs_tensor *x = &run->in[0], *y = &run->out[0];
    if (x->dtype == y->dtype && !p->boolean) {
        fs_copy_kernel.forward(run);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        if (p->boolean)
            fs_i64(y)[i] = x->dtype == FS_F32 ? fs_f32(x)[i] != 0 : fs_i64(x)[i] != 0;
        else if (y->dtype == FS_I64)
            fs_i64(y)[i] = to_integer(fs_f32(x)[i]);
        else
            fs_f32(y)[i] = (float)fs_i64(x)[i];
    }
}

/* Only float to float has a slope. */
static void backward(const fs_op_run *run) {
    if (!run->in_grad[0])
        return;
    if (run->out[0].dtype == FS_F32)
        fs_copy_kernel.backward(run);
    else
        fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
}

static const fs_kernel kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_cast = {
    .type = "Cast",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
    .limits = "no strings; numbers are not rounded to narrower types",
};
