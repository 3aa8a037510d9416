#include <string.h>

#include "base/alloc.h"
#include "engine/import/onnx_private.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "raw tensor data is little-endian and used as it is");

/* TensorProto.DataType, the public numbers. */
typedef enum element_type {
    TYPE_FLOAT = 1,
    TYPE_UINT8 = 2,
    TYPE_INT32 = 6,
    TYPE_INT64 = 7,
    TYPE_BOOL = 9,
    TYPE_FLOAT16 = 10,
    TYPE_DOUBLE = 11,
    TYPE_BFLOAT16 = 16
} element_type;

static size_t element_size(int type) {
    switch (type) {
    case TYPE_UINT8:
    case TYPE_BOOL:
        return 1;
    case TYPE_FLOAT16:
    case TYPE_BFLOAT16:
        return 2;
    case TYPE_FLOAT:
    case TYPE_INT32:
        return 4;
    case TYPE_INT64:
    case TYPE_DOUBLE:
        return 8;
    default:
        return 0;
    }
}

static fs_dtype engine_type(int type) {
    bool integer = type == TYPE_UINT8 || type == TYPE_BOOL || type == TYPE_INT32 || type == TYPE_INT64;
    return integer ? FS_I64 : FS_F32;
}

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 mantissa bits. */
static float float_of_half(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t exponent = (half >> 10) & 31, mantissa = half & 1023;
    if (exponent == 0) /* zero or subnormal: mantissa * 2^-24 */
        return (sign ? -1.0f : 1.0f) * (float)mantissa * 0x1p-24f;
    if (exponent == 31)
        return float_of_bits(sign | 0x7f800000u | mantissa << 13);
    return float_of_bits(sign | (exponent + 112) << 23 | mantissa << 13);
}

/* One element in file form -> float. */
static float load_float(int type, const uint8_t *at) {
    uint16_t bits;
    double wide;
    float value;
    switch (type) {
    case TYPE_DOUBLE:
        memcpy(&wide, at, sizeof wide);
        return (float)wide;
    case TYPE_FLOAT16:
        memcpy(&bits, at, sizeof bits);
        return float_of_half(bits);
    case TYPE_BFLOAT16:
        memcpy(&bits, at, sizeof bits);
        return float_of_bits((uint32_t)bits << 16);
    default:
        memcpy(&value, at, sizeof value);
        return value;
    }
}

static int64_t load_int(int type, const uint8_t *at) {
    int32_t narrow;
    int64_t wide;
    switch (type) {
    case TYPE_UINT8:
        return *at;
    case TYPE_BOOL:
        return *at != 0;
    case TYPE_INT32:
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    default:
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
}

/* Elements in file form -> a new block in engine form. */
static fs_status convert_raw(void **out, int type, const uint8_t *bytes, int64_t count, fs_error *err) {
    const size_t step = element_size(type);
    const bool integer = engine_type(type) == FS_I64;
    void *block = fs_alloc_array((size_t)count, fs_dtype_size(engine_type(type)));
    if (!block)
        return fs_fail_memory(err, "a tensor");
    for (int64_t i = 0; i < count; i++) {
        const uint8_t *at = bytes + (size_t)i * step;
        if (integer)
            ((int64_t *)block)[i] = load_int(type, at);
        else
            ((float *)block)[i] = load_float(type, at);
    }
    *out = block;
    return FS_OK;
}

/* int32_data holds the small types one a number, halves as their bits. */
static fs_status convert_int32(void **out, int type, const int32_t *from, int64_t count, fs_error *err) {
    const bool integer = engine_type(type) == FS_I64;
    void *block = fs_alloc_array((size_t)count, fs_dtype_size(engine_type(type)));
    if (!block)
        return fs_fail_memory(err, "a tensor");
    for (int64_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)from[i] & 0xffff;
        if (integer)
            ((int64_t *)block)[i] = type == TYPE_BOOL ? from[i] != 0 : from[i];
        else
            ((float *)block)[i] =
                type == TYPE_FLOAT16 ? float_of_half((uint16_t)bits) : float_of_bits(bits << 16);
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

static fs_status from_raw(void **out, FsOnnx__Tensor *tensor, int64_t count, fs_error *err) {
    const size_t expected = (size_t)count * element_size(tensor->data_type);
    if (tensor->raw_data.len != expected)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions need %zu bytes, the file has %zu", expected,
                       tensor->raw_data.len);
    if (tensor->data_type != TYPE_FLOAT && tensor->data_type != TYPE_INT64)
        return convert_raw(out, tensor->data_type, tensor->raw_data.data, count, err);
    *out = take((void **)&tensor->raw_data.data);
    tensor->raw_data.len = 0;
    return FS_OK;
}

/* Numbers in a typed field, as older exporters write them. */
static fs_status from_typed(void **out, FsOnnx__Tensor *tensor, int64_t count, fs_error *err) {
    size_t present;
    switch (tensor->data_type) {
    case TYPE_FLOAT:
        present = tensor->n_float_data;
        break;
    case TYPE_INT64:
        present = tensor->n_int64_data;
        break;
    case TYPE_DOUBLE:
        present = tensor->n_double_data;
        break;
    default:
        present = tensor->n_int32_data;
    }
    if (present != (size_t)count)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions need %lld numbers, the file has %zu",
                       (long long)count, present);
    switch (tensor->data_type) {
    case TYPE_FLOAT:
        tensor->n_float_data = 0;
        *out = take((void **)&tensor->float_data);
        return FS_OK;
    case TYPE_INT64:
        tensor->n_int64_data = 0;
        *out = take((void **)&tensor->int64_data);
        return FS_OK;
    case TYPE_DOUBLE:
        return convert_raw(out, TYPE_DOUBLE, (const uint8_t *)tensor->double_data, count, err);
    default:
        return convert_int32(out, tensor->data_type, tensor->int32_data, count, err);
    }
}

static fs_status from_external(void **out, const fs_onnx_reader *reader, const FsOnnx__Tensor *tensor,
                               int64_t count, fs_error *err) {
    uint8_t *bytes = NULL;
    fs_status status =
        fs_onnx_external(&bytes, reader->path, tensor, (size_t)count * element_size(tensor->data_type), err);
    if (status != FS_OK)
        return status;
    if (tensor->data_type == TYPE_FLOAT || tensor->data_type == TYPE_INT64) {
        *out = bytes;
        return FS_OK;
    }
    status = convert_raw(out, tensor->data_type, bytes, count, err);
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

static fs_status convert(fs_tensor *out, fs_onnx_reader *reader, FsOnnx__Tensor *tensor, fs_error *err) {
    fs_tensor result = {0};
    fs_status status = check_shape(&result.shape, tensor, err);
    if (status != FS_OK)
        return status;
    if (element_size(tensor->data_type) == 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "data type %d is not supported", tensor->data_type);
    if (tensor->segment.len > 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "segmented data are not supported");
    const int64_t count = fs_shape_count(&result.shape);
    result.dtype = engine_type(tensor->data_type);
    const int64_t bytes = count * (int64_t)fs_dtype_size(result.dtype);
    if (bytes > FS_ONNX_MAX_CONSTANT_BYTES - reader->constant_bytes)
        return fs_fail(err, FS_ERROR_LIMIT, "the constants take more than %lld bytes",
                       (long long)FS_ONNX_MAX_CONSTANT_BYTES);
    if (tensor->data_location == 1)
        status = from_external(&result.data, reader, tensor, count, err);
    else if (tensor->raw_data.len > 0)
        status = from_raw(&result.data, tensor, count, err);
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

fs_status fs_onnx_tensor(fs_tensor *out, fs_onnx_reader *reader, FsOnnx__Tensor *tensor, fs_error *err) {
    fs_status status = convert(out, reader, tensor, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "tensor '%s'", tensor->name);
}
