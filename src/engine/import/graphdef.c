#include "engine/import/graphdef.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "engine/import/graphdef_private.h"

/* Attributes are looked for one by one, many times. */
enum { MAX_ATTRIBUTES = 64 };

/* ---- nodes by name ---- */

static fs_status check_name(const char *name, fs_error *err) {
    if (!name[0])
        return fs_fail(err, FS_ERROR_FORMAT, "a node has no name");
    if (strlen(name) > FS_GRAPHDEF_MAX_NAME)
        return fs_fail(err, FS_ERROR_LIMIT, "the name '%.40s...' is too long", name);
    if (name[0] == '^' || strchr(name, ':')) /* these mark control inputs and output numbers */
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' cannot be a node's name", name);
    return FS_OK;
}

static fs_status index_nodes(fs_graphdef_reader *reader, const FsGraphdef__Graph *from, fs_error *err) {
    for (int n = 0; n < reader->n_nodes; n++) {
        const fs_graphdef_def *def = from->node[n];
        const size_t length = strlen(def->name);
        fs_status status = check_name(def->name, err);
        if (status != FS_OK)
            return status;
        if (def->n_attr > MAX_ATTRIBUTES)
            return fs_fail(err, FS_ERROR_LIMIT, "node '%s': %zu attributes are too many", def->name,
                           def->n_attr);
        if (fs_name_map_get(&reader->names, def->name, length, -1) >= 0)
            return fs_fail(err, FS_ERROR_FORMAT, "there are two nodes '%s'", def->name);
        if (!fs_name_map_set(&reader->names, def->name, length, n))
            return fs_fail_memory(err, "names");
        reader->nodes[n] = (fs_graphdef_node){
            .def = def, .name = def->name, .rule = fs_graphdef_rule_find(def->op), .user = -1};
    }
    return FS_OK;
}

/* ---- inputs: "node", "node:1"; "^node" only orders, which a network without side effects does not need ----
 */

static fs_graphdef_edge edge_of(const fs_graphdef_reader *reader, const char *text) {
    fs_graphdef_edge edge = {.node = -1, .text = text};
    const char *colon = strrchr(text, ':');
    const size_t length = colon ? (size_t)(colon - text) : strlen(text);
    if (colon) {
        char *end;
        const long port = strtol(colon + 1, &end, 10);
        if (end == colon + 1 || *end || port < 0 || port > 65535)
            return edge;
        edge.port = (int)port;
    }
    edge.node = (int)fs_name_map_get(&reader->names, text, length, -1);
    return edge;
}

static void index_inputs(fs_graphdef_reader *reader) {
    fs_graphdef_edge *next = reader->edges;
    for (int n = 0; n < reader->n_nodes; n++) {
        fs_graphdef_node *node = &reader->nodes[n];
        node->input = next;
        for (size_t i = 0; i < node->def->n_input; i++)
            if (node->def->input[i][0] != '^')
                *next++ = edge_of(reader, node->def->input[i]);
        node->n_inputs = (int)(next - node->input);
    }
}

/* ---- conversion ---- */

static fs_status fail_variable(const fs_graphdef_node *node, fs_error *err) {
    const char *name = node->n_inputs ? node->input[0].text : node->name; /* what a read reads */
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "is not frozen: variable '%.200s' has no value in the file",
                   name);
}

static fs_status check_rule(const fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_error *err) {
    const fs_graphdef_rule *rule = node->rule;
    if (rule && rule->kind == FS_GRAPHDEF_CONTROL)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "loops and branches (%.64s) are not supported", rule->op);
    if (rule && rule->kind == FS_GRAPHDEF_IMAGE)
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "a second input; the model must have one alone, the image '%.200s'",
                       reader->nodes[reader->image].name);
    if (!rule || !rule->convert)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "operator %.64s is not supported", node->def->op);
    if (node->n_inputs < rule->min_inputs || (rule->max_inputs >= 0 && node->n_inputs > rule->max_inputs))
        return fs_fail(err, FS_ERROR_FORMAT, "%.64s does not take %d inputs", rule->op, node->n_inputs);
    for (int i = 0; i < node->n_inputs; i++)
        if (node->input[i].node < 0)
            return fs_fail(err, FS_ERROR_FORMAT, "its input '%.200s' is missing from the file",
                           node->input[i].text);
    return FS_OK;
}

static fs_status convert(fs_graphdef_reader *reader, fs_graphdef_node *node, fs_error *err) {
    if (node->converted)
        return FS_OK;
    node->converted = true;
    if (node == &reader->nodes[reader->image])
        return FS_OK; /* the graph's input */
    if (node->rule && node->rule->kind == FS_GRAPHDEF_VARIABLE)
        return fail_variable(node, err);
    fs_status status = check_rule(reader, node, err);
    if (status == FS_OK)
        status = node->rule->convert(reader, node, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "node '%.200s'", node->name);
}

/* First what carries the image, in the file's order; then what computes constants for it. */
static fs_status convert_nodes(fs_graphdef_reader *reader, fs_error *err) {
    fs_status status = FS_OK;
    for (int n = 0; n < reader->n_nodes && status == FS_OK; n++)
        if (reader->nodes[n].needed && reader->nodes[n].from_image)
            status = convert(reader, &reader->nodes[n], err);
    while (reader->n_pending && status == FS_OK)
        status = convert(reader, &reader->nodes[reader->pending[--reader->n_pending]], err);
    return status;
}

/* ---- the whole ---- */

static fs_status read_graph(fs_graphdef_reader *reader, const FsGraphdef__Graph *from, fs_error *err) {
    size_t edges = 1;
    if (from->n_node == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not a TensorFlow graph (no nodes inside)");
    if (from->n_node > FS_MAX_NODES)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d nodes", FS_MAX_NODES);
    for (size_t n = 0; n < from->n_node; n++)
        edges += from->node[n]->n_input;
    if (edges > FS_MAX_VALUES)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d inputs of nodes", FS_MAX_VALUES);
    reader->n_nodes = (int)from->n_node;
    reader->nodes = fs_calloc(from->n_node, sizeof *reader->nodes);
    reader->pending = fs_alloc_array(from->n_node, sizeof *reader->pending);
    reader->edges = fs_calloc(edges, sizeof *reader->edges);
    if (!reader->nodes || !reader->pending || !reader->edges)
        return fs_fail_memory(err, "a graph");
    fs_status status = index_nodes(reader, from, err);
    if (status != FS_OK)
        return status;
    index_inputs(reader);
    status = fs_graphdef_reach(reader, err);
    if (status == FS_OK)
        status = convert_nodes(reader, err);
    return status == FS_OK ? fs_graph_finish(reader->graph, err) : status;
}

/* The file's own bytes are gone on return. */
static fs_status unpack(FsGraphdef__Graph **out, fs_unpack_budget *budget, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, FS_GRAPHDEF_MAX_FILE, err);
    if (status != FS_OK)
        return status;
    fs_unpack_budget_begin(budget, size);
    FsGraphdef__Graph *graph = fs_graphdef__graph__unpack(&budget->allocator, size, bytes);
    fs_free(bytes);
    status = fs_unpack_budget_check(budget, graph != NULL, "a TensorFlow graph", err);
    if (status == FS_ERROR_FORMAT && strcmp(fs_path_base(path), "saved_model.pb") == 0)
        status = fs_fail(err, FS_ERROR_UNSUPPORTED,
                         "a SavedModel keeps its weights elsewhere; freeze its graph first");
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", path);
    *out = graph;
    return FS_OK;
}

fs_status fs_graphdef_read(fs_graph **out, const char *path, fs_error *err) {
    FsGraphdef__Graph *from;
    fs_unpack_budget budget;
    fs_graphdef_reader reader = {0};
    fs_status status = unpack(&from, &budget, path, err);
    if (status != FS_OK)
        return status;
    status = fs_graph_create(&reader.graph, err);
    if (status == FS_OK)
        status = read_graph(&reader, from, err);
    fs_free(reader.nodes);
    fs_free(reader.pending);
    fs_free(reader.edges);
    fs_name_map_free(&reader.names);
    fs_graphdef__graph__free_unpacked(from, &budget.allocator);
    if (status != FS_OK) {
        fs_graph_destroy(reader.graph);
        return fs_error_prefix(err, status, "%s", path);
    }
    *out = reader.graph;
    return FS_OK;
}
