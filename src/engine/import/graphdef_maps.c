/* Windows over maps, and the operators that need to know which dimension the channels are: pools, local
 * response and batch normalisation, resizing. */
#include <string.h>

#include "base/alloc.h"
#include "engine/import/graphdef_private.h"

fs_status fs_graphdef_layout(const fs_graphdef_node *node, bool *nchw, fs_error *err) {
    char text[32];
    *nchw = fs_graphdef_says(node, "data_format", "NHWC", "NCHW");
    if (!*nchw && !fs_graphdef_says(node, "data_format", "NHWC", "NHWC"))
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "data format '%s' is not supported",
                       fs_graphdef_text(node, "data_format", text));
    return FS_OK;
}

fs_status fs_graphdef_spatial(const fs_graphdef_node *node, const char *key, bool nchw, int64_t out[2],
                              fs_error *err) {
    const int64_t *list;
    int count;
    fs_status status = fs_graphdef_ints(node, key, &list, &count, err);
    if (status != FS_OK)
        return status;
    out[0] = out[1] = 1;
    if (count <= 0)
        return FS_OK;
    if (count != 4)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' has %d numbers instead of 4", key, count);
    if (list[0] != 1 || list[nchw ? 1 : 3] != 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "'%s' over images or channels is not supported", key);
    out[0] = list[nchw ? 2 : 1];
    out[1] = list[nchw ? 3 : 2];
    return FS_OK;
}

/* explicit_paddings: before and after, for every dimension in the node's layout. */
static fs_status add_explicit(fs_graphdef_op *op, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                              bool nchw, fs_error *err) {
    const int first = nchw ? 4 : 2, channels = nchw ? 2 : 6;
    const int64_t *p;
    int count;
    fs_status status = fs_graphdef_ints(node, "explicit_paddings", &p, &count, err);
    if (status != FS_OK)
        return status;
    if (count != 8 || p[0] || p[1] || p[channels] || p[channels + 1])
        return fs_fail(err, FS_ERROR_FORMAT, "'explicit_paddings' do not pad height and width alone");
    const int64_t pads[4] = {p[first], p[first + 2], p[first + 1], p[first + 3]};
    return fs_graphdef_set_ints(op, reader, "pads", pads, 4, err);
}

fs_status fs_graphdef_window(fs_graphdef_op *op, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                             bool nchw, fs_error *err) {
    int64_t strides[2];
    char text[32];
    fs_status status = fs_graphdef_spatial(node, "strides", nchw, strides, err);
    if (status == FS_OK)
        status = fs_graphdef_set_ints(op, reader, "strides", strides, 2, err);
    if (status != FS_OK)
        return status;
    if (fs_graphdef_says(node, "padding", "", "SAME"))
        fs_graphdef_set_text(op, "auto_pad", "SAME_UPPER");
    else if (fs_graphdef_says(node, "padding", "", "VALID"))
        fs_graphdef_set_text(op, "auto_pad", "VALID");
    else if (fs_graphdef_says(node, "padding", "", "EXPLICIT"))
        return add_explicit(op, reader, node, nchw, err);
    else
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "padding '%s' is not supported",
                       fs_graphdef_text(node, "padding", text));
    return FS_OK;
}

/* Averages count the places inside the map alone, as AveragePool does unless told otherwise. */
fs_status fs_graphdef_convert_pool(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {.type = node->rule->type, .n_inputs = 1};
    int64_t kernel[2];
    bool nchw;
    fs_status status = fs_graphdef_layout(node, &nchw, err);
    if (status == FS_OK)
        status = fs_graphdef_input(&op.inputs[0], reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_spatial(node, "ksize", nchw, kernel, err);
    if (status == FS_OK)
        status = fs_graphdef_set_ints(&op, reader, "kernel_shape", kernel, 2, err);
    if (status == FS_OK)
        status = fs_graphdef_window(&op, reader, node, nchw, err);
    return status == FS_OK ? fs_graphdef_emit_map(reader, node, &op, nchw, err) : status;
}

/* TensorFlow: x / (bias + alpha * sum of 2 r + 1 squares)^beta; ONNX divides alpha by the count. */
fs_status fs_graphdef_convert_lrn(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    fs_graphdef_op op = {.type = "LRN", .n_inputs = 1};
    int64_t radius;
    float bias, alpha, beta;
    fs_status status = fs_graphdef_input(&op.inputs[0], reader, node, 0, err);
    if (status == FS_OK)
        status = fs_graphdef_int(node, "depth_radius", 5, &radius, err);
    if (status == FS_OK)
        status = fs_graphdef_float(node, "bias", 1, &bias, err);
    if (status == FS_OK)
        status = fs_graphdef_float(node, "alpha", 1, &alpha, err);
    if (status == FS_OK)
        status = fs_graphdef_float(node, "beta", 0.5f, &beta, err);
    if (status != FS_OK)
        return status;
    if (radius < 0 || radius > 65535)
        return fs_fail(err, FS_ERROR_FORMAT, "a 'depth_radius' of %lld makes no sense", (long long)radius);
    fs_graphdef_set_int(&op, "size", 2 * radius + 1);
    fs_graphdef_set_float(&op, "bias", bias);
    fs_graphdef_set_float(&op, "alpha", alpha * (float)(2 * radius + 1));
    fs_graphdef_set_float(&op, "beta", beta);
    return fs_graphdef_emit_map(reader, node, &op, false, err);
}

/* x, scale, offset, mean, variance: the order is the engine's too. */
fs_status fs_graphdef_convert_batch_norm(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                         fs_error *err) {
    fs_graphdef_op op = {.type = "BatchNormalization", .n_inputs = 5};
    bool nchw, training = true;
    float epsilon;
    fs_status status = fs_graphdef_layout(node, &nchw, err);
    if (status == FS_OK)
        status = fs_graphdef_bool(node, "is_training", true, &training, err);
    if (status == FS_OK)
        status = fs_graphdef_float(node, "epsilon", 1e-4f, &epsilon, err);
    if (status == FS_OK && training)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "it is in training mode; freeze the graph for inference");
    for (int i = 0; i < 5 && status == FS_OK; i++)
        status = fs_graphdef_input(&op.inputs[i], reader, node, i, err);
    if (status != FS_OK)
        return status;
    fs_graphdef_set_float(&op, "epsilon", epsilon);
    return fs_graphdef_emit_map(reader, node, &op, nchw, err);
}

/* A scale of one for every channel that `like` has. */
static fs_status ones_like(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node, int like,
                           fs_error *err) {
    fs_tensor tensor = reader->graph->values[like].constant;
    if (!tensor.data || tensor.dtype != FS_F32)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "its offset is not constant");
    const int64_t count = fs_tensor_count(&tensor);
    float *ones = fs_alloc_array((size_t)count, sizeof *ones);
    if (!ones)
        return fs_fail_memory(err, "a constant");
    for (int64_t i = 0; i < count; i++)
        ones[i] = 1;
    tensor.data = ones;
    fs_status status = fs_graphdef_local(out, reader, node, "ones", err);
    if (status == FS_OK)
        status = fs_graph_set_constant(reader->graph, *out, &tensor, true, err);
    if (status != FS_OK)
        fs_free(ones);
    return status;
}

/* Of TensorFlow's first versions: x, mean, variance, offset, scale; the scale may be switched off. */
fs_status fs_graphdef_convert_old_batch_norm(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                             fs_error *err) {
    static const int from[] = {0, 4, 3, 1, 2};
    fs_graphdef_op op = {.type = "BatchNormalization", .n_inputs = 5};
    bool scaled;
    float epsilon;
    fs_status status = fs_graphdef_bool(node, "scale_after_normalization", true, &scaled, err);
    if (status == FS_OK)
        status = fs_graphdef_float(node, "variance_epsilon", 1e-3f, &epsilon, err);
    for (int i = 0; i < 5 && status == FS_OK; i++)
        if (i != 1 || scaled)
            status = fs_graphdef_input(&op.inputs[i], reader, node, from[i], err);
    if (status == FS_OK && !scaled)
        status = ones_like(&op.inputs[1], reader, node, op.inputs[2], err);
    if (status != FS_OK)
        return status;
    fs_graphdef_set_float(&op, "epsilon", epsilon);
    return fs_graphdef_emit_map(reader, node, &op, false, err);
}

/* ---- resizing ---- */

/* [N,C] of the map, then the new height and width. */
static fs_status resize_sizes(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node, int map,
                              fs_error *err) {
    static const int64_t kept[] = {0, 3};
    fs_graphdef_op pick = {.type = "Gather", .n_inputs = 2, .n_outputs = 1};
    fs_graphdef_op join = {.type = "Concat", .n_inputs = 2, .n_outputs = 1};
    int shape;
    fs_status status = fs_graphdef_local(&shape, reader, node, "shape", err);
    if (status == FS_OK)
        status = fs_graphdef_emit_unary(reader, node, "shape", "Shape", map, shape, err);
    pick.inputs[0] = shape;
    if (status == FS_OK)
        status = fs_graphdef_local_ints(&pick.inputs[1], reader, node, "kept", kept, 2, err);
    if (status == FS_OK)
        status = fs_graphdef_local(&pick.outputs[0], reader, node, "outer", err);
    if (status == FS_OK)
        status = fs_graphdef_emit(reader, node, "outer", &pick, err);
    join.inputs[0] = pick.outputs[0];
    if (status == FS_OK)
        status = fs_graphdef_input(&join.inputs[1], reader, node, 1, err);
    if (status == FS_OK)
        status = fs_graphdef_local(out, reader, node, "sizes", err);
    join.outputs[0] = *out;
    fs_graphdef_set_int(&join, "axis", 0);
    return status == FS_OK ? fs_graphdef_emit(reader, node, "sizes", &join, err) : status;
}

/* Where a unit of the output looks: TensorFlow's three ways have names in ONNX. Nearest units: TensorFlow
 * takes floor((x + 0.5) * scale), round(x * scale), or floor(x * scale). */
static fs_status set_sampling(fs_graphdef_op *op, const fs_graphdef_node *node, fs_error *err) {
    bool corners, half;
    fs_status status = fs_graphdef_bool(node, "align_corners", false, &corners, err);
    if (status == FS_OK)
        status = fs_graphdef_bool(node, "half_pixel_centers", false, &half, err);
    if (status != FS_OK)
        return status;
    fs_graphdef_set_text(op, "mode", node->rule->type);
    fs_graphdef_set_text(op, "coordinate_transformation_mode",
                         corners ? "align_corners"
                         : half  ? "half_pixel"
                                 : "asymmetric");
    fs_graphdef_set_text(op, "nearest_mode", corners || half ? "round_prefer_ceil" : "floor");
    return FS_OK;
}

fs_status fs_graphdef_convert_resize(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     fs_error *err) {
    fs_graphdef_op op = {.type = "Resize", .n_inputs = 4};
    fs_status status = fs_graphdef_input(&op.inputs[0], reader, node, 0, err);
    op.inputs[1] = op.inputs[2] = FS_NO_VALUE; /* a region and scales */
    if (status == FS_OK)
        status = resize_sizes(&op.inputs[3], reader, node, op.inputs[0], err);
    if (status == FS_OK)
        status = set_sampling(&op, node, err);
    return status == FS_OK ? fs_graphdef_emit_map(reader, node, &op, false, err) : status;
}
