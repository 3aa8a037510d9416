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

/* Before opset 7 training was asked for by an attribute, since 12 by the third input. The ratio, an attribute
 * or the second input, does not matter here. */
static fs_status dropout_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    (void)out;
    const fs_tensor *training = NULL;
    if (node->n_inputs > 2 && node->inputs && node->inputs[2] != FS_NO_VALUE) {
        const fs_value *value = &graph->values[node->inputs[2]];
        const fs_node *producer = value->producer < 0 ? NULL : &graph->nodes[value->producer];
        /* Nodes are parsed in order, and what a Constant makes of its attributes is the tensor. */
        training = producer && producer->op == &fs_op_constant ? producer->params : &value->constant;
    }
    const bool asked = training && training->data && training->dtype == FS_I64 &&
                       fs_tensor_count(training) == 1 && fs_i64(training)[0] != 0;
    if (asked || fs_node_int(node, "is_test", 1) == 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "training mode is not supported; export the model for inference");
    return FS_OK;
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
    .parse = dropout_parse,
    .infer = dropout_infer,
    .kernels = fs_copy_kernels,
    .is_identity = true,
};
