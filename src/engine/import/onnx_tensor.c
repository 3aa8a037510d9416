#include <string.h>

#include "base/alloc.h"
#include "engine/import/onnx_private.h"

/* int32_data holds the small types one a number, halves as their bits. */
static fs_status convert_int32(void **out, fs_element_type type, const int32_t *from, int64_t count,
                               fs_error *err) {
    const bool integer = fs_stored_dtype(type) == FS_I64;
    void *block = fs_alloc_array((size_t)count, fs_dtype_size(fs_stored_dtype(type)));
    if (!block)
        return fs_fail_memory(err, "a tensor");
    for (int64_t i = 0; i < count; i++) {
        const uint16_t bits = (uint16_t)from[i];
        if (integer)
            ((int64_t *)block)[i] = type == FS_ELEMENT_BOOL ? from[i] != 0 : from[i];
        else
            ((float *)block)[i] =
                type == FS_ELEMENT_FLOAT16 ? fs_float_of_half(bits) : fs_float_of_bfloat16(bits);
    }
    *out = block;
    return FS_OK;
}

/* A block of the message becomes the caller's: the message forgets it. */
static void *take(void **field) {
    void *block = *field;
    *field = NULL;
    return block;
}

/* Bytes of the file in a new block. */
static fs_status read_span(uint8_t **out, const fs_onnx_reader *reader, const fs_onnx_span *raw,
                           fs_error *err) {
    uint8_t *bytes = fs_alloc(raw->length);
    if (!bytes)
        return fs_fail_memory(err, "a tensor");
    fs_status status = fs_file_reader_read(reader->message->file, raw->offset, bytes, raw->length, err);
    if (status == FS_OK)
        *out = bytes;
    else
        fs_free(bytes);
    return status;
}

static bool is_stored_as_used(fs_element_type type) {
    return type == FS_ELEMENT_FLOAT || type == FS_ELEMENT_INT64;
}

static fs_status from_file(void **out, const fs_onnx_reader *reader, fs_element_type type,
                           const fs_onnx_span *raw, int64_t count, fs_error *err) {
    uint8_t *bytes = NULL;
    fs_status status = read_span(&bytes, reader, raw, err);
    if (status != FS_OK)
        return status;
    if (is_stored_as_used(type)) {
        *out = bytes;
        return FS_OK;
    }
    status = fs_stored_convert(out, type, bytes, count, err);
    fs_free(bytes);
    return status;
}

static fs_status from_raw(void **out, const fs_onnx_reader *reader, FsOnnx__Tensor *tensor,
                          const fs_onnx_span *raw, int64_t count, fs_error *err) {
    const fs_element_type type = (fs_element_type)tensor->data_type;
    const size_t expected = (size_t)count * fs_stored_size(type);
    const size_t present = raw ? raw->length : tensor->raw_data.len;
    if (present != expected)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions need %zu bytes, the file has %zu", expected,
                       present);
    if (raw)
        return from_file(out, reader, type, raw, count, err);
    if (!is_stored_as_used(type))
        return fs_stored_convert(out, type, tensor->raw_data.data, count, err);
    *out = take((void **)&tensor->raw_data.data);
    tensor->raw_data.len = 0;
    return FS_OK;
}

/* Numbers in a typed field, as older exporters write them. */
static fs_status from_typed(void **out, FsOnnx__Tensor *tensor, int64_t count, fs_error *err) {
    const fs_element_type type = (fs_element_type)tensor->data_type;
    size_t present;
    switch (type) {
    case FS_ELEMENT_FLOAT:
        present = tensor->n_float_data;
        break;
    case FS_ELEMENT_INT64:
        present = tensor->n_int64_data;
        break;
    case FS_ELEMENT_DOUBLE:
        present = tensor->n_double_data;
        break;
    default:
        present = tensor->n_int32_data;
    }
    if (present != (size_t)count)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions need %lld numbers, the file has %zu",
                       (long long)count, present);
    switch (type) {
    case FS_ELEMENT_FLOAT:
        tensor->n_float_data = 0;
        *out = take((void **)&tensor->float_data);
        return FS_OK;
    case FS_ELEMENT_INT64:
        tensor->n_int64_data = 0;
        *out = take((void **)&tensor->int64_data);
        return FS_OK;
    case FS_ELEMENT_DOUBLE:
        return fs_stored_convert(out, type, (const uint8_t *)tensor->double_data, count, err);
    default:
        return convert_int32(out, type, tensor->int32_data, count, err);
    }
}

static fs_status from_external(void **out, const fs_onnx_reader *reader, const FsOnnx__Tensor *tensor,
                               int64_t count, fs_error *err) {
    const fs_element_type type = (fs_element_type)tensor->data_type;
    uint8_t *bytes = NULL;
    fs_status status =
        fs_onnx_external(&bytes, reader->path, tensor, (size_t)count * fs_stored_size(type), err);
    if (status != FS_OK)
        return status;
    if (is_stored_as_used(type)) {
        *out = bytes;
        return FS_OK;
    }
    status = fs_stored_convert(out, type, bytes, count, err);
    fs_free(bytes);
    return status;
}

static fs_status check_shape(fs_shape *out, const FsOnnx__Tensor *tensor, fs_error *err) {
    if (tensor->n_dims > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "%zu dimensions, more than %d", tensor->n_dims, FS_MAX_RANK);
    fs_shape shape = {.rank = (int)tensor->n_dims};
    for (size_t i = 0; i < tensor->n_dims; i++)
        shape.dim[i] = tensor->dims[i];
    if (fs_shape_count(&shape) < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions are negative or enormous");
    *out = shape;
    return FS_OK;
}

static fs_status convert(fs_tensor *out, fs_onnx_reader *reader, FsOnnx__Tensor *tensor,
                         const fs_onnx_span *raw, fs_error *err) {
    fs_tensor result = {0};
    fs_status status = check_shape(&result.shape, tensor, err);
    if (status != FS_OK)
        return status;
    const fs_element_type type = (fs_element_type)tensor->data_type;
    if (fs_stored_size(type) == 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "data type %d is not supported", tensor->data_type);
    if (tensor->segment.len > 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "segmented data are not supported");
    const int64_t count = fs_shape_count(&result.shape);
    result.dtype = fs_stored_dtype(type);
    const int64_t bytes = count * (int64_t)fs_dtype_size(result.dtype);
    if (bytes > FS_MAX_CONSTANT_BYTES - reader->constant_bytes)
        return fs_fail(err, FS_ERROR_LIMIT, "the constants take more than %lld bytes",
                       (long long)FS_MAX_CONSTANT_BYTES);
    if (tensor->data_location == 1)
        status = from_external(&result.data, reader, tensor, count, err);
    else if (raw || tensor->raw_data.len > 0)
        status = from_raw(&result.data, reader, tensor, raw, count, err);
    else
        status = from_typed(&result.data, tensor, count, err);
    if (status == FS_OK && !result.data) /* an empty tensor */
        status = (result.data = fs_alloc(0)) ? FS_OK : fs_fail_memory(err, "a tensor");
    if (status != FS_OK)
        return status;
    reader->constant_bytes += bytes;
    *out = result;
    return FS_OK;
}

fs_status fs_onnx_tensor(fs_tensor *out, fs_onnx_reader *reader, FsOnnx__Tensor *tensor,
                         const fs_onnx_span *raw, fs_error *err) {
    fs_status status = convert(out, reader, tensor, raw && raw->length ? raw : NULL, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "tensor '%s'", tensor->name);
}
