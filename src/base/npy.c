#include "base/npy.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/npy_header.h"
#include "base/text.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "element values are read in little-endian order");

static const char NPY_MAGIC[] = "\x93NUMPY";

enum { NPY_MAGIC_SIZE = 6, NPY_HEADER_ALIGNMENT = 64, NPY_MAX_ELEMENT = 8 };

#define NPY_MAX_FILE ((size_t)4 << 30)

/* ---- elements ---- */

/* IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. */
static float half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = (half >> 10) & 31, fraction = half & 0x3ff;
    if (exponent == 0) {
        float value = (float)fraction * 0x1p-24f; /* zero and the subnormals */
        return sign != 0 ? -value : value;
    }
    uint32_t bits = sign | (exponent == 31 ? 0xffu : exponent + 112) << 23 | fraction << 13;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Reads one element; n is its size in bytes and bytes are little-endian. */
static float element_to_float(const uint8_t *bytes, char kind, int n) {
    uint64_t u = 0;
    memcpy(&u, bytes, (size_t)n);
    if (kind == 'b')
        return u != 0 ? 1.0f : 0.0f;
    if (kind == 'u')
        return (float)u;
    if (kind == 'i') {
        int shift = 64 - 8 * n;
        return (float)((int64_t)(u << shift) >> shift);
    }
    if (n == 2)
        return half_to_float((uint16_t)u);
    double wide;
    float narrow;
    memcpy(&wide, &u, sizeof wide);
    memcpy(&narrow, &u, sizeof narrow);
    return n == 8 ? (float)wide : narrow;
}

static void convert(float *out, const uint8_t *bytes, const fs_npy_header *header) {
    size_t n = (size_t)header->item_size;
    if (header->kind == 'f' && n == sizeof(float) && header->order == '<') {
        if (header->count > 0)
            memcpy(out, bytes, header->count * sizeof(float));
        return;
    }
    for (size_t i = 0; i < header->count; i++, bytes += n) {
        uint8_t element[NPY_MAX_ELEMENT] = {0};
        for (size_t b = 0; b < n; b++)
            element[b] = bytes[header->order == '>' ? n - 1 - b : b];
        out[i] = element_to_float(element, header->kind, (int)n);
    }
}

/* From first index fastest to last index fastest. */
static void to_c_order(float *out, const float *in, const fs_npy_header *header) {
    int64_t index[FS_NPY_MAX_RANK] = {0};
    size_t stride[FS_NPY_MAX_RANK], from = 0;
    for (int d = 0; d < header->rank; d++)
        stride[d] = d == 0 ? 1 : stride[d - 1] * (size_t)header->dim[d - 1];
    for (size_t i = 0; i < header->count; i++) {
        out[i] = in[from];
        for (int d = header->rank - 1; d >= 0; d--) {
            from += stride[d];
            if (++index[d] < header->dim[d])
                break;
            from -= stride[d] * (size_t)header->dim[d];
            index[d] = 0;
        }
    }
}

/* ---- reading ---- */

static fs_status find_header(const uint8_t *bytes, size_t size, size_t *start, size_t *length,
                             fs_error *err) {
    if (size < 10 || memcmp(bytes, NPY_MAGIC, NPY_MAGIC_SIZE) != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "not an .npy file");
    int major = bytes[6], minor = bytes[7];
    if (major < 1 || major > 3 || minor != 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, ".npy format %d.%d is not supported", major, minor);
    *start = major == 1 ? 10 : 12;
    if (size < *start)
        return fs_fail(err, FS_ERROR_FORMAT, "the file ends inside its header");
    *length = bytes[8] | (size_t)bytes[9] << 8;
    if (major > 1)
        *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (*length > size - *start)
        return fs_fail(err, FS_ERROR_FORMAT, "the file ends inside its header");
    return FS_OK;
}

static fs_status read_elements(fs_npy *out, const fs_npy_header *header, const uint8_t *bytes, size_t size,
                               fs_error *err) {
    size_t expected = header->count * (size_t)header->item_size;
    if (size < expected)
        return fs_fail(err, FS_ERROR_FORMAT, "the file ends after %zu of %zu bytes of data", size, expected);
    float *data = fs_alloc_array(header->count, sizeof *data);
    if (data == NULL)
        return fs_fail_memory(err, "the array");
    convert(data, bytes, header);
    if (header->fortran && header->rank > 1) {
        float *ordered = fs_alloc_array(header->count, sizeof *ordered);
        if (ordered == NULL) {
            fs_free(data);
            return fs_fail_memory(err, "the array");
        }
        to_c_order(ordered, data, header);
        fs_free(data);
        data = ordered;
    }
    *out = (fs_npy){.rank = header->rank, .data = data};
    memcpy(out->dim, header->dim, sizeof out->dim);
    return FS_OK;
}

fs_status fs_npy_read(fs_npy *out, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0, start = 0, length = 0;
    fs_npy_header header;
    fs_status status = fs_file_read(&bytes, &size, path, NPY_MAX_FILE, err);
    if (status != FS_OK)
        return status;
    status = find_header(bytes, size, &start, &length, err);
    if (status == FS_OK)
        status = fs_npy_header_parse(&header, (const char *)bytes + start, length, err);
    if (status == FS_OK)
        status = read_elements(out, &header, bytes + start + length, size - start - length, err);
    fs_free(bytes);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", path);
}

void fs_npy_free(fs_npy *npy) {
    fs_free(npy->data);
    *npy = (fs_npy){0};
}

/* ---- writing ---- */

/* Magic, version 1.0, header length and header; the data then starts at a multiple of 64 bytes. */
static void add_header(fs_text *text, int rank, const int64_t *dim) {
    fs_text_add(text, "{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < rank; i++)
        fs_text_add(text, "%s%lld", i > 0 ? ", " : "", (long long)dim[i]);
    fs_text_add(text, "%s), }", rank == 1 ? "," : "");
    while ((10 + text->length + 1) % NPY_HEADER_ALIGNMENT != 0 && !text->failed)
        fs_text_add_bytes(text, " ", 1);
    fs_text_add_bytes(text, "\n", 1);
}

/* A failed write leaves the stream's error mark, which the commit reports. */
static void write_parts(FILE *stream, const fs_text *header, const float *data, size_t count) {
    uint8_t start[10] = {0};
    memcpy(start, NPY_MAGIC, NPY_MAGIC_SIZE);
    start[6] = 1;
    start[8] = (uint8_t)(header->length & 0xff);
    start[9] = (uint8_t)(header->length >> 8);
    (void)fwrite(start, 1, sizeof start, stream);
    (void)fwrite(header->bytes, 1, header->length, stream);
    if (count > 0)
        (void)fwrite(data, sizeof *data, count, stream);
}

static fs_status count_written(const char *path, int rank, const int64_t *dim, size_t *count, fs_error *err) {
    if (rank < 0 || rank > FS_NPY_MAX_RANK)
        return fs_fail(err, FS_ERROR_ARGUMENT, "%s: rank %d is not in 0..%d", path, rank, FS_NPY_MAX_RANK);
    *count = 1;
    for (int i = 0; i < rank; i++)
        if (dim[i] < 0 || __builtin_mul_overflow(*count, (size_t)dim[i], count) || *count > PTRDIFF_MAX / 8)
            return fs_fail(err, FS_ERROR_ARGUMENT, "%s: dimension %d is %lld", path, i, (long long)dim[i]);
    return FS_OK;
}

fs_status fs_npy_write(const char *path, int rank, const int64_t *dim, const float *data, fs_error *err) {
    size_t count = 0;
    fs_file_writer *writer = NULL;
    fs_text header = {0};
    fs_status status = count_written(path, rank, dim, &count, err);
    if (status != FS_OK)
        return status;
    add_header(&header, rank, dim);
    if (fs_text_broken(&header))
        status = fs_fail_memory(err, path);
    if (status == FS_OK)
        status = fs_file_writer_create(&writer, path, err);
    if (status == FS_OK) {
        write_parts(fs_file_writer_stream(writer), &header, data, count);
        status = fs_file_writer_commit(writer, err);
    }
    fs_text_free(&header);
    return status;
}
