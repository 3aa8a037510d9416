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

/* A constant input: an initializer, or what a Constant node makes of its attributes, which is the tensor
 * (nodes are parsed in order). NULL where there is none. */
static const fs_tensor *constant_input(const fs_graph *graph, const fs_node *node, int index) {
    if (index >= node->n_inputs || !node->inputs || node->inputs[index] == FS_NO_VALUE)
        return NULL;
    const fs_value *value = &graph->values[node->inputs[index]];
    const fs_node *producer = value->producer < 0 ? NULL : &graph->nodes[value->producer];
    const fs_tensor *t = producer && producer->op == &fs_op_constant ? producer->params : &value->constant;
    return t && t->data && fs_tensor_count(t) == 1 ? t : NULL;
}

/* Before opset 7 training was asked for by an attribute, since 12 by the third input. Where nothing is
 * dropped it makes no difference, and exporters do write that. The ratio is an attribute or the second input.
 */
static fs_status dropout_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    (void)out;
    const fs_tensor *ratio = constant_input(graph, node, 1), *training = constant_input(graph, node, 2);
    const float dropped =
        ratio && ratio->dtype == FS_F32 ? fs_f32(ratio)[0] : fs_node_float(node, "ratio", 0.5f);
    const bool asked = training && training->dtype == FS_I64 && fs_i64(training)[0] != 0;
    if (dropped != 0 && (asked || fs_node_int(node, "is_test", 1) == 0))
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
