#include "engine/passes/layout.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/passes/layout_private.h"

/* State of every value that the file has; values made here are all plain. */
typedef struct walk {
    fs_layout layout;
    int n_values;
    int *first; /* see fs_layout */
    int *same;  /* the value to read instead, where a Transpose back has disappeared; else itself */
    int *last;  /* where `first` is set: the value that holds it channels last, once somebody needs it */
    const fs_node **from; /* where `first` is set: the Transpose of the file that would make it, or NULL */
} walk;

static bool has_permutation(const fs_node *node, const int expected[4]) {
    const fs_attribute *perm = fs_node_attribute(node, "perm");
    if (strcmp(node->op->type, "Transpose") != 0 || !perm || perm->kind != FS_ATTRIBUTE_INTS ||
        perm->count != 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (perm->ints[i] != expected[i])
            return false;
    return true;
}

static bool is_output(const fs_graph *graph, int value) {
    for (int o = 0; o < graph->n_outputs; o++)
        if (graph->outputs[o] == value)
            return true;
    return false;
}

static fs_status emit(walk *w, const fs_node *node, const int *inputs, const fs_attribute *attributes,
                      fs_error *err) {
    fs_node_spec spec = {.name = node->name,
                         .op_type = node->op->type,
                         .inputs = inputs,
                         .n_inputs = node->n_inputs,
                         .outputs = node->outputs,
                         .n_outputs = node->n_outputs,
                         .attributes = attributes,
                         .n_attributes = node->n_attributes,
                         .auxiliary = node->auxiliary};
    return fs_graph_add_node(w->layout.graph, &spec, err);
}

static fs_status emit_single(walk *w, const char *type, const char *name, int input, int output,
                             const fs_attribute *perm, fs_error *err) {
    fs_node_spec spec = {.name = name,
                         .op_type = type,
                         .inputs = &input,
                         .n_inputs = 1,
                         .outputs = &output,
                         .n_outputs = 1,
                         .attributes = perm,
                         .n_attributes = perm != NULL,
                         .auxiliary = perm != NULL};
    return fs_graph_add_node(w->layout.graph, &spec, err);
}

/* A value that did not exist: "NAME:nhwc", with more added if the file is perverse enough to have that. */
static fs_status new_value(int *out, fs_graph *graph, int like, fs_error *err) {
    char name[1100];
    int number = 1;
    do {
        snprintf(name, sizeof name, number > 1 ? "%.1024s:nhwc%d" : "%.1024s:nhwc", graph->values[like].name,
                 number);
        number++;
    } while (fs_graph_find(graph, name) != FS_NO_VALUE);
    *out = fs_graph_value(graph, name);
    return *out == FS_NO_VALUE ? fs_fail_memory(err, "a tensor") : FS_OK;
}

static fs_status emit_to_last(walk *w, int value, fs_error *err) {
    fs_graph *graph = w->layout.graph;
    const fs_node *from = w->from[value];
    if (from) { /* the file's own Transpose, from what holds it now */
        w->last[value] = value;
        return emit(w, from, &w->first[value], from->attributes, err);
    }
    int64_t *perm = fs_arena_alloc(graph->arena, 4, sizeof *perm);
    fs_status status = perm ? new_value(&w->last[value], graph, value, err) : fs_fail_memory(err, "a node");
    if (status != FS_OK)
        return status;
    for (int i = 0; i < 4; i++)
        perm[i] = fs_layout_to_last[i];
    const fs_attribute attribute = {.name = "perm", .kind = FS_ATTRIBUTE_INTS, .ints = perm, .count = 4};
    const char *name = graph->values[w->last[value]].name;
    return emit_single(w, "Transpose", name, w->first[value], w->last[value], &attribute, err);
}

/* The value that holds `value` as the file means it. */
static fs_status plain(int *out, walk *w, int value, fs_error *err) {
    if (value == FS_NO_VALUE || value >= w->n_values) {
        *out = value;
        return FS_OK;
    }
    if (w->first[value] == FS_NO_VALUE) {
        *out = w->same[value];
        return FS_OK;
    }
    fs_status status = FS_OK;
    if (w->last[value] == FS_NO_VALUE)
        status = emit_to_last(w, value, err);
    *out = w->last[value];
    return status;
}

static fs_status emit_plain(walk *w, const fs_node *node, fs_error *err) {
    int inputs[FS_MAX_INPUTS];
    for (int i = 0; i < node->n_inputs; i++) {
        fs_status status = plain(&inputs[i], w, node->inputs[i], err);
        if (status != FS_OK)
            return status;
    }
    return emit(w, node, inputs, node->attributes, err);
}

/* A Transpose to channels last: nothing is computed until somebody needs it. */
static fs_status begin_last(walk *w, const fs_node *node, fs_error *err) {
    const int out = node->outputs[0];
    w->first[out] = w->same[node->inputs[0]];
    if (!is_output(w->layout.graph, out)) {
        w->from[out] = node;
        return FS_OK;
    }
    const int source = w->first[out];
    w->first[out] = out;
    return emit_single(w, "Identity", node->name, source, out, NULL, err);
}

/* A Transpose back: its result is what the other one started from. */
static fs_status end_last(walk *w, const fs_node *node, fs_error *err) {
    const int out = node->outputs[0], source = w->first[node->inputs[0]];
    w->same[out] = source;
    if (!is_output(w->layout.graph, out))
        return FS_OK;
    w->same[out] = out;
    return emit_single(w, "Identity", node->name, source, out, NULL, err);
}

static bool reads_last(const walk *w, const fs_node *node) {
    for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i] != FS_NO_VALUE && w->first[node->inputs[i]] != FS_NO_VALUE)
            return true;
    return false;
}

static fs_status move(walk *w, const fs_node *node, fs_error *err) {
    fs_layout_node moved;
    bool moves = false;
    fs_status status = fs_layout_move(&moved, &moves, &w->layout, node, err);
    if (status != FS_OK)
        return status;
    if (!moves)
        return emit_plain(w, node, err);
    for (int i = 0; i < node->n_inputs; i++) /* operands that are no images: settings, from constants */
        if (node->inputs[i] == moved.inputs[i] && node->inputs[i] != FS_NO_VALUE &&
            w->first[node->inputs[i]] == FS_NO_VALUE)
            if ((status = plain(&moved.inputs[i], w, node->inputs[i], err)) != FS_OK)
                return status;
    for (int o = 0; o < node->n_outputs && moved.makes_last; o++)
        if (node->outputs[o] != FS_NO_VALUE)
            w->first[node->outputs[o]] = node->outputs[o];
    return emit(w, node, moved.inputs, moved.attributes, err);
}

/* Exporters share one weight between nodes by Identities; those would hide that it is constant. */
static bool passes_constant(walk *w, const fs_node *node) {
    const int in = node->inputs[0], out = node->outputs[0];
    if (strcmp(node->op->type, "Identity") != 0 || is_output(w->layout.graph, out) ||
        !w->layout.graph->values[w->same[in]].constant.data)
        return false;
    w->same[out] = w->same[in];
    return true;
}

static fs_status visit(walk *w, const fs_node *node, fs_error *err) {
    if (passes_constant(w, node))
        return FS_OK;
    const int in = node->n_inputs ? node->inputs[0] : FS_NO_VALUE;
    const bool computed = in != FS_NO_VALUE && !w->layout.graph->values[in].constant.data;
    if (computed && w->first[in] == FS_NO_VALUE && has_permutation(node, fs_layout_to_last))
        return begin_last(w, node, err);
    if (computed && w->first[in] != FS_NO_VALUE && has_permutation(node, fs_layout_to_first))
        return end_last(w, node, err);
    return reads_last(w, node) ? move(w, node, err) : emit_plain(w, node, err);
}

static bool begin(walk *w, fs_graph *graph) {
    const size_t count = (size_t)graph->n_values + 1;
    w->n_values = graph->n_values;
    w->first = fs_alloc_array(count, sizeof *w->first);
    w->same = fs_alloc_array(count, sizeof *w->same);
    w->last = fs_alloc_array(count, sizeof *w->last);
    w->from = fs_calloc(count, sizeof *w->from);
    w->layout = (fs_layout){.graph = graph, .first = w->first, .same = w->same};
    if (!w->first || !w->same || !w->last || !w->from)
        return false;
    for (int v = 0; v < graph->n_values; v++) {
        w->first[v] = w->last[v] = FS_NO_VALUE;
        w->same[v] = v;
    }
    return true;
}

static bool has_channels_last(const fs_graph *graph) {
    for (int n = 0; n < graph->n_nodes; n++)
        if (has_permutation(&graph->nodes[n], fs_layout_to_last))
            return true;
    return false;
}

fs_status fs_pass_layout(fs_graph *graph, fs_error *err) {
    walk w = {0};
    if (!has_channels_last(graph))
        return FS_OK;
    int n_nodes = 0;
    fs_node *nodes = fs_graph_take_nodes(graph, &n_nodes);
    fs_status status = begin(&w, graph) ? FS_OK : fs_fail_memory(err, "the graph");
    for (int n = 0; n < n_nodes && status == FS_OK; n++)
        status = visit(&w, &nodes[n], err);
    if (status == FS_OK)
        status = fs_graph_finish(graph, err);
    fs_free(nodes);
    fs_free(w.first);
    fs_free(w.same);
    fs_free(w.last);
    fs_free(w.from);
    return status;
}
