#include <string.h>

#include "base/alloc.h"
#include "engine/graph.h"

void fs_graph_mark_needed(const fs_graph *graph, bool *value_needed, bool *node_needed) {
    for (int o = 0; o < graph->n_outputs; o++)
        value_needed[graph->outputs[o]] = true;
    for (int n = graph->n_nodes - 1; n >= 0; n--) {
        const fs_node *node = &graph->nodes[n];
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE && value_needed[node->outputs[o]])
                node_needed[n] = true;
        for (int i = 0; i < node->n_inputs && node_needed[n]; i++)
            if (node->inputs[i] != FS_NO_VALUE)
                value_needed[node->inputs[i]] = true;
    }
}

static void drop(fs_graph *graph, const bool *value_needed, const bool *node_needed) {
    int kept = 0;
    for (int n = 0; n < graph->n_nodes; n++)
        if (node_needed[n])
            graph->nodes[kept++] = graph->nodes[n];
    graph->n_nodes = kept;
    for (int v = 0; v < graph->n_values; v++) {
        graph->values[v].producer = -1;
        if (value_needed[v])
            continue;
        fs_free(graph->values[v].constant.data);
        graph->values[v].constant = (fs_tensor){0};
    }
    for (int n = 0; n < graph->n_nodes; n++)
        for (int o = 0; o < graph->nodes[n].n_outputs; o++)
            if (graph->nodes[n].outputs[o] != FS_NO_VALUE)
                graph->values[graph->nodes[n].outputs[o]].producer = n;
}

fs_status fs_graph_prune(fs_graph *graph, fs_error *err) {
    bool *value_needed = fs_calloc((size_t)graph->n_values + 1, sizeof *value_needed);
    bool *node_needed = fs_calloc((size_t)graph->n_nodes + 1, sizeof *node_needed);
    const bool fine = value_needed && node_needed;
    if (fine) {
        fs_graph_mark_needed(graph, value_needed, node_needed);
        drop(graph, value_needed, node_needed);
    }
    fs_free(value_needed);
    fs_free(node_needed);
    return fine ? FS_OK : fs_fail_memory(err, "pruning the graph");
}
