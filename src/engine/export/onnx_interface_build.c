#include "engine/export/onnx_write_private.h"
#include "engine/export/open_dimensions.h"

/* What open dimensions are called where the graph has no names for them. */
static const char *dimension_name(const fs_graph *graph, int d) {
    static const char *const usual[] = {"N", "C", "H", "W"};
    return graph->dimension_names[d] ? graph->dimension_names[d] : usual[d];
}

/* A message of a kind, initialised, in the arena. */
#define MAKE(kind, to, b)                                                                                    \
    (((to) = fs_arena_alloc((b)->arena, 1, sizeof *(to))) ? (kind##__init(to), true) : false)

/* A tensor type with `rank` unnamed, open dimensions. Rank -1: without a shape. */
static fs_status build_value(FsOnnx__ValueInfo **out, const fs_onnx_builder *b, int value, int rank,
                             fs_error *err) {
    FsOnnx__ValueInfo *info;
    FsOnnx__Shape *shape;
    if (!MAKE(fs_onnx__value_info, info, b) || !MAKE(fs_onnx__type, info->type, b) ||
        !MAKE(fs_onnx__tensor_type, info->type->tensor_type, b) || !MAKE(fs_onnx__shape, shape, b))
        return fs_fail_memory(err, "inputs and outputs");
    info->name = (char *)b->graph->values[value].name;
    info->type->tensor_type->elem_type = (int32_t)b->types[value];
    *out = info;
    if (rank < 0)
        return FS_OK;
    shape->dim = fs_onnx_build_array(b, rank, err);
    if (!shape->dim)
        return FS_ERROR_MEMORY;
    for (int d = 0; d < rank; d++)
        if (!MAKE(fs_onnx__dimension, shape->dim[d], b))
            return fs_fail_memory(err, "inputs and outputs");
    shape->n_dim = (size_t)rank;
    info->type->tensor_type->shape = shape;
    return FS_OK;
}

static fs_status build_input(FsOnnx__ValueInfo **out, const fs_onnx_builder *b, fs_error *err) {
    const fs_shape *declared = &b->graph->input_shape;
    fs_status status = build_value(out, b, b->graph->input, 4, err);
    for (int d = 0; d < 4 && status == FS_OK; d++) {
        FsOnnx__Dimension *to = (*out)->type->tensor_type->shape->dim[d];
        if (declared->dim[d] > 0)
            to->dim_value = declared->dim[d];
        else
            to->dim_param = (char *)dimension_name(b->graph, d);
    }
    return status;
}

static fs_status build_output(FsOnnx__ValueInfo **out, const fs_onnx_builder *b, int value,
                              const fs_shape *shape, fs_error *err) {
    fs_status status = build_value(out, b, value, shape->rank, err);
    for (int d = 0; d < shape->rank && status == FS_OK; d++) {
        FsOnnx__Dimension *to = (*out)->type->tensor_type->shape->dim[d];
        if (shape->dim[d] > 0)
            to->dim_value = shape->dim[d];
        else if (shape->dim[d] == FS_DIMENSION_BATCH)
            to->dim_param = (char *)dimension_name(b->graph, 0);
    }
    return status;
}

fs_status fs_onnx_build_interface(FsOnnx__Graph *to, const fs_onnx_builder *b, const fs_shape *shapes,
                                  fs_error *err) {
    const fs_graph *graph = b->graph;
    to->input = fs_onnx_build_array(b, 1, err);
    to->output = fs_onnx_build_array(b, graph->n_outputs, err);
    if (!to->input || !to->output)
        return FS_ERROR_MEMORY;
    fs_status status = build_input(&to->input[0], b, err);
    to->n_input = 1;
    for (int o = 0; o < graph->n_outputs && status == FS_OK; o++)
        status = build_output(&to->output[o], b, graph->outputs[o], &shapes[o], err);
    to->n_output = (size_t)graph->n_outputs;
    return status;
}
