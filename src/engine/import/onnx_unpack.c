#include "base/alloc.h"
#include "base/file.h"
#include "engine/import/onnx.h"
#include "engine/import/onnx_private.h"

static fs_status unpack_bytes(fs_onnx_message *out, const uint8_t *bytes, size_t size, fs_error *err) {
    if (size == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (the file is empty)");
    fs_unpack_budget_begin(&out->budget, size);
    out->model = fs_onnx__model__unpack(&out->budget.allocator, size, bytes);
    fs_status status = fs_unpack_budget_check(&out->budget, out->model != NULL, "an ONNX model", err);
    if (status != FS_OK)
        return status;
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
        fs_onnx__model__free_unpacked(message->model, &message->budget.allocator);
    message->model = NULL;
}
