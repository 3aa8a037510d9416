/* The constants of a graph as initializers, at will in half precision. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/export/onnx_write_private.h"
#include "engine/import/stored.h"

/* Weights of fewer numbers stay as they are: they make no size and many nodes. */
enum { HALF_LEAST = 64, NAME_ROOM = 32, MAX_NUMBER = 1000, TYPE_INT = 2 };

static bool is_halved(const fs_onnx_builder *b, int v) {
    return b->half && b->graph->values[v].constant.data && b->types[v] == FS_ELEMENT_FLOAT &&
           fs_tensor_count(&b->graph->values[v].constant) >= HALF_LEAST;
}

/* NAME_half, or with a number where the graph has that already. The same each time it is asked for. */
static char *half_name(const fs_onnx_builder *b, int v) {
    const char *name = b->graph->values[v].name;
    const size_t room = strlen(name) + NAME_ROOM;
    char *half = fs_arena_alloc(b->arena, room, 1);
    if (!half)
        return NULL;
    snprintf(half, room, "%s_half", name);
    for (int number = 2; fs_graph_find(b->graph, half) != FS_NO_VALUE && number < MAX_NUMBER; number++)
        snprintf(half, room, "%s_half_%d", name, number);
    return half;
}

static fs_status build_halved(FsOnnx__Tensor **out, const fs_onnx_builder *b, int v, fs_error *err) {
    const fs_tensor *constant = &b->graph->values[v].constant;
    const float *from = constant->data;
    const size_t count = (size_t)fs_tensor_count(constant);
    uint16_t *half = fs_arena_alloc(b->arena, count, sizeof *half);
    if (!half)
        return fs_fail_memory(err, "a tensor");
    for (size_t i = 0; i < count; i++) {
        half[i] = fs_half_of_float(from[i]);
        if (isfinite(from[i]) && !isfinite(fs_float_of_half(half[i])))
            return fs_fail(err, FS_ERROR_LIMIT, "%g is too large for half precision", (double)from[i]);
    }
    fs_status status = fs_onnx_build_tensor(out, b, constant, FS_ELEMENT_FLOAT, err);
    if (status != FS_OK)
        return status;
    (*out)->data_type = FS_ELEMENT_FLOAT16;
    (*out)->raw_data = (ProtobufCBinaryData){count * sizeof *half, (uint8_t *)half};
    (*out)->name = half_name(b, v);
    return (*out)->name ? FS_OK : fs_fail_memory(err, "a tensor");
}

fs_status fs_onnx_build_initializers(FsOnnx__Graph *to, const fs_onnx_builder *b, fs_error *err) {
    const fs_graph *graph = b->graph;
    to->initializer = fs_onnx_build_array(b, graph->n_values, err);
    if (!to->initializer)
        return FS_ERROR_MEMORY;
    for (int v = 0; v < graph->n_values; v++) {
        const fs_value *value = &graph->values[v];
        FsOnnx__Tensor *tensor = NULL;
        if (!value->constant.data)
            continue;
        fs_status status = is_halved(b, v)
                               ? build_halved(&tensor, b, v, err)
                               : fs_onnx_build_tensor(&tensor, b, &value->constant, b->types[v], err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "tensor '%s'", value->name);
        if (!is_halved(b, v))
            tensor->name = (char *)value->name;
        to->initializer[to->n_initializer++] = tensor;
    }
    return FS_OK;
}

/* What the message needs of one Cast. */
typedef struct cast {
    FsOnnx__Node node;
    FsOnnx__Attribute to, *attributes[1];
    char *inputs[1], *outputs[1];
} cast;

static fs_status build_cast(FsOnnx__Node **out, const fs_onnx_builder *b, int v, fs_error *err) {
    cast *c = fs_arena_alloc(b->arena, 1, sizeof *c);
    char *half = half_name(b, v);
    if (!c || !half)
        return fs_fail_memory(err, "nodes");
    fs_onnx__node__init(&c->node);
    fs_onnx__attribute__init(&c->to);
    c->to.name = "to";
    c->to.type = TYPE_INT;
    c->to.int_value_case = FS_ONNX__ATTRIBUTE__INT_VALUE_I;
    c->to.i = FS_ELEMENT_FLOAT;
    c->attributes[0] = &c->to;
    c->inputs[0] = half;
    c->outputs[0] = (char *)b->graph->values[v].name;
    c->node.name = half;
    c->node.op_type = "Cast";
    c->node.attribute = c->attributes;
    c->node.input = c->inputs;
    c->node.output = c->outputs;
    c->node.n_attribute = c->node.n_input = c->node.n_output = 1;
    *out = &c->node;
    return FS_OK;
}

fs_status fs_onnx_build_casts(FsOnnx__Graph *to, const fs_onnx_builder *b, fs_error *err) {
    if (b->half && b->graph->opset < 6) /* where Cast names its type by a word */
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "half precision needs operator set 6; this is %d",
                       b->graph->opset);
    for (int v = 0; v < b->graph->n_values; v++) {
        if (!is_halved(b, v))
            continue;
        fs_status status = build_cast(&to->node[to->n_node], b, v, err);
        if (status != FS_OK)
            return status;
        to->n_node++;
    }
    return FS_OK;
}
