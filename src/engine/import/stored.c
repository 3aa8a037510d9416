#include "engine/import/stored.h"

#include <string.h>

#include "base/alloc.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "raw tensor data is little-endian and used as it is");

size_t fs_stored_size(fs_element_type type) {
    switch (type) {
    case FS_ELEMENT_UINT8:
    case FS_ELEMENT_BOOL:
        return 1;
    case FS_ELEMENT_FLOAT16:
    case FS_ELEMENT_BFLOAT16:
        return 2;
    case FS_ELEMENT_FLOAT:
    case FS_ELEMENT_INT32:
        return 4;
    case FS_ELEMENT_INT64:
    case FS_ELEMENT_DOUBLE:
        return 8;
    case FS_ELEMENT_UNKNOWN:
        break;
    }
    return 0;
}

fs_dtype fs_stored_dtype(fs_element_type type) {
    bool integer = type == FS_ELEMENT_UINT8 || type == FS_ELEMENT_BOOL || type == FS_ELEMENT_INT32 ||
                   type == FS_ELEMENT_INT64;
    return integer ? FS_I64 : FS_F32;
}

static float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 mantissa bits. */
float fs_float_of_half(uint16_t bits) {
    const uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
    const uint32_t exponent = (bits >> 10) & 31, mantissa = bits & 1023;
    if (exponent == 0) /* zero or subnormal: mantissa * 2^-24 */
        return (sign ? -1.0f : 1.0f) * (float)mantissa * 0x1p-24f;
    if (exponent == 31)
        return float_of_bits(sign | 0x7f800000u | mantissa << 13);
    return float_of_bits(sign | (exponent + 112) << 23 | mantissa << 13);
}

/* The low bits go by rounding to nearest, ties to even; a carry into the exponent is as it should be. */
static uint32_t shift_rounded(uint32_t bits, uint32_t shift) {
    const uint32_t kept = bits >> shift, rest = bits & ((1u << shift) - 1), tie = 1u << (shift - 1);
    return kept + (rest > tie || (rest == tie && (kept & 1)));
}

uint16_t fs_half_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
    const uint32_t exponent = magnitude >> 23;
    if (magnitude > 0x7f800000u)
        return (uint16_t)(sign | 0x7e00); /* not a number */
    if (magnitude >= 0x477ff000u)
        return (uint16_t)(sign | 0x7c00); /* rounds to 65536 or more: infinity */
    if (exponent >= 113)
        return (uint16_t)(sign | (shift_rounded(magnitude, 13) - (112u << 10)));
    if (exponent < 102)
        return (uint16_t)sign; /* less than half of the smallest number, 2^-24 */
    return (uint16_t)(sign | shift_rounded((magnitude & 0x7fffff) | 0x800000, 126 - exponent));
}

/* The upper half of a float32. */
float fs_float_of_bfloat16(uint16_t bits) {
    return float_of_bits((uint32_t)bits << 16);
}

/* One element in file form -> float. */
static float load_float(fs_element_type type, const uint8_t *at) {
    uint16_t bits;
    double wide;
    float value;
    switch (type) {
    case FS_ELEMENT_DOUBLE:
        memcpy(&wide, at, sizeof wide);
        return (float)wide;
    case FS_ELEMENT_FLOAT16:
        memcpy(&bits, at, sizeof bits);
        return fs_float_of_half(bits);
    case FS_ELEMENT_BFLOAT16:
        memcpy(&bits, at, sizeof bits);
        return fs_float_of_bfloat16(bits);
    default:
        memcpy(&value, at, sizeof value);
        return value;
    }
}

static int64_t load_int(fs_element_type type, const uint8_t *at) {
    int32_t narrow;
    int64_t wide;
    switch (type) {
    case FS_ELEMENT_UINT8:
        return *at;
    case FS_ELEMENT_BOOL:
        return *at != 0;
    case FS_ELEMENT_INT32:
        memcpy(&narrow, at, sizeof narrow);
        return narrow;
    default:
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
}

fs_status fs_stored_convert(void **out, fs_element_type type, const uint8_t *bytes, int64_t count,
                            fs_error *err) {
    const size_t step = fs_stored_size(type);
    const bool integer = fs_stored_dtype(type) == FS_I64;
    void *block = fs_alloc_array((size_t)count, fs_dtype_size(fs_stored_dtype(type)));
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
