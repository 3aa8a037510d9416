/* Neg, Floor, Ceil, Not: functions of one variable that shape arithmetic uses on integers as well. */
#include <math.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

static void forward_neg(const fs_op_run *run) {
    const int64_t count = fs_tensor_count(&run->out[0]);
    if (run->out[0].dtype == FS_I64)
        for (int64_t i = 0; i < count; i++)
            fs_i64(&run->out[0])[i] = (int64_t)(0 - (uint64_t)fs_i64(&run->in[0])[i]);
    else
        for (int64_t i = 0; i < count; i++)
            fs_f32(&run->out[0])[i] = -fs_f32(&run->in[0])[i];
}

static void backward_neg(const fs_op_run *run) {
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    const int64_t count = fs_tensor_count(&run->in[0]);
    float *d = run->in_grad[0];
    const float *g = run->out_grad[0];
    for (int64_t i = 0; i < count; i++)
        d[i] = run->accumulate[0] ? d[i] - g[i] : -g[i];
}

/* Steps: flat almost everywhere. */
static void backward_flat(const fs_op_run *run) {
    if (run->in_grad[0])
        fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
}

static void forward_floor(const fs_op_run *run) {
    if (run->out[0].dtype == FS_I64) {
        fs_copy_kernel.forward(run);
        return;
    }
    for (int64_t i = 0; i < fs_tensor_count(&run->out[0]); i++)
        fs_f32(&run->out[0])[i] = floorf(fs_f32(&run->in[0])[i]);
}

static void forward_ceil(const fs_op_run *run) {
    if (run->out[0].dtype == FS_I64) {
        fs_copy_kernel.forward(run);
        return;
    }
    for (int64_t i = 0; i < fs_tensor_count(&run->out[0]); i++)
        fs_f32(&run->out[0])[i] = ceilf(fs_f32(&run->in[0])[i]);
}

static fs_status infer_not(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need(s, 0, err);
    return status == FS_OK ? fs_op_output(s, 0, &s->in[0].shape, FS_I64, err) : status;
}

static void forward_not(const fs_op_run *run) {
    const bool floats = run->in[0].dtype == FS_F32;
    for (int64_t i = 0; i < fs_tensor_count(&run->out[0]); i++)
        fs_i64(&run->out[0])[i] = floats ? fs_f32(&run->in[0])[i] == 0 : fs_i64(&run->in[0])[i] == 0;
}

#define OPERATOR(NAME, TYPE, INFER, FORWARD, BACKWARD)                                                       \
    static const fs_kernel NAME##_kernel = {                                                                 \
        .name = "plain", .accumulates = true, .forward = FORWARD, .backward = BACKWARD};                     \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE, .min_inputs = 1, .max_inputs = 1, .infer = INFER, .kernels = NAME##_kernels};

OPERATOR(neg, "Neg", fs_op_infer_same, forward_neg, backward_neg)
OPERATOR(floor, "Floor", fs_op_infer_same, forward_floor, backward_flat)
OPERATOR(ceil, "Ceil", fs_op_infer_same, forward_ceil, backward_flat)
OPERATOR(not, "Not", infer_not, forward_not, NULL)
