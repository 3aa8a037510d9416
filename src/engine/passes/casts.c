#include "engine/passes/casts.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/operator.h"

static bool is_output(const fs_graph *graph, int value) {
    for (int o = 0; o < graph->n_outputs; o++)
        if (graph->outputs[o] == value)
            return true;
    return false;
}

static bool is_short(fs_element_type type) {
    return type == FS_ELEMENT_FLOAT16 || type == FS_ELEMENT_BFLOAT16;
}

static bool is_constant_cast(const fs_graph *graph, const fs_node *node) {
    if (strcmp(node->op->type, "Cast") != 0 || node->n_inputs != 1 || node->n_outputs != 1 ||
        node->inputs[0] == FS_NO_VALUE || node->outputs[0] == FS_NO_VALUE)
        return false;
    const fs_value *stored = &graph->values[node->inputs[0]];
    return stored->constant.data && is_short(stored->element_type) &&
           fs_node_int(node, "to", FS_ELEMENT_UNKNOWN) == FS_ELEMENT_FLOAT &&
           !is_output(graph, node->outputs[0]);
}

static int count_users(const fs_node *nodes, int n_nodes, int value) {
    int users = 0;
    for (int n = 0; n < n_nodes; n++)
        for (int i = 0; i < nodes[n].n_inputs; i++)
            users += nodes[n].inputs[i] == value;
    return users;
}

/* The constant moves over, or is copied where others read it too. */
static fs_status fold(fs_graph *graph, const fs_node *node, bool alone, fs_error *err) {
    fs_value *from = &graph->values[node->inputs[0]];
    const fs_tensor constant = from->constant;
    fs_status status = fs_graph_set_constant(graph, node->outputs[0], &constant, alone, err);
    if (status == FS_OK && alone)
        from->constant = (fs_tensor){0};
    return status;
}

static fs_status keep(fs_graph *graph, const fs_node *node, fs_error *err) {
    const fs_node_spec spec = {.name = node->name,
                               .op_type = node->op->type,
                               .inputs = node->inputs,
                               .outputs = node->outputs,
                               .n_inputs = node->n_inputs,
                               .n_outputs = node->n_outputs,
                               .attributes = node->attributes,
                               .n_attributes = node->n_attributes,
                               .auxiliary = node->auxiliary};
    return fs_graph_add_node(graph, &spec, err);
}

fs_status fs_pass_casts(fs_graph *graph, fs_error *err) {
    int casts = 0, n_nodes;
    for (int n = 0; n < graph->n_nodes; n++)
        casts += is_constant_cast(graph, &graph->nodes[n]);
    if (casts == 0)
        return FS_OK;
    fs_status status = FS_OK;
    fs_node *nodes = fs_graph_take_nodes(graph, &n_nodes);
    for (int n = 0; n < n_nodes && status == FS_OK; n++) {
        if (is_constant_cast(graph, &nodes[n]))
            status = fold(graph, &nodes[n], count_users(nodes, n_nodes, nodes[n].inputs[0]) == 1, err);
        else
            status = keep(graph, &nodes[n], err);
    }
    fs_free(nodes);
    return status == FS_OK ? fs_graph_finish(graph, err) : status;
}
