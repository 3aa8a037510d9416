#include "engine/graph.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "engine/operator.h"

/* A name index: open addressing over value numbers, since a file may hold hundreds of thousands of names. */
typedef struct name_index {
    int *slots; /* value number + 1, 0 where empty */
    int capacity;
} name_index;

/* The public struct and what only this file needs. */
typedef struct graph_full {
    fs_graph graph;
    int value_capacity, node_capacity, output_capacity;
    name_index index;
} graph_full;

/* The slot that holds the name, or the empty one where it belongs. */
static int find_slot(const graph_full *full, const char *name) {
    int mask = full->index.capacity - 1;
    int slot = (int)(fs_hash_text(FS_HASH_START, name) & (uint64_t)mask);
    while (full->index.slots[slot] && strcmp(full->graph.values[full->index.slots[slot] - 1].name, name) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

static bool grow_index(graph_full *full) {
    int capacity = full->index.capacity ? full->index.capacity * 2 : 256;
    int *slots = fs_calloc((size_t)capacity, sizeof *slots);
    if (!slots)
        return false;
    fs_free(full->index.slots);
    full->index = (name_index){slots, capacity};
    for (int i = 0; i < full->graph.n_values; i++)
        slots[find_slot(full, full->graph.values[i].name)] = i + 1;
    return true;
}

/* Doubles an array when it is full; false when memory is short. */
static bool reserve(void **array, int count, int *capacity, size_t size) {
    if (count < *capacity)
        return true;
    int larger = *capacity ? *capacity * 2 : 64;
    void *grown = fs_realloc(*array, (size_t)*capacity * size, (size_t)larger * size);
    if (!grown)
        return false;
    *array = grown;
    *capacity = larger;
    return true;
}

fs_status fs_graph_create(fs_graph **out, fs_error *err) {
    graph_full *full = fs_calloc(1, sizeof *full);
    if (!full)
        return fs_fail_memory(err, "a graph");
    full->graph.arena = fs_arena_create();
    if (!full->graph.arena || !grow_index(full)) {
        fs_graph_destroy(&full->graph);
        return fs_fail_memory(err, "a graph");
    }
    full->graph.name = "";
    full->graph.opset = 13;
    full->graph.ir_version = 7;
    full->graph.input = FS_NO_VALUE;
    *out = &full->graph;
    return FS_OK;
}

void fs_graph_destroy(fs_graph *graph) {
    if (!graph)
        return;
    graph_full *full = (graph_full *)graph;
    for (int i = 0; i < graph->n_values; i++)
        fs_free(graph->values[i].constant.data);
    fs_free(graph->values);
    fs_free(graph->nodes);
    fs_free(graph->outputs);
    fs_free(full->index.slots);
    fs_arena_destroy(graph->arena);
    fs_free(full);
}

int fs_graph_find(const fs_graph *graph, const char *name) {
    const graph_full *full = (const graph_full *)graph;
    return full->index.slots[find_slot(full, name)] - 1;
}

int fs_graph_value(fs_graph *graph, const char *name) {
    graph_full *full = (graph_full *)graph;
    int found = fs_graph_find(graph, name);
    if (found != FS_NO_VALUE)
        return found;
    if (graph->n_values >= FS_MAX_VALUES)
        return FS_NO_VALUE;
    if (graph->n_values * 2 >= full->index.capacity && !grow_index(full))
        return FS_NO_VALUE;
    if (!reserve((void **)&graph->values, graph->n_values, &full->value_capacity, sizeof *graph->values))
        return FS_NO_VALUE;
    char *copy = fs_arena_strdup(graph->arena, name);
    if (!copy)
        return FS_NO_VALUE;
    int slot = find_slot(full, name);
    graph->values[graph->n_values] = (fs_value){.name = copy, .producer = -1};
    full->index.slots[slot] = graph->n_values + 1;
    return graph->n_values++;
}

fs_status fs_graph_set_constant(fs_graph *graph, int value, const fs_tensor *tensor, bool owned,
                                fs_error *err) {
    fs_value *v = &graph->values[value];
    int64_t count = fs_tensor_count(tensor);
    if (count < 0)
        return fs_fail(err, FS_ERROR_LIMIT, "tensor '%s': dimensions are negative or enormous", v->name);
    if (v->constant.data)
        return fs_fail(err, FS_ERROR_FORMAT, "tensor '%s' is defined twice", v->name);
    fs_tensor copy = *tensor;
    if (!owned) {
        size_t size = (size_t)count * fs_dtype_size(tensor->dtype);
        copy.data = fs_alloc(size);
        if (!copy.data)
            return fs_fail_memory(err, v->name);
        if (size)
            memcpy(copy.data, tensor->data, size);
    }
    v->constant = copy;
    return FS_OK;
}

static const void *arena_copy(fs_arena *arena, const void *from, int count, size_t size) {
    void *to = fs_arena_alloc(arena, (size_t)(count ? count : 1), size);
    if (to && count)
        memcpy(to, from, (size_t)count * size);
    return to;
}

fs_status fs_graph_add_node(fs_graph *graph, const fs_node_spec *spec, fs_error *err) {
    graph_full *full = (graph_full *)graph;
    const fs_operator *op = fs_operator_find(spec->op_type);
    if (!op)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "node '%s': operator %s is not supported", spec->name,
                       spec->op_type);
    if (graph->n_nodes >= FS_MAX_NODES)
        return fs_fail(err, FS_ERROR_LIMIT, "node '%s': more than %d nodes", spec->name, FS_MAX_NODES);
    if (spec->n_inputs > FS_MAX_INPUTS || spec->n_outputs > FS_MAX_OUTPUTS || spec->n_outputs < 1)
        return fs_fail(err, FS_ERROR_LIMIT,
                       "node '%s': %d inputs and %d outputs are outside of what is supported", spec->name,
                       spec->n_inputs, spec->n_outputs);
    fs_node node = {.op = op,
                    .n_attributes = spec->n_attributes,
                    .n_inputs = spec->n_inputs,
                    .n_outputs = spec->n_outputs,
                    .auxiliary = spec->auxiliary};
    node.name = fs_arena_strdup(graph->arena, spec->name);
    node.attributes =
        arena_copy(graph->arena, spec->attributes, spec->n_attributes, sizeof *spec->attributes);
    node.inputs = arena_copy(graph->arena, spec->inputs, spec->n_inputs, sizeof *spec->inputs);
    node.outputs = arena_copy(graph->arena, spec->outputs, spec->n_outputs, sizeof *spec->outputs);
    if (!node.name || !node.attributes || !node.inputs || !node.outputs ||
        !reserve((void **)&graph->nodes, graph->n_nodes, &full->node_capacity, sizeof *graph->nodes))
        return fs_fail_memory(err, "a node");
    graph->nodes[graph->n_nodes++] = node;
    return FS_OK;
}

fs_node *fs_graph_take_nodes(fs_graph *graph, int *count) {
    graph_full *full = (graph_full *)graph;
    fs_node *nodes = graph->nodes;
    *count = graph->n_nodes;
    graph->nodes = NULL;
    graph->n_nodes = full->node_capacity = 0;
    return nodes;
}

fs_status fs_graph_add_output(fs_graph *graph, int value, fs_error *err) {
    graph_full *full = (graph_full *)graph;
    if (!reserve((void **)&graph->outputs, graph->n_outputs, &full->output_capacity, sizeof *graph->outputs))
        return fs_fail_memory(err, "an output");
    graph->outputs[graph->n_outputs++] = value;
    return FS_OK;
}

static fs_status assign_producers(fs_graph *graph, fs_error *err) {
    for (int i = 0; i < graph->n_values; i++)
        graph->values[i].producer = -1;
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        for (int o = 0; o < node->n_outputs; o++) {
            if (node->outputs[o] == FS_NO_VALUE)
                continue;
            fs_value *value = &graph->values[node->outputs[o]];
            if (value->producer >= 0 || value->constant.data || node->outputs[o] == graph->input)
                return fs_fail(err, FS_ERROR_FORMAT, "node '%s': its output '%s' is made elsewhere too",
                               node->name, value->name);
            value->producer = n;
        }
    }
    return FS_OK;
}

static bool is_available(const fs_graph *graph, int value) {
    return value == graph->input || graph->values[value].constant.data;
}

static fs_status check_inputs(const fs_graph *graph, const fs_node *node, fs_error *err) {
    const fs_operator *op = node->op;
    if (node->n_inputs < op->min_inputs || (op->max_inputs >= 0 && node->n_inputs > op->max_inputs))
        return fs_fail(err, FS_ERROR_FORMAT, "node '%s': %s does not take %d inputs", node->name, op->type,
                       node->n_inputs);
    for (int i = 0; i < node->n_inputs; i++) {
        int value = node->inputs[i];
        if (value == FS_NO_VALUE) {
            if (i < op->min_inputs)
                return fs_fail(err, FS_ERROR_FORMAT, "node '%s': input %d is missing", node->name, i);
            continue;
        }
        if (!is_available(graph, value) && graph->values[value].producer < 0)
            return fs_fail(err, FS_ERROR_FORMAT, "node '%s': tensor '%s' is missing from the file",
                           node->name, graph->values[value].name);
    }
    return FS_OK;
}

/* Kahn's algorithm, keeping the file's order among nodes that are ready: `waiting` counts the inputs a node
 * still lacks, `users` lists the consumers of each node's outputs. */
typedef struct sorter {
    int *waiting, *first_user, *next_user, *user_node, *ready;
    int n_edges;
} sorter;

static void count_edges(const fs_graph *graph, sorter *s) {
    for (int n = 0; n < graph->n_nodes; n++)
        s->first_user[n] = -1;
    for (int n = graph->n_nodes - 1; n >= 0; n--) {
        const fs_node *node = &graph->nodes[n];
        for (int i = 0; i < node->n_inputs; i++) {
            int producer = node->inputs[i] == FS_NO_VALUE ? -1 : graph->values[node->inputs[i]].producer;
            if (producer < 0)
                continue;
            s->waiting[n]++;
            s->user_node[s->n_edges] = n;
            s->next_user[s->n_edges] = s->first_user[producer];
            s->first_user[producer] = s->n_edges++;
        }
    }
}

/* A binary heap of ready node numbers, smallest first. */
static void heap_push(int *heap, int *count, int value) {
    int i = (*count)++;
    for (; i > 0 && heap[(i - 1) / 2] > value; i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = value;
}

static int heap_pop(int *heap, int *count) {
    int top = heap[0], last = heap[--*count], i = 0;
    for (int child; (child = 2 * i + 1) < *count; i = child) {
        if (child + 1 < *count && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= last)
            break;
        heap[i] = heap[child];
    }
    heap[i] = last;
    return top;
}

static fs_status place_nodes(fs_graph *graph, sorter *s, fs_node *sorted, fs_error *err) {
    int n_ready = 0, placed = 0;
    for (int n = 0; n < graph->n_nodes; n++)
        if (s->waiting[n] == 0)
            heap_push(s->ready, &n_ready, n);
    while (n_ready) {
        int n = heap_pop(s->ready, &n_ready);
        sorted[placed++] = graph->nodes[n];
        for (int e = s->first_user[n]; e >= 0; e = s->next_user[e])
            if (--s->waiting[s->user_node[e]] == 0)
                heap_push(s->ready, &n_ready, s->user_node[e]);
    }
    if (placed == graph->n_nodes)
        return FS_OK;
    int n = 0;
    while (s->waiting[n] == 0)
        n++;
    return fs_fail(err, FS_ERROR_FORMAT, "node '%s' is on a cycle or depends on one", graph->nodes[n].name);
}

static fs_status sort_nodes(fs_graph *graph, fs_error *err) {
    size_t nodes = (size_t)graph->n_nodes + 1, edges = 1;
    for (int n = 0; n < graph->n_nodes; n++)
        edges += (size_t)graph->nodes[n].n_inputs;
    sorter s = {.waiting = fs_calloc(nodes, sizeof(int)),
                .first_user = fs_calloc(nodes, sizeof(int)),
                .ready = fs_calloc(nodes, sizeof(int)),
                .next_user = fs_calloc(edges, sizeof(int)),
                .user_node = fs_calloc(edges, sizeof(int))};
    fs_node *sorted = fs_calloc(nodes, sizeof *sorted);
    fs_status status = FS_OK;
    if (!s.waiting || !s.first_user || !s.ready || !s.next_user || !s.user_node || !sorted) {
        status = fs_fail_memory(err, "sorting the graph");
        goto out;
    }
    count_edges(graph, &s);
    status = place_nodes(graph, &s, sorted, err);
    if (status == FS_OK && graph->n_nodes)
        memcpy(graph->nodes, sorted, (size_t)graph->n_nodes * sizeof *sorted);
out:
    fs_free(s.waiting);
    fs_free(s.first_user);
    fs_free(s.ready);
    fs_free(s.next_user);
    fs_free(s.user_node);
    fs_free(sorted);
    return status;
}

static fs_status parse_nodes(fs_graph *graph, fs_error *err) {
    for (int n = 0; n < graph->n_nodes; n++) {
        fs_node *node = &graph->nodes[n];
        if (!node->op->parse)
            continue;
        fs_status status = node->op->parse(graph, node, &node->params, err);
        if (status != FS_OK)
            return fs_error_prefix(err, status, "node '%s'", node->name);
    }
    return FS_OK;
}

fs_status fs_graph_finish(fs_graph *graph, fs_error *err) {
    if (graph->input == FS_NO_VALUE)
        return fs_fail(err, FS_ERROR_FORMAT, "the graph has no image input");
    if (graph->n_outputs == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "the graph has no output");
    fs_status status = assign_producers(graph, err);
    for (int n = 0; n < graph->n_nodes && status == FS_OK; n++)
        status = check_inputs(graph, &graph->nodes[n], err);
    for (int o = 0; o < graph->n_outputs && status == FS_OK; o++)
        if (!is_available(graph, graph->outputs[o]) && graph->values[graph->outputs[o]].producer < 0)
            status = fs_fail(err, FS_ERROR_FORMAT, "output '%s' is made by no node",
                             graph->values[graph->outputs[o]].name);
    if (status == FS_OK)
        status = sort_nodes(graph, err);
    if (status == FS_OK)
        status = assign_producers(graph, err);
    return status == FS_OK ? parse_nodes(graph, err) : status;
}

const fs_attribute *fs_node_attribute(const fs_node *node, const char *name) {
    for (int i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}

int64_t fs_node_int(const fs_node *node, const char *name, int64_t fallback) {
    const fs_attribute *a = fs_node_attribute(node, name);
    return a && a->kind == FS_ATTRIBUTE_INT ? a->i : fallback;
}

float fs_node_float(const fs_node *node, const char *name, float fallback) {
    const fs_attribute *a = fs_node_attribute(node, name);
    return a && a->kind == FS_ATTRIBUTE_FLOAT ? a->f : fallback;
}

const char *fs_node_string(const fs_node *node, const char *name, const char *fallback) {
    const fs_attribute *a = fs_node_attribute(node, name);
    return a && a->kind == FS_ATTRIBUTE_STRING ? a->s : fallback;
}
