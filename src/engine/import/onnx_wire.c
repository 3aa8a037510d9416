/* The protobuf wire format, as far as it takes to walk over fields without parsing them:
 * https://protobuf.dev/programming-guides/encoding */
#include "engine/import/onnx_private.h"

enum { VARINT_MAX_BYTES = 10, WIRE_VARINT = 0, WIRE_64_BIT = 1, WIRE_32_BIT = 5 };

fs_status fs_onnx_malformed(fs_error *err) {
    return fs_fail(err, FS_ERROR_FORMAT, "not an ONNX model (malformed or truncated)");
}

/* Reads a varint that ends before `end`; *at moves behind it. */
static fs_status read_varint(uint64_t *out, fs_file_reader *file, size_t *at, size_t end, fs_error *err) {
    uint8_t bytes[VARINT_MAX_BYTES];
    const size_t left = end - *at, count = left < VARINT_MAX_BYTES ? left : VARINT_MAX_BYTES;
    fs_status status = fs_file_reader_read(file, *at, bytes, count, err);
    if (status != FS_OK)
        return status;
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++) {
        value |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] & 0x80)
            continue;
        *at += i + 1;
        *out = value;
        return FS_OK;
    }
    return fs_onnx_malformed(err);
}

fs_status fs_onnx_next_field(fs_onnx_field *out, fs_file_reader *file, size_t at, size_t end, fs_error *err) {
    fs_onnx_field field = {.start = at};
    uint64_t tag, length = 0;
    fs_status status = read_varint(&tag, file, &at, end, err);
    if (status != FS_OK)
        return status;
    field.number = tag >> 3;
    if (field.number == 0)
        return fs_onnx_malformed(err);
    field.is_message = (tag & 7) == FS_WIRE_LENGTH;
    field.body.offset = at;
    if ((tag & 7) == WIRE_VARINT || field.is_message) {
        status = read_varint(&length, file, &at, end, err);
        field.body.offset = field.is_message ? at : field.body.offset;
        length = field.is_message ? length : at - field.body.offset;
    } else if ((tag & 7) == WIRE_64_BIT || (tag & 7) == WIRE_32_BIT) {
        length = (tag & 7) == WIRE_64_BIT ? 8 : 4;
    } else {
        status = fs_onnx_malformed(err);
    }
    if (status == FS_OK && length > end - field.body.offset)
        status = fs_onnx_malformed(err);
    field.body.length = (size_t)length;
    field.end = field.body.offset + (size_t)length;
    if (status == FS_OK)
        *out = field;
    return status;
}
