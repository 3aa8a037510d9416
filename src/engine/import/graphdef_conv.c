/* Convolutions, with the bias that TensorFlow adds in a node of its own, and the older way to write a dilated
 * one: the map is cut into interleaved parts (SpaceToBatchND), each is convolved, and they are put together
 * again (BatchToSpaceND). */
#include <string.h>

#include "base/alloc.h"
#include "engine/import/graphdef_private.h"

static bool is_op(const fs_graphdef_node *node, const char *op) {
    return node && strcmp(node->def->op, op) == 0;
}

static bool is_depthwise(const fs_graphdef_node *node) {
    return is_op(node, "DepthwiseConv2dNative");
}

static bool is_conv(const fs_graphdef_node *node) {
    return is_op(node, "Conv2D") || is_depthwise(node);
}

/* ---- the bias ---- */

/* The only reader, if what it reads is the first output and it is needed. */
static const fs_graphdef_node *sole_user(const fs_graphdef_reader *reader, const fs_graphdef_node *node) {
    return node->users == 1 ? &reader->nodes[node->user] : NULL;
}

/* Channels that a convolution or a product makes; -1 when its weights are not constant. */
static int64_t made_channels(const fs_graphdef_reader *reader, const fs_graphdef_node *node) {
    const fs_graphdef_node *weight =
        node->n_inputs == 2 && node->input[1].node >= 0 ? fs_graphdef_constant(reader, node, 1) : NULL;
    fs_shape shape;
    bool turned = false;
    if (!weight || fs_graphdef_constant_shape(&shape, weight, NULL) != FS_OK)
        return -1;
    if (is_op(node, "MatMul"))
        return shape.rank == 2 && fs_graphdef_bool(node, "transpose_b", false, &turned, NULL) == FS_OK
                   ? shape.dim[!turned]
                   : -1;
    if (shape.rank != 4)
        return -1;
    return is_depthwise(node) ? shape.dim[2] * shape.dim[3] : shape.dim[3];
}

const fs_graphdef_node *fs_graphdef_bias_of(const fs_graphdef_reader *reader, const fs_graphdef_node *node) {
    const fs_graphdef_node *user = sole_user(reader, node);
    bool nchw;
    fs_shape shape;
    if (!(is_conv(node) || is_op(node, "MatMul")) || !user || user->n_inputs != 2)
        return NULL;
    const bool sum = is_op(user, "Add") || is_op(user, "AddV2");
    if (!(is_op(user, "BiasAdd") || is_op(user, "BiasAddV1") || sum) || user->input[0].port != 0)
        return NULL;
    if (fs_graphdef_from(reader, user, 0) != node || user->input[1].node < 0)
        return NULL;
    const fs_graphdef_node *bias = fs_graphdef_constant(reader, user, 1);
    if (!bias || fs_graphdef_constant_shape(&shape, bias, NULL) != FS_OK || shape.rank != 1 ||
        shape.dim[0] != made_channels(reader, node))
        return NULL;
    if (is_conv(node)) { /* a plain addition has the channels last, a BiasAdd where it says */
        bool bias_nchw = false;
        if (fs_graphdef_layout(node, &nchw, NULL) != FS_OK ||
            (!sum && fs_graphdef_layout(user, &bias_nchw, NULL) != FS_OK) || nchw != bias_nchw)
            return NULL;
    }
    return user;
}

bool fs_graphdef_is_absorbed(const fs_graphdef_reader *reader, const fs_graphdef_node *node) {
    const fs_graphdef_node *from = node->n_inputs ? fs_graphdef_from(reader, node, 0) : NULL;
    return from && fs_graphdef_bias_of(reader, from) == node;
}

bool fs_graphdef_is_turned(const fs_graphdef_reader *reader, const fs_graphdef_node *node) {
    if (node == &reader->nodes[reader->image])
        return !reader->image_nchw;
    if (fs_graphdef_is_absorbed(reader, node))
        node = fs_graphdef_from(reader, node, 0);
    return node->rule && node->rule->kind == FS_GRAPHDEF_MAP &&
           !fs_graphdef_says(node, "data_format", "NHWC", "NCHW");
}

/* A bias on its own. Channels last: an addition as it stands; channels first: over [C,1,1]. */
fs_status fs_graphdef_convert_bias_add(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                       fs_error *err) {
    static const int64_t spatial[] = {1, 2};
    fs_graphdef_op op = {.type = "Add", .n_inputs = 2, .n_outputs = 1};
    bool nchw;
    if (fs_graphdef_is_absorbed(reader, node))
        return FS_OK;
    fs_status status = fs_graphdef_layout(node, &nchw, err);
    if (status == FS_OK)
        status = fs_graphdef_input(&op.inputs[0], reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_input(&op.inputs[1], reader, node, 1, err);
    if (status == FS_OK && nchw) {
        fs_graphdef_op column = {
            .type = "Unsqueeze", .inputs = {op.inputs[1]}, .n_inputs = 2, .n_outputs = 1};
        status = fs_graphdef_local_ints(&column.inputs[1], reader, node, "axes", spatial, 2, err);
        if (status == FS_OK)
            status = fs_graphdef_local(&column.outputs[0], reader, node, "bias", err);
        if (status == FS_OK)
            status = fs_graphdef_emit(reader, node, "bias", &column, err);
        op.inputs[1] = column.outputs[0];
    }
    if (status == FS_OK)
        status = fs_graphdef_output(&op.outputs[0], reader, node, 0, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, NULL, &op, err) : status;
}

/* ---- weights ---- */

/* [H,W,I,O] -> [O,I,H,W], or for one filter a channel [H,W,C,M] -> [C*M,1,H,W]. */
static void turn_weight(float *to, const float *from, const fs_shape *shape, bool depthwise) {
    const int64_t area = shape->dim[0] * shape->dim[1], inputs = shape->dim[2], outputs = shape->dim[3];
    for (int64_t p = 0; p < area; p++)
        for (int64_t i = 0; i < inputs; i++)
            for (int64_t o = 0; o < outputs; o++) {
                const int64_t filter = depthwise ? i * outputs + o : o * inputs + i;
                to[filter * area + p] = from[(p * inputs + i) * outputs + o];
            }
}

static fs_status turned_weight(fs_tensor *out, fs_graphdef_reader *reader, const fs_graphdef_node *weight,
                               bool depthwise, fs_error *err) {
    fs_tensor tensor;
    fs_status status = fs_graphdef_decode(&tensor, reader, weight, err);
    if (status != FS_OK)
        return status;
    const fs_shape s = tensor.shape;
    fs_tensor turned = {.dtype = FS_F32};
    turned.shape = depthwise ? (fs_shape){4, {s.dim[2] * s.dim[3], 1, s.dim[0], s.dim[1]}}
                             : (fs_shape){4, {s.dim[3], s.dim[2], s.dim[0], s.dim[1]}};
    if (tensor.dtype != FS_F32 || s.rank != 4)
        status = fs_fail(err, FS_ERROR_FORMAT, "the weights '%.200s' are not floats [H,W,C,C]", weight->name);
    else if (!(turned.data = fs_alloc_array((size_t)fs_shape_count(&s), sizeof(float))))
        status = fs_fail_memory(err, "weights");
    if (status == FS_OK) {
        turn_weight(turned.data, fs_f32(&tensor), &s, depthwise);
        *out = turned;
    }
    fs_free(tensor.data);
    return status;
}

/* A constant that several convolutions share is turned once. */
static fs_status constant_weight(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *weight,
                                 bool depthwise, fs_error *err) {
    fs_tensor tensor;
    fs_status status = fs_graphdef_local(out, reader, weight, depthwise ? "filters" : "oihw", err);
    if (status != FS_OK || reader->graph->values[*out].constant.data)
        return status;
    if ((status = turned_weight(&tensor, reader, weight, depthwise, err)) != FS_OK)
        return status;
    status = fs_graph_set_constant(reader->graph, *out, &tensor, true, err);
    if (status != FS_OK)
        fs_free(tensor.data);
    return status;
}

/* ONNX lets it be told from the weights, but not every reader of what `export` writes does that. */
static fs_status add_kernel_shape(fs_graphdef_op *op, fs_graphdef_reader *reader, fs_error *err) {
    const fs_shape *weight = &reader->graph->values[op->inputs[1]].constant.shape;
    if (weight->rank != 4)
        return FS_OK; /* the operator will refuse it */
    return fs_graphdef_set_ints(op, reader, "kernel_shape", &weight->dim[2], 2, err);
}

/* Weights that the graph computes from constants are turned by a node, unless the count of groups is theirs.
 */
static fs_status add_weight(fs_graphdef_op *op, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                            fs_error *err) {
    static const int64_t to_oihw[] = {3, 2, 0, 1};
    const bool depthwise = is_depthwise(node);
    const fs_graphdef_node *weight = fs_graphdef_constant(reader, node, 1);
    fs_status status = FS_OK;
    if (depthwise) {
        fs_shape shape = {0};
        status = fs_graphdef_need_constant(&weight, reader, node, 1, "the weights", err);
        if (status == FS_OK)
            status = fs_graphdef_constant_shape(&shape, weight, err);
        if (status != FS_OK)
            return status;
        fs_graphdef_set_int(op, "group", shape.rank == 4 ? shape.dim[2] : 1);
    }
    if (weight) {
        status = constant_weight(&op->inputs[1], reader, weight, depthwise, err);
        return status == FS_OK ? add_kernel_shape(op, reader, err) : status;
    }
    int from;
    status = fs_graphdef_input(&from, reader, node, 1, err);
    if (status == FS_OK)
        status = fs_graphdef_local(&op->inputs[1], reader, node, "oihw", err);
    return status == FS_OK
               ? fs_graphdef_emit_transpose(reader, node, "oihw", from, op->inputs[1], to_oihw, 4, err)
               : status;
}

/* ---- the convolution ---- */

/* Cut apart before, put together after: the three nodes are one dilated convolution, made under the last
 * one's name. NULL when this convolution is not in such a pair. */
static const fs_graphdef_node *put_together_by(const fs_graphdef_reader *reader,
                                               const fs_graphdef_node *node) {
    const fs_graphdef_node *before = node->n_inputs ? fs_graphdef_from(reader, node, 0) : NULL;
    const fs_graphdef_node *after = sole_user(reader, node);
    return is_conv(node) && is_op(before, "SpaceToBatchND") && sole_user(reader, before) == node &&
                   is_op(after, "BatchToSpaceND") && fs_graphdef_from(reader, after, 0) == node
               ? after
               : NULL;
}

static fs_status add_dilations(fs_graphdef_op *op, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                               bool nchw, fs_error *err) {
    int64_t dilations[2];
    fs_status status = fs_graphdef_spatial(node, "dilations", nchw, dilations, err);
    return status == FS_OK ? fs_graphdef_set_ints(op, reader, "dilations", dilations, 2, err) : status;
}

fs_status fs_graphdef_convert_conv(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {.type = "Conv", .n_inputs = 2};
    bool nchw;
    if (put_together_by(reader, node))
        return FS_OK;
    const fs_graphdef_node *bias = fs_graphdef_bias_of(reader, node);
    fs_status status = fs_graphdef_layout(node, &nchw, err);
    if (status == FS_OK)
        status = fs_graphdef_input(&op.inputs[0], reader, node, 0, err);
    if (status == FS_OK)
        status = add_weight(&op, reader, node, err);
    if (status == FS_OK && bias)
        status = fs_graphdef_input(&op.inputs[op.n_inputs++], reader, bias, 1, err);
    if (status == FS_OK)
        status = fs_graphdef_window(&op, reader, node, nchw, err);
    if (status == FS_OK)
        status = add_dilations(&op, reader, node, nchw, err);
    return status == FS_OK ? fs_graphdef_emit_map(reader, bias ? bias : node, &op, nchw, err) : status;
}

/* ---- dilation by cutting apart ---- */

static fs_status fail_alone(const fs_graphdef_node *node, fs_error *err) {
    return fs_fail(err, FS_ERROR_UNSUPPORTED,
                   "%s is supported around one convolution alone (a dilated convolution)", node->def->op);
}

fs_status fs_graphdef_convert_space_to_batch(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                             fs_error *err) {
    const fs_graphdef_node *conv = sole_user(reader, node);
    return conv && put_together_by(reader, conv) ? FS_OK : fail_alone(node, err);
}

/* pads of the dilated convolution: what is added before cutting, less what is cropped after. */
static fs_status cut_pads(int64_t pads[4], int64_t blocks[2], fs_graphdef_reader *reader,
                          const fs_graphdef_node *before, const fs_graphdef_node *after, fs_error *err) {
    fs_graphdef_list block, added, cropped;
    fs_status status = fs_graphdef_known_ints(&block, reader, before, 1, "the block shape", err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&added, reader, before, 2, "the padding", err);
    if (status == FS_OK)
        status = fs_graphdef_known_ints(&cropped, reader, after, 2, "the crop", err);
    if (status != FS_OK)
        return status;
    if (block.count != 2 || added.count != 4 || cropped.count != 4)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "only two dimensions can be cut apart");
    for (int a = 0; a < 2; a++) {
        blocks[a] = block.at[a];
        pads[a] = added.at[2 * a];
        pads[2 + a] = added.at[2 * a + 1] - cropped.at[2 * a + 1];
        if (cropped.at[2 * a] != 0 || blocks[a] < 1 || pads[a] < 0 || pads[2 + a] < 0 || pads[a] > 65535 ||
            pads[2 + a] > 65535 || cropped.at[2 * a + 1] < 0)
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "this crop is not one of a dilated convolution");
    }
    return FS_OK;
}

static fs_status check_inner(const fs_graphdef_node *conv, fs_error *err) {
    int64_t strides[2], dilations[2];
    bool nchw;
    fs_status status = fs_graphdef_layout(conv, &nchw, err);
    if (status == FS_OK)
        status = fs_graphdef_spatial(conv, "strides", nchw, strides, err);
    if (status == FS_OK)
        status = fs_graphdef_spatial(conv, "dilations", nchw, dilations, err);
    if (status != FS_OK)
        return status;
    if (nchw || strides[0] != 1 || strides[1] != 1 || dilations[0] != 1 || dilations[1] != 1 ||
        !fs_graphdef_says(conv, "padding", "", "VALID"))
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "the convolution between cutting apart and putting together has strides or padding");
    return FS_OK;
}

fs_status fs_graphdef_convert_batch_to_space(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                             fs_error *err) {
    const fs_graphdef_node *conv = fs_graphdef_from(reader, node, 0);
    if (put_together_by(reader, conv) != node)
        return fail_alone(node, err);
    const fs_graphdef_node *before = fs_graphdef_from(reader, conv, 0);
    fs_graphdef_op op = {.type = "Conv", .n_inputs = 2};
    int64_t pads[4], blocks[2];
    fs_status status = check_inner(conv, err);
    if (status == FS_OK && before->n_inputs != 3)
        return fail_alone(before, err);
    if (status == FS_OK)
        status = cut_pads(pads, blocks, reader, before, node, err);
    if (status == FS_OK)
        status = fs_graphdef_input(&op.inputs[0], reader, before, 0, err);
    if (status == FS_OK)
        status = add_weight(&op, reader, conv, err);
    if (status == FS_OK)
        status = fs_graphdef_set_ints(&op, reader, "pads", pads, 4, err);
    if (status == FS_OK)
        status = fs_graphdef_set_ints(&op, reader, "dilations", blocks, 2, err);
    return status == FS_OK ? fs_graphdef_emit_map(reader, node, &op, false, err) : status;
}
