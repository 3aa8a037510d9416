#include <string.h>

#include "base/alloc.h"
#include "engine/import/graphdef_private.h"

/* A tensor may give fewer numbers than it has elements: the last one is repeated. So a few bytes can stand
 * for any size; all tensors of a file together may repeat this many times. */
static const int64_t max_spread = (int64_t)1 << 26;

/* tensorflow::DataType, the public numbers. */
static fs_element_type element_of(int type) {
    switch (type) {
    case 1:
        return FS_ELEMENT_FLOAT;
    case 2:
        return FS_ELEMENT_DOUBLE;
    case 3:
        return FS_ELEMENT_INT32;
    case 4:
        return FS_ELEMENT_UINT8;
    case 9:
        return FS_ELEMENT_INT64;
    case 10:
        return FS_ELEMENT_BOOL;
    case 14:
        return FS_ELEMENT_BFLOAT16;
    case 19:
        return FS_ELEMENT_FLOAT16;
    default:
        return FS_ELEMENT_UNKNOWN;
    }
}

bool fs_graphdef_type_is_floating(int type) {
    const fs_element_type element = element_of(type);
    return element != FS_ELEMENT_UNKNOWN && fs_stored_dtype(element) == FS_F32;
}

bool fs_graphdef_type_is_bool(int type) {
    return element_of(type) == FS_ELEMENT_BOOL;
}

/* int8, int16 and the unsigned types are numbers a cast may pass through, though no constants are read of
 * them. */
bool fs_graphdef_type_is_integer(int type) {
    const fs_element_type element = element_of(type);
    return type == 5 || type == 6 || type == 17 || type == 22 || type == 23 || element == FS_ELEMENT_INT32 ||
           element == FS_ELEMENT_INT64 || element == FS_ELEMENT_UINT8;
}

/* The numbers given one by one, in the field that belongs to the type. */
typedef struct numbers {
    size_t count;
    const float *floats;
    const double *doubles;
    const int32_t *ints;
    const int64_t *wide;
    const protobuf_c_boolean *bools;
    fs_element_type type;
} numbers;

static numbers numbers_of(const fs_graphdef_tensor *from, fs_element_type type) {
    numbers n = {.type = type};
    switch (type) {
    case FS_ELEMENT_FLOAT:
        n.count = from->n_float_val;
        n.floats = from->float_val;
        break;
    case FS_ELEMENT_DOUBLE:
        n.count = from->n_double_val;
        n.doubles = from->double_val;
        break;
    case FS_ELEMENT_INT64:
        n.count = from->n_int64_val;
        n.wide = from->int64_val;
        break;
    case FS_ELEMENT_BOOL:
        n.count = from->n_bool_val;
        n.bools = from->bool_val;
        break;
    case FS_ELEMENT_FLOAT16:
    case FS_ELEMENT_BFLOAT16:
        n.count = from->n_half_val;
        n.ints = from->half_val;
        break;
    default:
        n.count = from->n_int_val;
        n.ints = from->int_val;
    }
    return n;
}

static float float_at(const numbers *n, size_t i) {
    if (n->floats)
        return n->floats[i];
    if (n->doubles)
        return (float)n->doubles[i];
    const uint16_t bits = (uint16_t)n->ints[i];
    return n->type == FS_ELEMENT_FLOAT16 ? fs_float_of_half(bits) : fs_float_of_bfloat16(bits);
}

static int64_t int_at(const numbers *n, size_t i) {
    return n->wide ? n->wide[i] : n->bools ? n->bools[i] != 0 : n->ints[i];
}

/* Fewer numbers than elements: the last is repeated; none at all stand for zeros. */
static fs_status from_numbers(void **out, fs_graphdef_reader *reader, const fs_graphdef_tensor *from,
                              fs_element_type type, int64_t count, fs_error *err) {
    const numbers n = numbers_of(from, type);
    const bool integer = fs_stored_dtype(type) == FS_I64;
    if (n.count > (size_t)count)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions need %lld numbers, the file has %zu",
                       (long long)count, n.count);
    const int64_t repeated = count - (int64_t)n.count;
    if (repeated > max_spread - reader->spread)
        return fs_fail(err, FS_ERROR_LIMIT, "it repeats a number %lld times, which is too often",
                       (long long)repeated);
    reader->spread += repeated;
    void *block = fs_alloc_array((size_t)count, fs_dtype_size(fs_stored_dtype(type)));
    if (!block)
        return fs_fail_memory(err, "a tensor");
    for (size_t i = 0; i < (size_t)count; i++) {
        const size_t at = i < n.count ? i : n.count - 1;
        if (integer)
            ((int64_t *)block)[i] = n.count ? int_at(&n, at) : 0;
        else
            ((float *)block)[i] = n.count ? float_at(&n, at) : 0;
    }
    *out = block;
    return FS_OK;
}

static fs_status read_shape(fs_shape *out, const FsGraphdef__Shape *from, fs_error *err) {
    fs_shape shape = {0};
    const size_t rank = from ? from->n_dim : 0;
    if (from && from->unknown_rank)
        return fs_fail(err, FS_ERROR_FORMAT, "its shape is not known");
    if (rank > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "%zu dimensions, more than %d", rank, FS_MAX_RANK);
    shape.rank = (int)rank;
    for (size_t i = 0; i < rank; i++)
        shape.dim[i] = from->dim[i]->size;
    if (fs_shape_count(&shape) < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions are negative or enormous");
    *out = shape;
    return FS_OK;
}

static fs_status convert(fs_tensor *out, fs_graphdef_reader *reader, const fs_graphdef_tensor *from,
                         fs_error *err) {
    fs_tensor result = {0};
    fs_status status = read_shape(&result.shape, from->tensor_shape, err);
    if (status != FS_OK)
        return status;
    const fs_element_type type = element_of(from->dtype);
    if (type == FS_ELEMENT_UNKNOWN)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "data type %d is not supported", from->dtype);
    result.dtype = fs_stored_dtype(type);
    const int64_t count = fs_shape_count(&result.shape);
    const int64_t bytes = count * (int64_t)fs_dtype_size(result.dtype);
    if (bytes > FS_MAX_CONSTANT_BYTES - reader->constant_bytes)
        return fs_fail(err, FS_ERROR_LIMIT, "the constants take more than %lld bytes",
                       (long long)FS_MAX_CONSTANT_BYTES);
    const size_t content = from->tensor_content.len, expected = (size_t)count * fs_stored_size(type);
    if (content > 0 && content != expected)
        return fs_fail(err, FS_ERROR_FORMAT, "its dimensions need %zu bytes, the file has %zu", expected,
                       content);
    if (content > 0)
        status = fs_stored_convert(&result.data, type, from->tensor_content.data, count, err);
    else
        status = from_numbers(&result.data, reader, from, type, count, err);
    if (status != FS_OK)
        return status;
    reader->constant_bytes += bytes;
    *out = result;
    return FS_OK;
}

static fs_status prefix(const fs_graphdef_node *node, fs_status status, fs_error *err) {
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "constant '%s'", node->name);
}

static fs_status tensor_of(const fs_graphdef_tensor **out, const fs_graphdef_node *node, fs_error *err) {
    *out = fs_graphdef_tensor_of(node, "value");
    return *out ? FS_OK : fs_fail(err, FS_ERROR_FORMAT, "it has no value");
}

fs_status fs_graphdef_decode(fs_tensor *out, fs_graphdef_reader *reader, const fs_graphdef_node *node,
                             fs_error *err) {
    const fs_graphdef_tensor *from;
    fs_status status = tensor_of(&from, node, err);
    if (status == FS_OK)
        status = convert(out, reader, from, err);
    return prefix(node, status, err);
}

fs_status fs_graphdef_constant_shape(fs_shape *out, const fs_graphdef_node *node, fs_error *err) {
    const fs_graphdef_tensor *from;
    fs_status status = tensor_of(&from, node, err);
    if (status == FS_OK)
        status = read_shape(out, from->tensor_shape, err);
    return prefix(node, status, err);
}
