#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/import/onnx_private.h"

static bool is_floating(int element_type) {
    return element_type == 1 || element_type == 10 || element_type == 11 || element_type == 16;
}

/* Inputs that carry data are weights: files of the first format versions list those too. */
static bool is_weight(const fs_graph *graph, const FsOnnx__ValueInfo *info) {
    int value = fs_graph_find(graph, info->name);
    return value != FS_NO_VALUE && graph->values[value].constant.data;
}

static bool is_image(const FsOnnx__ValueInfo *info) {
    if (!info->type || !info->type->tensor_type)
        return false;
    const FsOnnx__TensorType *type = info->type->tensor_type;
    return is_floating(type->elem_type) && (!type->shape || type->shape->n_dim == 4);
}

/* "'a', 'b'" of at most six names. */
static void list_inputs(fs_text *out, const fs_graph *graph, const FsOnnx__Graph *from) {
    int listed = 0;
    for (size_t i = 0; i < from->n_input && listed <= 6; i++) {
        if (is_weight(graph, from->input[i]))
            continue;
        if (listed == 6)
            fs_text_add(out, ", ...");
        else
            fs_text_add(out, "%s'%.60s'", listed ? ", " : "", from->input[i]->name);
        listed++;
    }
}

static fs_status fail_inputs(const fs_graph *graph, const FsOnnx__Graph *from, int inputs, fs_error *err) {
    if (inputs == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "the model has no input");
    fs_text names = {0};
    list_inputs(&names, graph, from);
    fs_status status = fs_fail(err, FS_ERROR_UNSUPPORTED,
                               "%s; one float image [N,C,H,W] or [N,H,W,C] is needed, the inputs are %s",
                               inputs == 1 ? "the input is not an image" : "the model has several inputs",
                               fs_text_broken(&names) ? "many" : names.bytes);
    fs_text_free(&names);
    return status;
}

/* Open dimensions (named, zero or absent) are -1. */
static fs_status declared_shape(fs_graph *graph, const FsOnnx__ValueInfo *info, fs_error *err) {
    const FsOnnx__Shape *shape = info->type->tensor_type->shape;
    graph->input_shape = fs_shape_of(4, -1, -1, -1, -1);
    for (size_t i = 0; shape && i < 4; i++) {
        const int64_t dim = shape->dim[i]->dim_value;
        const char *name = shape->dim[i]->dim_param;
        if (dim > 65536)
            return fs_fail(err, FS_ERROR_LIMIT, "input '%s': dimension %lld is enormous", info->name,
                           (long long)dim);
        if (dim > 0)
            graph->input_shape.dim[i] = dim;
        else if (name[0])
            graph->dimension_names[i] = fs_arena_strndup(graph->arena, name, strnlen(name, FS_ONNX_MAX_NAME));
        if (dim <= 0 && name[0] && !graph->dimension_names[i])
            return fs_fail_memory(err, "the input");
    }
    return FS_OK;
}

static bool has_permutation(const FsOnnx__Node *node, const int64_t expected[4]) {
    for (size_t a = 0; a < node->n_attribute; a++)
        if (strcmp(node->attribute[a]->name, "perm") == 0)
            return node->attribute[a]->n_ints == 4 &&
                   memcmp(node->attribute[a]->ints, expected, 4 * sizeof *expected) == 0;
    return false;
}

static const int64_t to_first[4] = {0, 3, 1, 2}, to_last[4] = {0, 2, 3, 1};

/* Whether the first thing that happens to a value, everywhere, is a Transpose to channels first. */
static bool is_turned_first(const FsOnnx__Graph *from, const char *name) {
    bool any = false;
    for (size_t n = 0; n < from->n_node; n++) {
        const FsOnnx__Node *node = from->node[n];
        for (size_t i = 0; i < node->n_input; i++) {
            if (strcmp(node->input[i], name) != 0)
                continue;
            any = true;
            if (strcmp(node->op_type, "Transpose") != 0 || !has_permutation(node, to_first))
                return false;
        }
    }
    return any;
}

static bool is_colour(int64_t channels) {
    return channels == 1 || channels == 3;
}

/* Keras keeps images as [N,H,W,C]: said by the shape, or where that is open by what is done with the image.
 */
static bool is_channels_last(const FsOnnx__Graph *from, const char *name, const fs_shape *shape) {
    if (is_colour(shape->dim[1]))
        return false;
    if (is_colour(shape->dim[3]))
        return true;
    return shape->dim[1] < 0 && shape->dim[3] < 0 && is_turned_first(from, name);
}

/* The network's own input becomes a Transpose of an image [N,C,H,W], which the layout pass undoes. */
static fs_status turn_image(fs_onnx_reader *reader, const char *name, fs_error *err) {
    fs_graph *graph = reader->graph;
    char turned[FS_ONNX_MAX_NAME + 8];
    int64_t *perm = fs_arena_alloc(graph->arena, 4, sizeof *perm);
    snprintf(turned, sizeof turned, "%.1016s:nchw", name);
    const fs_shape declared = graph->input_shape;
    const char *names[4];
    memcpy(names, graph->dimension_names, sizeof names);
    const int output = graph->input;
    if (!perm)
        return fs_fail_memory(err, "the input");
    for (int i = 0; i < 4; i++) {
        perm[i] = to_last[i];
        graph->input_shape.dim[i] = declared.dim[to_first[i]];
        graph->dimension_names[i] = names[to_first[i]];
    }
    fs_status status = fs_onnx_value(&graph->input, reader, turned, err);
    if (status != FS_OK)
        return status;
    const fs_attribute attribute = {.name = "perm", .kind = FS_ATTRIBUTE_INTS, .ints = perm, .count = 4};
    const fs_node_spec spec = {.name = name,
                               .op_type = "Transpose",
                               .inputs = &graph->input,
                               .n_inputs = 1,
                               .outputs = &output,
                               .n_outputs = 1,
                               .attributes = &attribute,
                               .n_attributes = 1};
    return fs_graph_add_node(graph, &spec, err);
}

static fs_status find_image(fs_onnx_reader *reader, const FsOnnx__Graph *from, fs_error *err) {
    const FsOnnx__ValueInfo *image = NULL;
    int inputs = 0;
    for (size_t i = 0; i < from->n_input; i++) {
        if (is_weight(reader->graph, from->input[i]))
            continue;
        inputs++;
        if (is_image(from->input[i]))
            image = from->input[i];
    }
    if (inputs != 1 || !image)
        return fail_inputs(reader->graph, from, inputs, err);
    fs_status status = declared_shape(reader->graph, image, err);
    if (status == FS_OK)
        status = fs_onnx_value(&reader->graph->input, reader, image->name, err);
    if (status != FS_OK || !is_channels_last(from, image->name, &reader->graph->input_shape))
        return status;
    return turn_image(reader, image->name, err);
}

fs_status fs_onnx_interface(fs_onnx_reader *reader, const FsOnnx__Graph *from, fs_error *err) {
    fs_status status = find_image(reader, from, err);
    if (from->n_output > 256)
        return fs_fail(err, FS_ERROR_LIMIT, "%zu outputs are too many", from->n_output);
    for (size_t i = 0; i < from->n_output && status == FS_OK; i++) {
        int value;
        status = fs_onnx_value(&value, reader, from->output[i]->name, err);
        if (status == FS_OK)
            status = fs_graph_add_output(reader->graph, value, err);
    }
    return status;
}

fs_status fs_onnx_value(int *out, fs_onnx_reader *reader, const char *name, fs_error *err) {
    if (!name[0])
        return fs_fail(err, FS_ERROR_FORMAT, "a tensor has no name");
    if (strlen(name) > FS_ONNX_MAX_NAME)
        return fs_fail(err, FS_ERROR_LIMIT, "the name '%.40s...' is too long", name);
    int value = fs_graph_value(reader->graph, name);
    if (value == FS_NO_VALUE)
        return reader->graph->n_values < FS_MAX_VALUES
                   ? fs_fail_memory(err, name)
                   : fs_fail(err, FS_ERROR_LIMIT, "more than %d tensors", FS_MAX_VALUES);
    *out = value;
    return FS_OK;
}
