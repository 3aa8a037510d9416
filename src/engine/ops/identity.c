/* Identity, and Dropout at inference, which is the same; the plan drops both. */
#include "engine/ops/common.h"
#include "engine/ops/registry.h"

/* Dropout's second output is the mask: everything was kept. Nobody needs it, but it must have a shape. */
static fs_status dropout_infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_infer_same(s, err);
    for (int i = 1; i < s->n_out && status == FS_OK; i++)
        status = fs_op_output(s, i, &s->in[0].shape, s->in[0].dtype, err);
    return status;
}

const fs_operator fs_op_identity = {
    .type = "Identity",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = fs_op_infer_same,
    .kernels = fs_copy_kernels,
    .is_identity = true,
};
const fs_operator fs_op_dropout = {
    .type = "Dropout",
    .min_inputs = 1,
    .max_inputs = 3,
    .infer = dropout_infer,
    .kernels = fs_copy_kernels,
    .is_identity = true,
};
