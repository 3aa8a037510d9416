#include "engine/export/element_types.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/operator.h"

fs_element_type fs_element_type_written(int64_t type) {
    const bool floating =
        type == FS_ELEMENT_FLOAT16 || type == FS_ELEMENT_DOUBLE || type == FS_ELEMENT_BFLOAT16;
    return floating ? FS_ELEMENT_FLOAT : (fs_element_type)type;
}

static bool is_any(const fs_node *node, const char *const *types) {
    for (; *types; types++)
        if (strcmp(node->op->type, *types) == 0)
            return true;
    return false;
}

/* Integer types that the writer has a form for. */
static bool is_integer(fs_element_type type) {
    return type == FS_ELEMENT_UINT8 || type == FS_ELEMENT_INT32 || type == FS_ELEMENT_INT64 ||
           type == FS_ELEMENT_BOOL;
}

static fs_element_type type_of_constant(const fs_tensor *constant, fs_element_type said) {
    if (constant->dtype == FS_F32)
        return FS_ELEMENT_FLOAT;
    return is_integer(said) ? said : FS_ELEMENT_UNKNOWN;
}

/* ---- what users need ---- */

static bool needs_boolean(const fs_node *node, int input) {
    static const char *const logical[] = {"And", "Or", "Xor", "Not", NULL};
    return is_any(node, logical) || (input == 0 && strcmp(node->op->type, "Where") == 0);
}

/* Whether an input must have the type of the node's other inputs. */
static bool is_like_others(const fs_node *node, int input) {
    static const char *const alike[] = {"Add",   "Sub",     "Mul",    "Div",         "Mod",
                                        "Max",   "Min",     "Sum",    "Mean",        "Equal",
                                        "Less",  "Greater", "Concat", "LessOrEqual", "GreaterOrEqual",
                                        "Range", "Clip",    NULL};
    return is_any(node, alike) || (input > 0 && strcmp(node->op->type, "Where") == 0);
}

static fs_element_type type_of_others(const fs_node *node, const fs_element_type *types) {
    for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i] != FS_NO_VALUE && is_like_others(node, i) &&
            types[node->inputs[i]] != FS_ELEMENT_UNKNOWN)
            return types[node->inputs[i]];
    return FS_ELEMENT_INT64;
}

/* Gives the inputs whose type nobody said the one that this node needs. */
static void settle_inputs(const fs_node *node, fs_element_type *types) {
    for (int i = 0; i < node->n_inputs; i++) {
        const int v = node->inputs[i];
        if (v == FS_NO_VALUE || types[v] != FS_ELEMENT_UNKNOWN)
            continue;
        if (needs_boolean(node, i))
            types[v] = FS_ELEMENT_BOOL;
        else
            types[v] = is_like_others(node, i) ? type_of_others(node, types) : FS_ELEMENT_INT64;
    }
}

/* ---- what nodes make ---- */

static fs_element_type type_of_cast(const fs_node *node) {
    static const struct {
        const char *name;
        fs_element_type type;
    } old[] = {{"BOOL", FS_ELEMENT_BOOL},
               {"INT32", FS_ELEMENT_INT32},
               {"INT64", FS_ELEMENT_INT64},
               {"UINT8", FS_ELEMENT_UINT8}}; /* before opset 6 types were names */
    const char *name = fs_node_string(node, "to", "");
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        if (strcmp(name, old[i].name) == 0)
            return old[i].type;
    return fs_element_type_written(fs_node_int(node, "to", FS_ELEMENT_FLOAT));
}

static fs_element_type type_of_made(const fs_node *node) {
    const fs_attribute *value = fs_node_attribute(node, "value");
    if (value && value->kind == FS_ATTRIBUTE_TENSOR && value->tensor.dtype == FS_I64)
        return is_integer(value->element_type) ? value->element_type : FS_ELEMENT_INT64;
    return fs_node_attribute(node, "value_int") || fs_node_attribute(node, "value_ints") ? FS_ELEMENT_INT64
                                                                                         : FS_ELEMENT_FLOAT;
}

static fs_element_type type_of_output(const fs_node *node, int output, const fs_element_type *types) {
    static const char *const booleans[] = {
        "And",   "Or",    "Xor", "Not", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual",
        "IsNaN", "IsInf", NULL};
    static const char *const counts[] = {"Shape", "Size", "ArgMax", "ArgMin", "NonZero", NULL};
    static const char *const places[] = {"MaxPool", "TopK", NULL};
    static const char *const made[] = {"Constant", "ConstantOfShape", NULL};
    if (is_any(node, booleans) || (output == 1 && strcmp(node->op->type, "Dropout") == 0))
        return FS_ELEMENT_BOOL;
    if (is_any(node, counts) || (output == 1 && is_any(node, places)))
        return FS_ELEMENT_INT64;
    if (strcmp(node->op->type, "Cast") == 0)
        return type_of_cast(node);
    if (is_any(node, made))
        return type_of_made(node);
    const int from = strcmp(node->op->type, "Where") == 0 ? 1 : 0;
    const int v = from < node->n_inputs ? node->inputs[from] : FS_NO_VALUE;
    return v == FS_NO_VALUE ? FS_ELEMENT_FLOAT : types[v];
}

fs_status fs_element_types(fs_element_type **out, const fs_graph *graph, fs_error *err) {
    fs_element_type *types = fs_calloc((size_t)graph->n_values + 1, sizeof *types);
    if (!types)
        return fs_fail_memory(err, "element types");
    types[graph->input] = FS_ELEMENT_FLOAT;
    for (int v = 0; v < graph->n_values; v++)
        if (graph->values[v].constant.data)
            types[v] = type_of_constant(&graph->values[v].constant, graph->values[v].element_type);
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        settle_inputs(node, types);
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE)
                types[node->outputs[o]] = type_of_output(node, o, types);
    }
    for (int v = 0; v < graph->n_values; v++)
        if (types[v] == FS_ELEMENT_UNKNOWN)
            types[v] = FS_ELEMENT_INT64;
    *out = types;
    return FS_OK;
}
