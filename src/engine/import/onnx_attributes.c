#include <string.h>

#include "base/alloc.h"
#include "engine/import/onnx_private.h"

/* AttributeProto.AttributeType, the public numbers of those we read. */
typedef enum attribute_type {
    TYPE_UNSAID = 0, /* the first versions of the format left it out */
    TYPE_FLOAT = 1,
    TYPE_INT = 2,
    TYPE_STRING = 3,
    TYPE_TENSOR = 4,
    TYPE_GRAPH = 5,
    TYPE_FLOATS = 6,
    TYPE_INTS = 7,
    TYPE_GRAPHS = 10
} attribute_type;

static int type_of(const FsOnnx__Attribute *from) {
    if (from->g.len > 0)
        return TYPE_GRAPH;
    if (from->type != TYPE_UNSAID)
        return from->type;
    if (from->t)
        return TYPE_TENSOR;
    if (from->n_ints)
        return TYPE_INTS;
    if (from->n_floats)
        return TYPE_FLOATS;
    if (from->s.len)
        return TYPE_STRING;
    return from->float_value_case == FS_ONNX__ATTRIBUTE__FLOAT_VALUE_F ? TYPE_FLOAT : TYPE_INT;
}

/* A copy in the arena; also of nothing. */
static fs_status copy_array(const void **out, fs_arena *arena, const void *from, size_t count, size_t size,
                            fs_error *err) {
    void *block = fs_arena_alloc(arena, count ? count : 1, size);
    if (!block)
        return fs_fail_memory(err, "an attribute");
    if (count)
        memcpy(block, from, count * size);
    *out = block;
    return FS_OK;
}

static fs_status copy_list(fs_attribute *out, fs_onnx_reader *reader, const FsOnnx__Attribute *from,
                           bool ints, fs_error *err) {
    const size_t count = ints ? from->n_ints : from->n_floats;
    if (count > INT32_MAX)
        return fs_fail(err, FS_ERROR_LIMIT, "%zu numbers are too many", count);
    out->kind = ints ? FS_ATTRIBUTE_INTS : FS_ATTRIBUTE_FLOATS;
    out->count = (int)count;
    if (ints)
        return copy_array((const void **)&out->ints, reader->graph->arena, from->ints, count,
                          sizeof *from->ints, err);
    return copy_array((const void **)&out->floats, reader->graph->arena, from->floats, count,
                      sizeof *from->floats, err);
}

static fs_status copy_string(fs_attribute *out, fs_onnx_reader *reader, const FsOnnx__Attribute *from,
                             fs_error *err) {
    out->kind = FS_ATTRIBUTE_STRING;
    out->s =
        from->s.len ? fs_arena_strndup(reader->graph->arena, (const char *)from->s.data, from->s.len) : "";
    return out->s ? FS_OK : fs_fail_memory(err, "an attribute");
}

static fs_status copy_tensor(fs_attribute *out, fs_onnx_reader *reader, const FsOnnx__Attribute *from,
                             fs_error *err) {
    if (!from->t)
        return fs_fail(err, FS_ERROR_FORMAT, "the tensor is missing");
    fs_tensor tensor;
    fs_status status = fs_onnx_tensor(&tensor, reader, from->t, NULL, err);
    if (status != FS_OK)
        return status;
    const void *data = NULL;
    status = copy_array(&data, reader->graph->arena, tensor.data, (size_t)fs_tensor_count(&tensor),
                        fs_dtype_size(tensor.dtype), err);
    fs_free(tensor.data);
    out->kind = FS_ATTRIBUTE_TENSOR;
    out->element_type = (fs_element_type)from->t->data_type;
    out->tensor = tensor;
    out->tensor.data = (void *)data;
    return status;
}

static fs_status convert(fs_attribute *out, fs_onnx_reader *reader, const FsOnnx__Attribute *from,
                         fs_error *err) {
    switch (type_of(from)) {
    case TYPE_FLOAT:
        out->kind = FS_ATTRIBUTE_FLOAT;
        out->f = from->f;
        return FS_OK;
    case TYPE_INT:
        out->kind = FS_ATTRIBUTE_INT;
        out->i = from->i;
        return FS_OK;
    case TYPE_STRING:
        return copy_string(out, reader, from, err);
    case TYPE_TENSOR:
        return copy_tensor(out, reader, from, err);
    case TYPE_FLOATS:
        return copy_list(out, reader, from, false, err);
    case TYPE_INTS:
        return copy_list(out, reader, from, true, err);
    case TYPE_GRAPH:
    case TYPE_GRAPHS:
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "graphs inside a node are not supported");
    default:
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "attribute type %d is not supported", from->type);
    }
}

fs_status fs_onnx_attributes(fs_attribute **out, fs_onnx_reader *reader, const FsOnnx__Node *node,
                             fs_error *err) {
    if (node->n_attribute > 64)
        return fs_fail(err, FS_ERROR_LIMIT, "%zu attributes are too many", node->n_attribute);
    fs_attribute *list = fs_arena_alloc(reader->graph->arena, node->n_attribute + 1, sizeof *list);
    if (!list)
        return fs_fail_memory(err, "attributes");
    for (size_t i = 0; i < node->n_attribute; i++) {
        const FsOnnx__Attribute *from = node->attribute[i];
        fs_status status = FS_OK;
        list[i].name =
            fs_arena_strndup(reader->graph->arena, from->name, strnlen(from->name, FS_ONNX_MAX_NAME));
        if (!list[i].name)
            return fs_fail_memory(err, "an attribute");
        if (from->ref_attr_name[0])
            status = fs_fail(err, FS_ERROR_UNSUPPORTED, "functions are not supported");
        else
            status = convert(&list[i], reader, from, err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "attribute '%s'", from->name);
    }
    *out = list;
    return FS_OK;
}

/* The single attribute of a Constant as a tensor over borrowed memory, except for "value" (owned). */
static fs_status constant_value(fs_tensor *out, fs_element_type *type, bool *owned, fs_onnx_reader *reader,
                                FsOnnx__Attribute *a, fs_error *err) {
    *owned = false;
    *type = FS_ELEMENT_UNKNOWN; /* what the tensor's own type says is enough */
    if (strcmp(a->name, "value") == 0 && a->t) {
        *owned = true;
        *type = (fs_element_type)a->t->data_type;
        return fs_onnx_tensor(out, reader, a->t, NULL, err);
    }
    if (strcmp(a->name, "value_float") == 0)
        *out = (fs_tensor){.dtype = FS_F32, .data = &a->f};
    else if (strcmp(a->name, "value_int") == 0)
        *out = (fs_tensor){.dtype = FS_I64, .data = &a->i};
    else if (strcmp(a->name, "value_floats") == 0)
        *out = (fs_tensor){{1, {(int64_t)a->n_floats}}, FS_F32, a->floats};
    else if (strcmp(a->name, "value_ints") == 0)
        *out = (fs_tensor){{1, {(int64_t)a->n_ints}}, FS_I64, a->ints};
    else
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "attribute '%s' is not supported", a->name);
    return FS_OK;
}

fs_status fs_onnx_constant_node(fs_onnx_reader *reader, const FsOnnx__Node *node, const char *name,
                                fs_error *err) {
    fs_tensor tensor;
    fs_element_type type;
    bool owned;
    int value;
    fs_status status = FS_OK;
    if (node->n_output != 1 || node->n_attribute != 1)
        status = fs_fail(err, FS_ERROR_FORMAT, "a Constant has one attribute and one output");
    if (status == FS_OK)
        status = fs_onnx_value(&value, reader, node->output[0], err);
    if (status == FS_OK)
        status = constant_value(&tensor, &type, &owned, reader, node->attribute[0], err);
    if (status == FS_OK) {
        status = fs_graph_set_constant(reader->graph, value, &tensor, owned, err);
        if (status != FS_OK && owned)
            fs_free(tensor.data);
        else if (status == FS_OK)
            reader->graph->values[value].element_type = type;
    }
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "node '%s'", name);
}
