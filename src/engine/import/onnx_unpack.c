/* A model's weights are most of its file. So the file is not unpacked as one message: first everything but
 * the initializers, which are only located; then each of those alone, its raw data straight from the file to
 * where they stay. The peak of memory is then little more than the weights themselves. */
#include <string.h>

#include "base/alloc.h"
#include "engine/import/onnx.h"
#include "engine/import/onnx_private.h"

/* Public field numbers. */
enum { MODEL_GRAPH = 7, GRAPH_INITIALIZER = 5, TENSOR_RAW_DATA = 9 };

/* Fields that are walked over in one file: nodes, tensors and what is in a tensor. More would only take time.
 */
enum { MAX_FIELDS = 16000000 };

static fs_status next_field(fs_onnx_field *out, fs_onnx_message *message, size_t at, size_t end,
                            fs_error *err) {
    if (++message->n_fields > MAX_FIELDS)
        return fs_fail(err, FS_ERROR_LIMIT, "not an ONNX model (more than %d fields)", MAX_FIELDS);
    return fs_onnx_next_field(out, message->file, at, end, err);
}

/* ---- memory ---- */

static fs_status unpack(ProtobufCMessage **out, fs_onnx_message *message,
                        const ProtobufCMessageDescriptor *kind, const uint8_t *bytes, size_t size,
                        fs_error *err) {
    fs_unpack_budget_begin(&message->budget, size);
    ProtobufCMessage *unpacked = protobuf_c_message_unpack(kind, &message->budget.allocator, size, bytes);
    fs_status status = fs_unpack_budget_check(&message->budget, unpacked != NULL, "an ONNX model", err);
    if (status == FS_OK)
        *out = unpacked;
    return status;
}

/* ---- the model without its initializers ---- */

static fs_status add_span(fs_onnx_message *message, const fs_onnx_field *field, int *capacity,
                          fs_error *err) {
    if (message->n_initializers == FS_MAX_VALUES)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d tensors", FS_MAX_VALUES);
    if (message->n_initializers == *capacity) {
        const int larger = *capacity ? 2 * *capacity : 64;
        fs_onnx_field *grown = fs_realloc(message->initializers, (size_t)*capacity * sizeof *grown,
                                          (size_t)larger * sizeof *grown);
        if (!grown)
            return fs_fail_memory(err, "the model");
        message->initializers = grown;
        *capacity = larger;
    }
    message->initializers[message->n_initializers++] = *field;
    return FS_OK;
}

static fs_status locate_initializers(fs_onnx_message *message, const fs_onnx_field *graph, fs_error *err) {
    int capacity = 0;
    fs_onnx_field field;
    for (size_t at = graph->body.offset; at < graph->end; at = field.end) {
        fs_status status = next_field(&field, message, at, graph->end, err);
        if (status == FS_OK && field.number == GRAPH_INITIALIZER && field.is_message)
            status = add_span(message, &field, &capacity, err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

/* Finds the graph and in it the initializers. */
static fs_status locate(fs_onnx_message *message, fs_onnx_field *graph, fs_error *err) {
    const size_t size = fs_file_reader_size(message->file);
    fs_onnx_field field;
    bool found = false;
    if (size == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (the file is empty)");
    for (size_t at = 0; at < size; at = field.end) {
        fs_status status = next_field(&field, message, at, size, err);
        if (status != FS_OK)
            return status;
        if (field.number != MODEL_GRAPH || !field.is_message)
            continue;
        if (found)
            return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (two graphs inside)");
        *graph = field;
        found = true;
    }
    if (!found)
        return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (no graph inside)");
    return locate_initializers(message, graph, err);
}

/* Appends the file's bytes [from, to). */
static fs_status append(uint8_t *bytes, size_t *used, fs_onnx_message *message, size_t from, size_t to,
                        fs_error *err) {
    fs_status status = fs_file_reader_read(message->file, from, bytes + *used, to - from, err);
    *used += to - from;
    return status;
}

static void append_varint(uint8_t *bytes, size_t *used, uint64_t value) {
    for (; value > 0x7f; value >>= 7)
        bytes[(*used)++] = (uint8_t)(value | 0x80);
    bytes[(*used)++] = (uint8_t)value;
}

/* The file as if the graph had no initializers: the graph's length is a new one, all else is copied. */
static fs_status copy_rest(uint8_t *bytes, size_t *used, fs_onnx_message *message, const fs_onnx_field *graph,
                           size_t removed, fs_error *err) {
    size_t at = graph->body.offset;
    fs_status status = append(bytes, used, message, 0, graph->start, err);
    append_varint(bytes, used, MODEL_GRAPH << 3 | FS_WIRE_LENGTH);
    append_varint(bytes, used, graph->body.length - removed);
    for (int i = 0; i < message->n_initializers && status == FS_OK; i++) {
        status = append(bytes, used, message, at, message->initializers[i].start, err);
        at = message->initializers[i].end;
    }
    if (status == FS_OK)
        status = append(bytes, used, message, at, graph->end, err);
    if (status == FS_OK)
        status = append(bytes, used, message, graph->end, fs_file_reader_size(message->file), err);
    return status;
}

static fs_status unpack_rest(fs_onnx_message *message, const fs_onnx_field *graph, fs_error *err) {
    enum { NEW_PREFIX = 16 }; /* room for the graph's tag and length */
    size_t removed = 0, used = 0;
    for (int i = 0; i < message->n_initializers; i++)
        removed += message->initializers[i].end - message->initializers[i].start;
    uint8_t *bytes = fs_alloc(fs_file_reader_size(message->file) - removed + NEW_PREFIX);
    if (!bytes)
        return fs_fail_memory(err, "the model");
    fs_status status = copy_rest(bytes, &used, message, graph, removed, err);
    ProtobufCMessage *model;
    if (status == FS_OK)
        status = unpack(&model, message, &fs_onnx__model__descriptor, bytes, used, err);
    fs_free(bytes);
    if (status != FS_OK)
        return status;
    message->model = (FsOnnx__Model *)model;
    if (message->model->ir_version < 1)
        return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (no format version)");
    return FS_OK;
}

fs_status fs_onnx_unpack(fs_onnx_message *out, const char *path, fs_error *err) {
    *out = (fs_onnx_message){0};
    fs_onnx_field graph;
    fs_status status = fs_file_reader_create(&out->file, path, FS_ONNX_MAX_FILE, err);
    if (status != FS_OK)
        return status;
    status = locate(out, &graph, err);
    if (status == FS_OK)
        status = unpack_rest(out, &graph, err);
    if (status == FS_OK)
        return FS_OK;
    fs_onnx_message_free(out);
    return status == FS_ERROR_IO ? status : fs_error_prefix(err, status, "%s", path);
}

void fs_onnx_message_free(fs_onnx_message *message) {
    if (message->model)
        fs_onnx__model__free_unpacked(message->model, &message->budget.allocator);
    fs_free(message->initializers);
    fs_file_reader_destroy(message->file);
    *message = (fs_onnx_message){0};
}

/* ---- one initializer ---- */

/* Copies the fields of a tensor but its raw data, which are located: the last, as protobuf has it. */
static fs_status split_tensor(uint8_t *bytes, size_t *used, fs_onnx_span *raw, fs_onnx_message *message,
                              const fs_onnx_field *tensor, fs_error *err) {
    fs_onnx_field field;
    for (size_t at = tensor->body.offset; at < tensor->end; at = field.end) {
        fs_status status = next_field(&field, message, at, tensor->end, err);
        if (status != FS_OK)
            return status;
        if (field.number == TENSOR_RAW_DATA && field.is_message)
            *raw = field.body;
        else if (bytes)
            status = append(bytes, used, message, field.start, field.end, err);
        else
            *used += field.end - field.start;
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

fs_status fs_onnx_initializer(FsOnnx__Tensor **out, fs_onnx_span *raw, fs_onnx_message *message, int index,
                              fs_error *err) {
    const fs_onnx_field *tensor = &message->initializers[index];
    fs_onnx_span found = {0};
    size_t size = 0, used = 0;
    fs_status status = split_tensor(NULL, &size, &found, message, tensor, err);
    if (status != FS_OK)
        return status;
    uint8_t *bytes = fs_alloc(size);
    if (!bytes)
        return fs_fail_memory(err, "the model");
    ProtobufCMessage *unpacked;
    status = split_tensor(bytes, &used, &found, message, tensor, err);
    if (status == FS_OK)
        status = unpack(&unpacked, message, &fs_onnx__tensor__descriptor, bytes, used, err);
    fs_free(bytes);
    if (status != FS_OK)
        return status;
    *raw = found;
    *out = (FsOnnx__Tensor *)unpacked;
    return FS_OK;
}

void fs_onnx_initializer_free(FsOnnx__Tensor *tensor, fs_onnx_message *message) {
    fs_onnx__tensor__free_unpacked(tensor, &message->budget.allocator);
}
