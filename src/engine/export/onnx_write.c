#include "engine/export/onnx_write.h"

#include "base/alloc.h"
#include "base/file.h"
#include "engine/export/element_types.h"
#include "engine/export/onnx_write_private.h"
#include "engine/export/open_dimensions.h"

enum { USUAL_CHANNELS = 3, USUAL_SIDE = 224 };

fs_onnx_write_options fs_onnx_write_options_default(void) {
    return (fs_onnx_write_options){.producer = "filterscope", .producer_version = FS_VERSION};
}

/* ---- building the message ---- */

static fs_shape sample_input(const fs_graph *graph, const fs_onnx_write_options *options) {
    static const int64_t usual[] = {1, USUAL_CHANNELS, USUAL_SIDE, USUAL_SIDE};
    fs_shape sample = options->sample.rank == 4 ? options->sample : graph->input_shape;
    for (int d = 0; d < 4; d++)
        if (sample.dim[d] < 1)
            sample.dim[d] = usual[d];
    return sample;
}

static fs_status build_graph(FsOnnx__Graph *to, const fs_onnx_builder *b,
                             const fs_onnx_write_options *options, fs_error *err) {
    fs_shape *shapes = fs_arena_alloc(b->arena, (size_t)b->graph->n_outputs + 1, sizeof *shapes);
    if (!shapes)
        return fs_fail_memory(err, "the message");
    fs_onnx__graph__init(to);
    to->name = *b->graph->name ? (char *)b->graph->name : "graph";
    fs_status status = fs_open_dimensions(shapes, b->graph, sample_input(b->graph, options), err);
    if (status == FS_OK)
        status = fs_onnx_build_interface(to, b, shapes, err);
    if (status == FS_OK)
        status = fs_onnx_build_initializers(to, b, err);
    return status == FS_OK ? fs_onnx_build_nodes(to, b, err) : status;
}

/* The parts that are there once, so that the message needs no allocation for them. */
typedef struct message_parts {
    FsOnnx__Model model;
    FsOnnx__Graph graph;
    FsOnnx__OperatorSet opset, *opsets[1];
    FsOnnx__Entry entry[FS_ONNX_MAX_METADATA], *entries[FS_ONNX_MAX_METADATA];
} message_parts;

static void build_header(message_parts *m, const fs_graph *graph, const fs_onnx_write_options *options) {
    fs_onnx__model__init(&m->model);
    fs_onnx__operator_set__init(&m->opset);
    m->model.ir_version =
        graph->ir_version > FS_ONNX_LOWEST_VERSION ? graph->ir_version : FS_ONNX_LOWEST_VERSION;
    m->model.producer_name = (char *)options->producer;
    m->model.producer_version = (char *)options->producer_version;
    m->model.doc_string = options->doc_string ? (char *)options->doc_string : "";
    m->opset.version = graph->opset;
    m->opsets[0] = &m->opset;
    m->model.opset_import = m->opsets;
    m->model.n_opset_import = 1;
    m->model.graph = &m->graph;
    m->model.metadata_props = m->entries;
    for (int i = 0; i < options->n_metadata && i < FS_ONNX_MAX_METADATA; i++) {
        fs_onnx__entry__init(&m->entry[i]);
        m->entry[i].key = (char *)options->metadata[i].key;
        m->entry[i].value = (char *)options->metadata[i].value;
        m->entries[m->model.n_metadata_props++] = &m->entry[i];
    }
}

/* ---- packing ---- */

typedef struct stream_buffer {
    ProtobufCBuffer base;
    FILE *stream;
} stream_buffer;

/* The stream remembers a failure until it is committed. */
static void append(ProtobufCBuffer *buffer, size_t size, const uint8_t *bytes) {
    if (size)
        (void)fwrite(bytes, 1, size, ((stream_buffer *)buffer)->stream);
}

static fs_status pack(const FsOnnx__Model *model, const char *path, fs_error *err) {
    const size_t size = fs_onnx__model__get_packed_size(model);
    if (size > FS_ONNX_MAX_MESSAGE)
        return fs_fail(err, FS_ERROR_LIMIT, "%s: %zu bytes are more than an ONNX file may have (%zu)", path,
                       size, FS_ONNX_MAX_MESSAGE);
    fs_file_writer *writer = NULL;
    fs_status status = fs_file_writer_create(&writer, path, err);
    if (status != FS_OK)
        return status;
    stream_buffer buffer = {{append}, fs_file_writer_stream(writer)};
    fs_onnx__model__pack_to_buffer(model, &buffer.base);
    return fs_file_writer_commit(writer, err);
}

static fs_status mark_needed(fs_onnx_builder *b, fs_error *err) {
    bool *values = NULL, *nodes = NULL;
    if (b->arena) {
        values = fs_arena_alloc(b->arena, (size_t)b->graph->n_values + 1, sizeof *values);
        nodes = fs_arena_alloc(b->arena, (size_t)b->graph->n_nodes + 1, sizeof *nodes);
    }
    if (!values || !nodes)
        return fs_fail_memory(err, "the message");
    fs_graph_mark_needed(b->graph, values, nodes);
    b->node_needed = nodes;
    return FS_OK;
}

fs_status fs_onnx_write(const fs_graph *graph, const char *path, const fs_onnx_write_options *options,
                        fs_error *err) {
    message_parts message = {0};
    fs_element_type *types = NULL;
    fs_onnx_builder builder = {.graph = graph, .arena = fs_arena_create(), .half = options->half};
    fs_status status = mark_needed(&builder, err);
    if (status == FS_OK)
        status = fs_element_types(&types, graph, err);
    builder.types = types;
    if (status == FS_OK) {
        build_header(&message, graph, options);
        status = build_graph(&message.graph, &builder, options, err);
    }
    if (status != FS_OK)
        fs_error_prefix(err, status, "%s", path);
    else
        status = pack(&message.model, path, err);
    fs_free(types);
    fs_arena_destroy(builder.arena);
    return status;
}
