#include "base/alloc.h"
#include "base/file.h"
#include "engine/import/onnx.h"
#include "engine/import/onnx_private.h"

/* Unpacked, a message takes about its own size; tiny messages (two bytes in the file) take up to a hundred
 * times more, which an honest file has few of. */
#define UNPACK_FIXED ((size_t)256 << 20)
enum { UNPACK_FACTOR = 2, BLOCK_OVERHEAD = FS_ALIGNMENT };

static void *budget_alloc(void *data, size_t size) {
    fs_onnx_message *message = data;
    if (size > message->budget || message->budget - size < BLOCK_OVERHEAD) {
        message->budget_exceeded = true;
        return NULL;
    }
    message->budget -= size + BLOCK_OVERHEAD;
    void *block = fs_alloc(size);
    message->out_of_memory = message->out_of_memory || !block;
    return block;
}

static void budget_free(void *data, void *block) {
    (void)data;
    fs_free(block);
}

static fs_status unpack_bytes(fs_onnx_message *out, const uint8_t *bytes, size_t size, fs_error *err) {
    if (size == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (the file is empty)");
    out->budget = UNPACK_FACTOR * size + UNPACK_FIXED;
    out->allocator = (ProtobufCAllocator){budget_alloc, budget_free, out};
    out->model = fs_onnx__model__unpack(&out->allocator, size, bytes);
    if (out->budget_exceeded)
        return fs_fail(err, FS_ERROR_LIMIT,
                       "not an ONNX model (its parts take far more memory than its bytes)");
    if (out->out_of_memory)
        return fs_fail_memory(err, "the model");
    if (!out->model)
        return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (malformed or truncated)");
    if (!out->model->graph || out->model->ir_version < 1)
        return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (%s)",
                       out->model->graph ? "no format version" : "no graph inside");
    return FS_OK;
}

fs_status fs_onnx_unpack(fs_onnx_message *out, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    *out = (fs_onnx_message){0};
    fs_status status = fs_file_read(&bytes, &size, path, FS_ONNX_MAX_FILE, err);
    if (status != FS_OK)
        return status;
    status = unpack_bytes(out, bytes, size, err);
    fs_free(bytes);
    if (status == FS_OK)
        return FS_OK;
    fs_onnx_message_free(out);
    return fs_error_prefix(err, status, "%s", path);
}

void fs_onnx_message_free(fs_onnx_message *message) {
    if (message->model)
        fs_onnx__model__free_unpacked(message->model, &message->allocator);
    message->model = NULL;
}
