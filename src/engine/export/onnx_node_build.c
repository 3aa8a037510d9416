#include <string.h>

#include "engine/export/element_types.h"
#include "engine/export/onnx_write_private.h"
#include "engine/operator.h"

/* AttributeProto.AttributeType, the public numbers. */
enum { TYPE_FLOAT = 1, TYPE_INT = 2, TYPE_STRING = 3, TYPE_TENSOR = 4, TYPE_FLOATS = 6, TYPE_INTS = 7 };

void *fs_onnx_build_array(const fs_onnx_builder *b, int n, fs_error *err) {
    void *array = fs_arena_alloc(b->arena, (size_t)n + 1, sizeof(void *));
    if (!array)
        fs_fail_memory(err, "the message");
    return array;
}

/* An attribute that holds the number or (before opset 6) the name of an element type. */
static bool holds_type(const fs_node *node, const fs_attribute *a) {
    return strcmp(a->name, "dtype") == 0 ||
           (strcmp(a->name, "to") == 0 && strcmp(node->op->type, "Cast") == 0);
}

static const char *type_name_written(const char *name) {
    static const char *const floating[] = {"FLOAT16", "DOUBLE", "BFLOAT16"};
    for (size_t i = 0; i < sizeof floating / sizeof *floating; i++)
        if (strcmp(name, floating[i]) == 0)
            return "FLOAT";
    return name;
}

static fs_element_type type_of_tensor(const fs_attribute *a) {
    if (a->tensor.dtype == FS_F32)
        return FS_ELEMENT_FLOAT;
    return a->element_type == FS_ELEMENT_UNKNOWN ? FS_ELEMENT_INT64 : a->element_type;
}

static void set_int(FsOnnx__Attribute *to, int64_t value) {
    to->type = TYPE_INT;
    to->int_value_case = FS_ONNX__ATTRIBUTE__INT_VALUE_I;
    to->i = value;
}

static void set_float(FsOnnx__Attribute *to, float value) {
    to->type = TYPE_FLOAT;
    to->float_value_case = FS_ONNX__ATTRIBUTE__FLOAT_VALUE_F;
    to->f = value;
}

static void set_string(FsOnnx__Attribute *to, const char *value) {
    to->type = TYPE_STRING;
    to->string_value_case = FS_ONNX__ATTRIBUTE__STRING_VALUE_S;
    to->s = (ProtobufCBinaryData){strlen(value), (uint8_t *)value};
}

static fs_status build_attribute(FsOnnx__Attribute *to, const fs_onnx_builder *b, const fs_node *node,
                                 const fs_attribute *from, fs_error *err) {
    fs_onnx__attribute__init(to);
    to->name = (char *)from->name;
    switch (from->kind) {
    case FS_ATTRIBUTE_INT:
        set_int(to, holds_type(node, from) ? (int64_t)fs_element_type_written(from->i) : from->i);
        break;
    case FS_ATTRIBUTE_FLOAT:
        set_float(to, from->f);
        break;
    case FS_ATTRIBUTE_STRING:
        set_string(to, holds_type(node, from) ? type_name_written(from->s) : from->s);
        break;
    case FS_ATTRIBUTE_INTS:
        to->type = TYPE_INTS;
        to->ints = (int64_t *)from->ints;
        to->n_ints = (size_t)from->count;
        break;
    case FS_ATTRIBUTE_FLOATS:
        to->type = TYPE_FLOATS;
        to->floats = (float *)from->floats;
        to->n_floats = (size_t)from->count;
        break;
    case FS_ATTRIBUTE_TENSOR:
        to->type = TYPE_TENSOR;
        return fs_onnx_build_tensor(&to->t, b, &from->tensor, type_of_tensor(from), err);
    }
    return FS_OK;
}

static fs_status build_attributes(FsOnnx__Node *to, const fs_onnx_builder *b, const fs_node *from,
                                  fs_error *err) {
    FsOnnx__Attribute *block = fs_arena_alloc(b->arena, (size_t)from->n_attributes + 1, sizeof *block);
    to->attribute = fs_onnx_build_array(b, from->n_attributes, err);
    if (!block || !to->attribute)
        return fs_fail_memory(err, "attributes");
    for (int i = 0; i < from->n_attributes; i++) {
        fs_status status = build_attribute(&block[i], b, from, &from->attributes[i], err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "attribute '%s'", from->attributes[i].name);
        to->attribute[i] = &block[i];
    }
    to->n_attribute = (size_t)from->n_attributes;
    return FS_OK;
}

static fs_status build_names(char ***out, size_t *count, const fs_onnx_builder *b, const int *values, int n,
                             fs_error *err) {
    char **names = fs_onnx_build_array(b, n, err);
    if (!names)
        return FS_ERROR_MEMORY;
    for (int i = 0; i < n; i++)
        names[i] = values[i] == FS_NO_VALUE ? "" : (char *)b->graph->values[values[i]].name;
    *out = names;
    *count = (size_t)n;
    return FS_OK;
}

static fs_status build_node(FsOnnx__Node *to, const fs_onnx_builder *b, const fs_node *from, fs_error *err) {
    fs_onnx__node__init(to);
    to->name = (char *)from->name;
    to->op_type = (char *)from->op->type;
    fs_status status = build_names(&to->input, &to->n_input, b, from->inputs, from->n_inputs, err);
    if (status == FS_OK)
        status = build_names(&to->output, &to->n_output, b, from->outputs, from->n_outputs, err);
    return status == FS_OK ? build_attributes(to, b, from, err) : status;
}

fs_status fs_onnx_build_nodes(FsOnnx__Graph *to, const fs_onnx_builder *b, fs_error *err) {
    const int n = b->graph->n_nodes;
    FsOnnx__Node *block = fs_arena_alloc(b->arena, (size_t)n + 1, sizeof *block);
    to->node = fs_onnx_build_array(b, n + b->graph->n_values, err);
    if (!block || !to->node)
        return fs_fail_memory(err, "nodes");
    fs_status status = fs_onnx_build_casts(to, b, err);
    if (status != FS_OK)
        return status;
    for (int i = 0; i < n; i++) {
        if (b->graph->nodes[i].auxiliary && !b->node_needed[i])
            continue;
        status = build_node(&block[i], b, &b->graph->nodes[i], err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "node '%s'", b->graph->nodes[i].name);
        to->node[to->n_node++] = &block[i];
    }
    return FS_OK;
}
