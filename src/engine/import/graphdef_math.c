/* Operators that treat every number alike, products of matrices, and sums over axes: the layout is the
 * file's. */
#include "engine/import/graphdef_private.h"

/* All inputs and the output, for the operator of the rule or another one. */
static fs_status emit_as(fs_graphdef_reader *reader, const fs_graphdef_node *node, const char *type,
                         fs_graphdef_op *op, fs_error *err) {
    if (node->n_inputs > FS_GRAPHDEF_MAX_LIST)
        return fs_fail(err, FS_ERROR_LIMIT, "%d inputs, more than %d", node->n_inputs, FS_GRAPHDEF_MAX_LIST);
    op->type = type;
    op->n_inputs = node->n_inputs;
    op->n_outputs = 1;
    fs_status status = FS_OK;
    for (int i = 0; i < node->n_inputs && status == FS_OK; i++)
        status = fs_graphdef_input(&op->inputs[i], reader, node, i, err);
    if (status == FS_OK)
        status = fs_graphdef_output(&op->outputs[0], reader, node, 0, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, op, err) : status;
}

fs_status fs_graphdef_convert_same(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {0};
    return emit_as(reader, node, node->rule->type, &op, err);
}

fs_status fs_graphdef_convert_add(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    return fs_graphdef_is_absorbed(reader, node) ? FS_OK : fs_graphdef_convert_same(reader, node, err);
}

fs_status fs_graphdef_convert_relu6(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {.type = "Clip", .n_inputs = 3, .n_outputs = 1};
    fs_status status = fs_graphdef_input(&op.inputs[0], reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_local_float(&op.inputs[1], reader, node, "low", 0, err);
    if (status == FS_OK)
        status = fs_graphdef_local_float(&op.inputs[2], reader, node, "high", 6, err);
    if (status == FS_OK)
        status = fs_graphdef_output(&op.outputs[0], reader, node, 0, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, &op, err) : status;
}

fs_status fs_graphdef_convert_leaky_relu(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                         fs_error *err) {
    fs_graphdef_op op = {0};
    float alpha;
    fs_status status = fs_graphdef_float(node, "alpha", 0.2f, &alpha, err);
    fs_graphdef_set_float(&op, "alpha", status == FS_OK ? alpha : 0);
    return status == FS_OK ? emit_as(reader, node, "LeakyRelu", &op, err) : status;
}

static fs_status emit_product(fs_graphdef_reader *reader, const fs_graphdef_node *node, int a, int b,
                              fs_error *err) {
    fs_graphdef_op op = {.type = "Mul", .inputs = {a, b}, .n_inputs = 2, .n_outputs = 1};
    fs_status status = fs_graphdef_output(&op.outputs[0], reader, node, 0, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, &op, err) : status;
}

fs_status fs_graphdef_convert_square(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     fs_error *err) {
    int in;
    fs_status status = fs_graphdef_input(&in, reader, node, 0, err);
    return status == FS_OK ? emit_product(reader, node, in, in, err) : status;
}

fs_status fs_graphdef_convert_squared_difference(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                                 fs_error *err) {
    fs_graphdef_op op = {.type = "Sub", .n_inputs = 2, .n_outputs = 1};
    fs_status status = fs_graphdef_local(&op.outputs[0], reader, node, "difference", err);
    for (int i = 0; i < 2 && status == FS_OK; i++)
        status = fs_graphdef_input(&op.inputs[i], reader, node, i, err);
    if (status == FS_OK)
        status = fs_graphdef_emit(reader, node, "difference", &op, err);
    return status == FS_OK ? emit_product(reader, node, op.outputs[0], op.outputs[0], err) : status;
}

fs_status fs_graphdef_convert_rsqrt(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    int in, root = FS_NO_VALUE, out = FS_NO_VALUE;
    fs_status status = fs_graphdef_input(&in, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_local(&root, reader, node, "root", err);
    if (status == FS_OK)
        status = fs_graphdef_output(&out, reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_emit_unary(reader, node, "root", "Sqrt", in, root, err);
    return status == FS_OK ? fs_graphdef_emit_unary(reader, node, NULL, "Reciprocal", root, out, err)
                           : status;
}

/* Both are matrices. A bias that follows becomes part of it, as for convolutions. */
fs_status fs_graphdef_convert_matmul(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     fs_error *err) {
    fs_graphdef_op op = {.type = "Gemm", .n_inputs = 2, .n_outputs = 1};
    const fs_graphdef_node *bias = fs_graphdef_bias_of(reader, node);
    bool turned_a, turned_b;
    fs_status status = fs_graphdef_bool(node, "transpose_a", false, &turned_a, err);
    if (status == FS_OK)
        status = fs_graphdef_bool(node, "transpose_b", false, &turned_b, err);
    for (int i = 0; i < 2 && status == FS_OK; i++)
        status = fs_graphdef_input(&op.inputs[i], reader, node, i, err);
    if (status == FS_OK && bias)
        status = fs_graphdef_input(&op.inputs[op.n_inputs++], reader, bias, 1, err);
    if (status == FS_OK)
        status = fs_graphdef_output(&op.outputs[0], reader, bias ? bias : node, 0, err);
    if (status != FS_OK)
        return status;
    fs_graphdef_set_int(&op, "transA", turned_a);
    fs_graphdef_set_int(&op, "transB", turned_b);
    return fs_graphdef_emit(reader, bias ? bias : node, NULL, &op, err);
}

fs_status fs_graphdef_convert_batch_matmul(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                           fs_error *err) {
    bool turned_a, turned_b;
    fs_status status = fs_graphdef_bool(node, "adj_x", false, &turned_a, err);
    if (status == FS_OK)
        status = fs_graphdef_bool(node, "adj_y", false, &turned_b, err);
    if (status != FS_OK)
        return status;
    if (turned_a || turned_b)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "a product of turned matrices is not supported");
    return fs_graphdef_convert_same(reader, node, err);
}

/* No axes at all leave the tensor as it is; a missing list (all axes) does not occur in TensorFlow. */
fs_status fs_graphdef_convert_reduce(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     fs_error *err) {
    fs_graphdef_op op = {.type = node->rule->type, .n_inputs = 1, .n_outputs = 1};
    fs_graphdef_list axes;
    bool keep;
    fs_status status = fs_graphdef_input(&op.inputs[0], reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&axes, reader, node, 1, "the list of axes", err);
    if (status == FS_OK)
        status = fs_graphdef_bool(node, "keep_dims", false, &keep, err);
    if (status == FS_OK)
        status = fs_graphdef_output(&op.outputs[0], reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_set_ints(&op, reader, "axes", axes.at, axes.count, err);
    if (status != FS_OK)
        return status;
    fs_graphdef_set_int(&op, "keepdims", keep);
    fs_graphdef_set_int(&op, "noop_with_empty_axes", 1);
    return fs_graphdef_emit(reader, node, NULL, &op, err);
}

/* To the number ONNX has for the kind of type: there are two types here. */
fs_status fs_graphdef_convert_cast(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    enum { ONNX_FLOAT = 1, ONNX_INT64 = 7, ONNX_BOOL = 9 };
    fs_graphdef_op op = {0};
    int type;
    fs_status status = fs_graphdef_type(node, "DstT", &type, err);
    if (status != FS_OK)
        return status;
    if (fs_graphdef_type_is_floating(type))
        fs_graphdef_set_int(&op, "to", ONNX_FLOAT);
    else if (fs_graphdef_type_is_bool(type))
        fs_graphdef_set_int(&op, "to", ONNX_BOOL);
    else if (fs_graphdef_type_is_integer(type))
        fs_graphdef_set_int(&op, "to", ONNX_INT64);
    else
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "a cast to type %d is not supported", type);
    return emit_as(reader, node, "Cast", &op, err);
}
