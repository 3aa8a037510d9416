#include "engine/import/onnx.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/import/onnx_private.h"
#include "engine/operator.h"

static fs_status add_initializers(fs_onnx_reader *reader, FsOnnx__Graph *from, fs_error *err) {
    if (from->n_sparse_initializer)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "sparse tensors are not supported");
    for (size_t i = 0; i < from->n_initializer; i++) {
        fs_tensor tensor;
        int value;
        fs_status status = fs_onnx_value(&value, reader, from->initializer[i]->name, err);
        if (status == FS_OK)
            status = fs_onnx_tensor(&tensor, reader, from->initializer[i], err);
        if (status != FS_OK)
            return status;
        status = fs_graph_set_constant(reader->graph, value, &tensor, true, err);
        if (status != FS_OK) {
            fs_free(tensor.data);
            return status;
        }
    }
    return FS_OK;
}

/* Names -> value numbers; an empty name is an absent value, and those at the end are dropped. */
static fs_status resolve(int *out, int *count, int limit, fs_onnx_reader *reader, char **names,
                         size_t n_names, fs_error *err) {
    while (n_names && !names[n_names - 1][0])
        n_names--;
    if (n_names > (size_t)limit)
        return fs_fail(err, FS_ERROR_LIMIT, "%zu inputs or outputs, more than %d", n_names, limit);
    for (size_t i = 0; i < n_names; i++) {
        out[i] = FS_NO_VALUE;
        if (!names[i][0])
            continue;
        fs_status status = fs_onnx_value(&out[i], reader, names[i], err);
        if (status != FS_OK)
            return status;
    }
    *count = (int)n_names;
    return FS_OK;
}

static fs_status add_operator(fs_onnx_reader *reader, const FsOnnx__Node *from, const char *name,
                              fs_error *err) {
    int inputs[FS_MAX_INPUTS], outputs[FS_MAX_OUTPUTS];
    fs_attribute *attributes = NULL;
    fs_node_spec spec = {.name = name, .op_type = from->op_type, .inputs = inputs, .outputs = outputs};
    fs_status status =
        resolve(inputs, &spec.n_inputs, FS_MAX_INPUTS, reader, from->input, from->n_input, err);
    if (status == FS_OK)
        status = resolve(outputs, &spec.n_outputs, FS_MAX_OUTPUTS, reader, from->output, from->n_output, err);
    if (status == FS_OK)
        status = fs_onnx_attributes(&attributes, reader, from, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "node '%s'", name);
    spec.attributes = attributes;
    spec.n_attributes = (int)from->n_attribute;
    return fs_graph_add_node(reader->graph, &spec, err);
}

static fs_status add_node(fs_onnx_reader *reader, const FsOnnx__Node *from, size_t index, fs_error *err) {
    char made_up[96];
    const char *name = from->name;
    if (!name[0]) {
        snprintf(made_up, sizeof made_up, "%.64s_%zu", from->op_type, index);
        name = made_up;
    }
    if (strlen(name) > FS_ONNX_MAX_NAME)
        return fs_fail(err, FS_ERROR_LIMIT, "the name '%.40s...' is too long", name);
    if (from->domain[0] && strcmp(from->domain, "ai.onnx") != 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "node '%s': operator %s of '%s' is not supported", name,
                       from->op_type, from->domain);
    if (strcmp(from->op_type, "Constant") == 0)
        return fs_onnx_constant_node(reader, from, name, err);
    return add_operator(reader, from, name, err);
}

static fs_status read_opset(fs_graph *graph, const FsOnnx__Model *model, fs_error *err) {
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const FsOnnx__OperatorSet *set = model->opset_import[i];
        if (set->domain[0] && strcmp(set->domain, "ai.onnx") != 0)
            continue;
        if (set->version < 1 || set->version > 1000)
            return fs_fail(err, FS_ERROR_FORMAT, "operator set version %lld does not exist",
                           (long long)set->version);
        graph->opset = (int)set->version;
        return FS_OK;
    }
    graph->opset = 1; /* the first format version did not say */
    return FS_OK;
}

static fs_status read_model(fs_onnx_reader *reader, FsOnnx__Model *model, fs_error *err) {
    FsOnnx__Graph *from = model->graph;
    if (model->n_functions)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "functions inside a model are not supported");
    fs_status status = read_opset(reader->graph, model, err);
    if (status == FS_OK)
        status = add_initializers(reader, from, err);
    if (status == FS_OK)
        status = fs_onnx_interface(reader, from, err);
    for (size_t i = 0; i < from->n_node && status == FS_OK; i++)
        status = add_node(reader, from->node[i], i, err);
    return status == FS_OK ? fs_graph_finish(reader->graph, err) : status;
}

fs_status fs_onnx_read(fs_graph **out, const char *path, fs_error *err) {
    fs_onnx_message message;
    fs_status status = fs_onnx_unpack(&message, path, err);
    if (status != FS_OK)
        return status;
    fs_onnx_reader reader = {.path = path};
    status = fs_graph_create(&reader.graph, err);
    if (status == FS_OK)
        status = read_model(&reader, message.model, err);
    fs_onnx_message_free(&message);
    if (status != FS_OK) {
        fs_graph_destroy(reader.graph);
        return fs_error_prefix(err, status, "%s", path);
    }
    *out = reader.graph;
    return FS_OK;
}
