#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/import/graphdef_private.h"
#include "engine/operator.h"

enum { MAX_PASSES = 64 };

/* ---- constants of the file ---- */

/* A node number, followed through identities. */
static int behind_identities(const fs_graphdef_reader *reader, int n) {
    for (int step = 0; step < MAX_PASSES && n >= 0; step++) {
        const fs_graphdef_node *node = &reader->nodes[n];
        if (n == reader->image || !node->rule || node->rule->kind != FS_GRAPHDEF_PASS || node->n_inputs == 0)
            return n;
        n = node->input[0].node;
    }
    return n;
}

const fs_graphdef_node *fs_graphdef_constant(const fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                             int input) {
    const int n = behind_identities(reader, node->input[input].node);
    const fs_graphdef_node *from = n < 0 ? NULL : &reader->nodes[n];
    return from && from->rule && from->rule->kind == FS_GRAPHDEF_CONSTANT ? from : NULL;
}

fs_status fs_graphdef_need_constant(const fs_graphdef_node **out, const fs_graphdef_reader *reader,
                                    const fs_graphdef_node *node, int input, const char *what,
                                    fs_error *err) {
    const fs_graphdef_node *from = fs_graphdef_constant(reader, node, input);
    if (from) {
        *out = from;
        return FS_OK;
    }
    const int n = behind_identities(reader, node->input[input].node);
    if (n >= 0 && reader->nodes[n].rule && reader->nodes[n].rule->kind == FS_GRAPHDEF_VARIABLE)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s is not frozen: '%.200s' is a variable", what,
                       reader->nodes[n].name);
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s ('%.200s') is not constant", what, node->input[input].text);
}

fs_status fs_graphdef_known_ints(fs_graphdef_list *out, fs_graphdef_reader *reader,
                                 const fs_graphdef_node *node, int input, const char *what, fs_error *err) {
    const fs_graphdef_node *from;
    fs_shape shape;
    fs_tensor tensor;
    fs_status status = fs_graphdef_need_constant(&from, reader, node, input, what, err);
    if (status == FS_OK)
        status = fs_graphdef_constant_shape(&shape, from, err);
    if (status != FS_OK)
        return status;
    const int64_t count = fs_shape_count(&shape);
    if (count > FS_GRAPHDEF_MAX_LIST)
        return fs_fail(err, FS_ERROR_LIMIT, "%s has %lld numbers, more than %d", what, (long long)count,
                       FS_GRAPHDEF_MAX_LIST);
    if ((status = fs_graphdef_decode(&tensor, reader, from, err)) != FS_OK)
        return status;
    out->count = (int)count;
    for (int64_t i = 0; i < count && tensor.dtype == FS_I64; i++)
        out->at[i] = fs_i64(&tensor)[i];
    fs_free(tensor.data);
    return tensor.dtype == FS_I64 ? FS_OK
                                  : fs_fail(err, FS_ERROR_FORMAT, "%s is not made of whole numbers", what);
}

fs_status fs_graphdef_known_int(int64_t *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                int input, const char *what, fs_error *err) {
    fs_graphdef_list list;
    fs_status status = fs_graphdef_known_ints(&list, reader, node, input, what, err);
    if (status != FS_OK)
        return status;
    if (list.count != 1)
        return fs_fail(err, FS_ERROR_FORMAT, "%s is not one number", what);
    *out = list.at[0];
    return FS_OK;
}

/* ---- values ---- */

static fs_status value_named(int *out, fs_graphdef_reader *reader, const char *name, fs_error *err) {
    const int value = fs_graph_value(reader->graph, name);
    if (value == FS_NO_VALUE)
        return reader->graph->n_values < FS_MAX_VALUES
                   ? fs_fail_memory(err, "names")
                   : fs_fail(err, FS_ERROR_LIMIT, "more than %d tensors", FS_MAX_VALUES);
    *out = value;
    return FS_OK;
}

fs_status fs_graphdef_local(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                            const char *suffix, fs_error *err) {
    char name[FS_GRAPHDEF_MAX_NAME + 64];
    snprintf(name, sizeof name, "%s:%s", node->name, suffix);
    return value_named(out, reader, name, err);
}

fs_status fs_graphdef_output(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node, int port,
                             fs_error *err) {
    char suffix[16];
    if (port == 0)
        return value_named(out, reader, node->name, err);
    snprintf(suffix, sizeof suffix, "%d", port);
    return fs_graphdef_local(out, reader, node, suffix, err);
}

/* Only a split has outputs after the first that a network reads; a batch norm's are of training. */
static fs_status check_port(const fs_graphdef_edge *edge, const fs_graphdef_node *from, fs_error *err) {
    if (edge->port == 0 || (from->rule && strncmp(from->rule->op, "Split", 5) == 0))
        return FS_OK;
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "output %d of '%.200s' (%.64s) is not supported", edge->port,
                   from->name, from->def->op);
}

static fs_status constant_value(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *from,
                                fs_error *err) {
    fs_tensor tensor;
    fs_status status = fs_graphdef_output(out, reader, from, 0, err);
    if (status != FS_OK || reader->graph->values[*out].constant.data)
        return status;
    if ((status = fs_graphdef_decode(&tensor, reader, from, err)) != FS_OK)
        return status;
    status = fs_graph_set_constant(reader->graph, *out, &tensor, true, err);
    if (status != FS_OK)
        fs_free(tensor.data);
    return status;
}

fs_status fs_graphdef_input(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node, int input,
                            fs_error *err) {
    const fs_graphdef_edge *edge = &node->input[input];
    const fs_graphdef_node *constant = fs_graphdef_constant(reader, node, input);
    if (edge->node < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "its input '%.200s' is missing from the file", edge->text);
    fs_graphdef_node *from = &reader->nodes[edge->node];
    fs_status status = check_port(edge, from, err);
    if (status != FS_OK)
        return status;
    if (constant)
        return constant_value(out, reader, constant, err);
    if (!from->from_image && !from->requested) {
        from->requested = true;
        reader->pending[reader->n_pending++] = edge->node;
    }
    if (fs_graphdef_is_turned(reader, from))
        return fs_graphdef_local(out, reader, from, "nhwc", err);
    return fs_graphdef_output(out, reader, from, edge->port, err);
}

static fs_status local_constant(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                const char *suffix, const fs_tensor *tensor, fs_error *err) {
    fs_status status = fs_graphdef_local(out, reader, node, suffix, err);
    return status == FS_OK ? fs_graph_set_constant(reader->graph, *out, tensor, false, err) : status;
}

fs_status fs_graphdef_local_ints(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                 const char *suffix, const int64_t *ints, int count, fs_error *err) {
    const fs_tensor tensor = {{1, {count}}, FS_I64, (void *)ints};
    return local_constant(out, reader, node, suffix, &tensor, err);
}

fs_status fs_graphdef_local_float(int *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                  const char *suffix, float number, fs_error *err) {
    const fs_tensor tensor = {.dtype = FS_F32, .data = &number};
    return local_constant(out, reader, node, suffix, &tensor, err);
}

/* ---- nodes ---- */

void fs_graphdef_set_int(fs_graphdef_op *op, const char *name, int64_t number) {
    op->attributes[op->n_attributes++] = (fs_attribute){.name = name, .kind = FS_ATTRIBUTE_INT, .i = number};
}

void fs_graphdef_set_float(fs_graphdef_op *op, const char *name, float number) {
    op->attributes[op->n_attributes++] =
        (fs_attribute){.name = name, .kind = FS_ATTRIBUTE_FLOAT, .f = number};
}

void fs_graphdef_set_text(fs_graphdef_op *op, const char *name, const char *text) {
    op->attributes[op->n_attributes++] = (fs_attribute){.name = name, .kind = FS_ATTRIBUTE_STRING, .s = text};
}

fs_status fs_graphdef_set_ints(fs_graphdef_op *op, fs_graphdef_reader *reader, const char *name,
                               const int64_t *ints, int count, fs_error *err) {
    int64_t *copy = fs_arena_alloc(reader->graph->arena, (size_t)count + 1, sizeof *copy);
    if (!copy)
        return fs_fail_memory(err, "an attribute");
    if (count)
        memcpy(copy, ints, (size_t)count * sizeof *copy);
    op->attributes[op->n_attributes++] =
        (fs_attribute){.name = name, .kind = FS_ATTRIBUTE_INTS, .ints = copy, .count = count};
    return FS_OK;
}

fs_status fs_graphdef_emit(fs_graphdef_reader *reader, const fs_graphdef_node *node, const char *suffix,
                           const fs_graphdef_op *op, fs_error *err) {
    char name[FS_GRAPHDEF_MAX_NAME + 64];
    if (!fs_operator_find(op->type))
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "operator %.64s is not supported", node->def->op);
    snprintf(name, sizeof name, "%s%s%s", node->name, suffix ? ":" : "", suffix ? suffix : "");
    return fs_graph_add_node(reader->graph,
                             &(fs_node_spec){.name = name,
                                             .op_type = op->type,
                                             .inputs = op->inputs,
                                             .n_inputs = op->n_inputs,
                                             .outputs = op->outputs,
                                             .n_outputs = op->n_outputs,
                                             .attributes = op->attributes,
                                             .n_attributes = op->n_attributes,
                                             .auxiliary = suffix != NULL},
                             err);
}

fs_status fs_graphdef_emit_unary(fs_graphdef_reader *reader, const fs_graphdef_node *node, const char *suffix,
                                 const char *type, int from, int to, fs_error *err) {
    const fs_graphdef_op op = {
        .type = type, .inputs = {from}, .outputs = {to}, .n_inputs = 1, .n_outputs = 1};
    return fs_graphdef_emit(reader, node, suffix, &op, err);
}

fs_status fs_graphdef_emit_transpose(fs_graphdef_reader *reader, const fs_graphdef_node *node,
                                     const char *suffix, int from, int to, const int64_t *order, int rank,
                                     fs_error *err) {
    fs_graphdef_op op = {
        .type = "Transpose", .inputs = {from}, .outputs = {to}, .n_inputs = 1, .n_outputs = 1};
    fs_status status = fs_graphdef_set_ints(&op, reader, "perm", order, rank, err);
    return status == FS_OK ? fs_graphdef_emit(reader, node, suffix, &op, err) : status;
}

fs_status fs_graphdef_emit_map(fs_graphdef_reader *reader, const fs_graphdef_node *node, fs_graphdef_op *op,
                               bool nchw, fs_error *err) {
    static const int64_t to_nchw[] = {0, 3, 1, 2}, to_nhwc[] = {0, 2, 3, 1};
    int before, after;
    op->n_outputs = 1;
    fs_status status = fs_graphdef_output(&op->outputs[0], reader, node, 0, err);
    if (status != FS_OK)
        return status;
    if (nchw)
        return fs_graphdef_emit(reader, node, NULL, op, err);
    status = fs_graphdef_local(&before, reader, node, "nchw", err);
    if (status == FS_OK)
        status = fs_graphdef_local(&after, reader, node, "nhwc", err);
    if (status == FS_OK)
        status = fs_graphdef_emit_transpose(reader, node, "nchw", op->inputs[0], before, to_nchw, 4, err);
    if (status != FS_OK)
        return status;
    op->inputs[0] = before;
    status = fs_graphdef_emit(reader, node, NULL, op, err);
    return status == FS_OK
               ? fs_graphdef_emit_transpose(reader, node, "nhwc", op->outputs[0], after, to_nhwc, 4, err)
               : status;
}
