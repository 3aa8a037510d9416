#include <string.h>

#include "engine/export/onnx_write_private.h"

static bool fits(int64_t value, fs_element_type type) {
    switch (type) {
    case FS_ELEMENT_BOOL:
        return value == 0 || value == 1;
    case FS_ELEMENT_UINT8:
        return value >= 0 && value <= UINT8_MAX;
    case FS_ELEMENT_INT32:
        return value >= INT32_MIN && value <= INT32_MAX;
    default:
        return true;
    }
}

/* The engine's int64 in a narrower type of the file. */
static fs_status narrow(uint8_t *out, const int64_t *from, int64_t count, fs_element_type type,
                        fs_error *err) {
    for (int64_t i = 0; i < count; i++) {
        if (!fits(from[i], type))
            return fs_fail(err, FS_ERROR_LIMIT, "%lld does not fit element type %d", (long long)from[i],
                           (int)type);
        if (type == FS_ELEMENT_INT32) {
            const int32_t value = (int32_t)from[i];
            memcpy(out + sizeof value * (size_t)i, &value, sizeof value);
        } else {
            out[i] = (uint8_t)from[i];
        }
    }
    return FS_OK;
}

/* The bytes in file form: the graph's own where they have it already. */
static fs_status raw_data(ProtobufCBinaryData *out, const fs_onnx_builder *b, const fs_tensor *tensor,
                          fs_element_type type, fs_error *err) {
    const size_t count = (size_t)fs_tensor_count(tensor);
    if (type == FS_ELEMENT_FLOAT || type == FS_ELEMENT_INT64) {
        *out = (ProtobufCBinaryData){count * fs_dtype_size(tensor->dtype), tensor->data};
        return FS_OK;
    }
    const size_t size = type == FS_ELEMENT_INT32 ? sizeof(int32_t) : 1;
    uint8_t *bytes = fs_arena_alloc(b->arena, count + 1, size);
    if (!bytes)
        return fs_fail_memory(err, "a tensor");
    *out = (ProtobufCBinaryData){count * size, bytes};
    return narrow(bytes, tensor->data, (int64_t)count, type, err);
}

fs_status fs_onnx_build_tensor(FsOnnx__Tensor **out, const fs_onnx_builder *b, const fs_tensor *tensor,
                               fs_element_type type, fs_error *err) {
    FsOnnx__Tensor *to = fs_arena_alloc(b->arena, 1, sizeof *to);
    int64_t *dims = fs_arena_alloc(b->arena, FS_MAX_RANK, sizeof *dims);
    if (!to || !dims)
        return fs_fail_memory(err, "a tensor");
    fs_onnx__tensor__init(to);
    memcpy(dims, tensor->shape.dim, (size_t)tensor->shape.rank * sizeof *dims);
    to->dims = dims;
    to->n_dims = (size_t)tensor->shape.rank;
    to->data_type = (int32_t)type;
    *out = to;
    return raw_data(&to->raw_data, b, tensor, type, err);
}
