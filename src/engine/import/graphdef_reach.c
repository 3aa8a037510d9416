/* What of the file is the network: the image, the way it takes through the nodes, the nodes at the end of it,
 * and what those need. */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "engine/import/graphdef_private.h"

enum { MAX_OUTPUTS = 256, MAX_PASSES = 64 };

static bool is_kind(const fs_graphdef_node *node, fs_graphdef_kind kind) {
    return node->rule && node->rule->kind == kind;
}

/* ---- the image ---- */

/* Old files write "no dimensions" where they mean "not known". */
static bool is_open(const FsGraphdef__Shape *shape) {
    return !shape || shape->unknown_rank || shape->n_dim == 0;
}

/* A floating placeholder; with_rank: declared with four dimensions, otherwise with none. */
static bool may_be_image(const fs_graphdef_node *node, bool with_rank) {
    int type = 0;
    const FsGraphdef__Shape *shape = fs_graphdef_shape_of(node, "shape");
    if (strcmp(node->def->op, "Placeholder") != 0 && strcmp(node->def->op, "PlaceholderWithDefault") != 0)
        return false;
    if (fs_graphdef_type(node, "dtype", &type, NULL) != FS_OK ||
        !(type == 0 || fs_graphdef_type_is_floating(type)))
        return false;
    return with_rank ? !is_open(shape) && shape->n_dim == 4 : is_open(shape);
}

static fs_status fail_image(const fs_graphdef_reader *reader, fs_error *err) {
    fs_text names = {0};
    int listed = 0;
    for (int n = 0; n < reader->n_nodes && listed < 6; n++)
        if (is_kind(&reader->nodes[n], FS_GRAPHDEF_IMAGE))
            fs_text_add(&names, "%s'%.60s'", listed++ ? ", " : "", reader->nodes[n].name);
    fs_status status = listed ? fs_fail(err, FS_ERROR_UNSUPPORTED,
                                        "one float image [N,H,W,C] is needed; the placeholders are %s",
                                        fs_text_broken(&names) ? "many" : names.bytes)
                              : fs_fail(err, FS_ERROR_FORMAT, "the graph has no placeholder for an image");
    fs_text_free(&names);
    return status;
}

/* The only placeholder with four dimensions; where there is none, the only one that leaves them open. */
static fs_status find_image(fs_graphdef_reader *reader, fs_error *err) {
    static const char *const ops[] = {"Placeholder", "PlaceholderWithDefault"};
    for (int pass = 0; pass < 4; pass++) {
        int found = 0;
        for (int n = 0; n < reader->n_nodes; n++) {
            const fs_graphdef_node *node = &reader->nodes[n];
            if (strcmp(node->def->op, ops[pass / 2]) != 0 || !may_be_image(node, pass % 2 == 0))
                continue;
            reader->image = n;
            found++;
        }
        if (found == 1)
            return FS_OK;
        if (found > 1)
            break;
    }
    return fail_image(reader, err);
}

/* Channels first where the declared shape says so, or a convolution that reads the placeholder itself. */
static bool image_is_nchw(const fs_graphdef_reader *reader, const FsGraphdef__Shape *shape) {
    if (!is_open(shape)) {
        const int64_t first = shape->dim[1]->size, last = shape->dim[3]->size;
        if (last == 1 || last == 3)
            return false;
        if (first == 1 || first == 3)
            return true;
    }
    for (int n = 0; n < reader->n_nodes; n++) {
        const fs_graphdef_node *node = &reader->nodes[n];
        if (node->n_inputs && node->input[0].node == reader->image &&
            fs_graphdef_says(node, "data_format", "NHWC", "NCHW"))
            return true;
    }
    return false;
}

static fs_status declare_shape(fs_graphdef_reader *reader, const FsGraphdef__Shape *shape, fs_error *err) {
    static const int nhwc[] = {0, 3, 1, 2}, nchw[] = {0, 1, 2, 3};
    const int *order = reader->image_nchw ? nchw : nhwc;
    reader->graph->input_shape = fs_shape_of(4, -1, -1, -1, -1);
    for (int i = 0; i < 4 && !is_open(shape); i++) {
        const int64_t size = shape->dim[order[i]]->size;
        if (size > 65536)
            return fs_fail(err, FS_ERROR_LIMIT, "dimension %lld is enormous", (long long)size);
        if (size > 0)
            reader->graph->input_shape.dim[i] = size;
    }
    return FS_OK;
}

/* The graph's input has the placeholder's name and is NCHW; what the nodes read of an NHWC one is turned
 * back. */
static fs_status add_image(fs_graphdef_reader *reader, fs_error *err) {
    static const int64_t to_nhwc[] = {0, 2, 3, 1};
    const fs_graphdef_node *node = &reader->nodes[reader->image];
    const FsGraphdef__Shape *shape = fs_graphdef_shape_of(node, "shape");
    int turned;
    reader->image_nchw = image_is_nchw(reader, shape);
    fs_status status = fs_graphdef_output(&reader->graph->input, reader, node, 0, err);
    if (status == FS_OK)
        status = declare_shape(reader, shape, err);
    if (status == FS_OK && !reader->image_nchw) {
        status = fs_graphdef_local(&turned, reader, node, "nhwc", err);
        if (status == FS_OK)
            status = fs_graphdef_emit_transpose(reader, node, "nhwc", reader->graph->input, turned, to_nhwc,
                                                4, err);
    }
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "node '%.200s'", node->name);
}

/* ---- the way of the image ---- */

/* For every node, its readers: lists in one array, as edges of the graph turned round. */
typedef struct readers {
    int *first, *next, *node; /* first[n]: an entry or -1; next[entry], node[entry] */
    int *depth, *waiting, *stack;
} readers;

static void free_readers(readers *r) {
    fs_free(r->first);
    fs_free(r->next);
    fs_free(r->node);
    fs_free(r->depth);
    fs_free(r->waiting);
    fs_free(r->stack);
}

static fs_status make_readers(readers *r, const fs_graphdef_reader *reader, fs_error *err) {
    const size_t nodes = (size_t)reader->n_nodes;
    size_t edges = 1;
    for (int n = 0; n < reader->n_nodes; n++)
        edges += (size_t)reader->nodes[n].n_inputs;
    r->first = fs_alloc_array(nodes, sizeof(int));
    r->next = fs_alloc_array(edges, sizeof(int));
    r->node = fs_alloc_array(edges, sizeof(int));
    r->depth = fs_calloc(nodes, sizeof(int));
    r->waiting = fs_calloc(nodes, sizeof(int));
    r->stack = fs_alloc_array(nodes, sizeof(int));
    if (!r->first || !r->next || !r->node || !r->depth || !r->waiting || !r->stack)
        return fs_fail_memory(err, "a graph");
    for (int n = 0; n < reader->n_nodes; n++)
        r->first[n] = -1;
    int entry = 0;
    for (int n = 0; n < reader->n_nodes; n++) {
        for (int i = 0; i < reader->nodes[n].n_inputs; i++) {
            const int from = reader->nodes[n].input[i].node;
            if (from < 0)
                continue;
            r->node[entry] = n;
            r->next[entry] = r->first[from];
            r->first[from] = entry++;
        }
    }
    return FS_OK;
}

static void follow_image(fs_graphdef_reader *reader, const readers *r) {
    int count = 0;
    reader->nodes[reader->image].from_image = true;
    r->stack[count++] = reader->image;
    while (count) {
        const int from = r->stack[--count];
        for (int e = r->first[from]; e >= 0; e = r->next[e]) {
            fs_graphdef_node *node = &reader->nodes[r->node[e]];
            if (node->from_image || is_kind(node, FS_GRAPHDEF_END))
                continue;
            node->from_image = true;
            r->stack[count++] = r->node[e];
        }
    }
}

/* depth[n]: nodes on the longest way from the image, in topological order (what is on a cycle stays at 0). */
static void measure_depth(const fs_graphdef_reader *reader, const readers *r) {
    int count = 0;
    for (int n = 0; n < reader->n_nodes; n++)
        for (int i = 0; i < reader->nodes[n].n_inputs; i++) {
            const fs_graphdef_node *from = fs_graphdef_from(reader, &reader->nodes[n], i);
            r->waiting[n] += reader->nodes[n].from_image && from && from->from_image;
        }
    r->waiting[reader->image] = 0;
    r->stack[count++] = reader->image;
    while (count) {
        const int from = r->stack[--count];
        for (int e = r->first[from]; e >= 0; e = r->next[e]) {
            const int to = r->node[e];
            if (!reader->nodes[to].from_image || to == reader->image)
                continue;
            r->depth[to] = r->depth[from] + 1 > r->depth[to] ? r->depth[from] + 1 : r->depth[to];
            if (--r->waiting[to] == 0)
                r->stack[count++] = to;
        }
    }
}

/* ---- outputs ---- */

static bool is_end(const fs_graphdef_reader *reader, const readers *r, int n) {
    if (!reader->nodes[n].from_image || n == reader->image)
        return false;
    for (int e = r->first[n]; e >= 0; e = r->next[e])
        if (reader->nodes[r->node[e]].from_image)
            return false;
    return true;
}

/* What an identity at the end passes on: the layer behind it is what people know ("softmax2", not "output2").
 */
static int behind_identities(const fs_graphdef_reader *reader, int n) {
    for (int step = 0; step < MAX_PASSES; step++) {
        const fs_graphdef_node *node = &reader->nodes[n];
        if (!is_kind(node, FS_GRAPHDEF_PASS) || node->n_inputs == 0 || node->input[0].port != 0)
            return n;
        const int from = node->input[0].node;
        if (from < 0 || from == reader->image || !reader->nodes[from].from_image)
            return n;
        n = from;
    }
    return n;
}

static fs_status add_output(fs_graphdef_reader *reader, int n, fs_error *err) {
    int value;
    fs_status status = fs_graphdef_output(&value, reader, &reader->nodes[n], 0, err);
    for (int o = 0; o < reader->graph->n_outputs && status == FS_OK; o++)
        if (reader->graph->outputs[o] == value)
            return FS_OK;
    return status == FS_OK ? fs_graph_add_output(reader->graph, value, err) : status;
}

/* The deepest last, otherwise in the file's order. ends: count node numbers in that order. */
static void sort_ends(int *ends, int count, const int *depth) {
    for (int i = 1; i < count; i++) {
        const int n = ends[i];
        int place = i;
        for (; place > 0 && depth[ends[place - 1]] > depth[n]; place--)
            ends[place] = ends[place - 1];
        ends[place] = n;
    }
}

static fs_status find_outputs(fs_graphdef_reader *reader, const readers *r, fs_error *err) {
    int ends[MAX_OUTPUTS], count = 0;
    for (int n = 0; n < reader->n_nodes; n++) {
        if (!is_end(reader, r, n))
            continue;
        if (count == MAX_OUTPUTS)
            return fs_fail(err, FS_ERROR_LIMIT, "more than %d outputs are too many", MAX_OUTPUTS);
        reader->nodes[n].needed = true;
        ends[count++] = n;
    }
    sort_ends(ends, count, r->depth);
    for (int i = 0; i < count; i++) {
        fs_status status = add_output(reader, behind_identities(reader, ends[i]), err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

/* Everything that a needed node reads is needed. */
static void mark_needed(fs_graphdef_reader *reader, int *stack) {
    int count = 0;
    for (int n = 0; n < reader->n_nodes; n++)
        if (reader->nodes[n].needed)
            stack[count++] = n;
    while (count) {
        const int to = stack[--count];
        for (int i = 0; i < reader->nodes[to].n_inputs && to != reader->image; i++) {
            const int from = reader->nodes[to].input[i].node;
            if (from < 0)
                continue;
            reader->nodes[from].users++;
            reader->nodes[from].user = to;
            if (reader->nodes[from].needed)
                continue;
            reader->nodes[from].needed = true;
            stack[count++] = from;
        }
    }
}

fs_status fs_graphdef_reach(fs_graphdef_reader *reader, fs_error *err) {
    readers r = {0};
    fs_status status = find_image(reader, err);
    if (status == FS_OK)
        status = add_image(reader, err);
    if (status == FS_OK)
        status = make_readers(&r, reader, err);
    if (status == FS_OK) {
        follow_image(reader, &r);
        measure_depth(reader, &r);
        status = find_outputs(reader, &r, err);
    }
    if (status == FS_OK)
        mark_needed(reader, r.stack);
    free_readers(&r);
    return status;
}
