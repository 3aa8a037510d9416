#include "base/apng.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/file.h"

enum { FILTERS = 5, LEVEL = 6, CHUNK_HEAD = 4 };

typedef struct job {
    FILE *stream;
    const char *path;
    int width, height, channels;
    uint32_t sequence; /* of fcTL and fdAT together */
    size_t row;        /* bytes of a row without the filter's number */
    uint8_t *tried;    /* [FILTERS][1 + row] */
    uint8_t *filtered; /* [height][1 + row] */
    uint8_t *packed;
    size_t packed_size;
} job;

static void put_u32(uint8_t *to, uint32_t value) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* ---- chunks ---- */

/* A chunk's length, name, data in two parts and checksum. */
static fs_status put_chunk(const job *j, const char *name, const uint8_t *head, size_t head_size,
                           const uint8_t *data, size_t size, fs_error *err) {
    uint8_t start[8], checksum[4];
    put_u32(start, (uint32_t)(head_size + size));
    memcpy(start + 4, name, 4);
    uLong crc = crc32_z(0, start + 4, 4);
    if (head_size > 0) /* no bytes are a null pointer, which would start zlib's sum anew */
        crc = crc32_z(crc, head, head_size);
    if (size > 0)
        crc = crc32_z(crc, data, size);
    put_u32(checksum, (uint32_t)crc);
    bool good = fwrite(start, 1, sizeof start, j->stream) == sizeof start &&
                (head_size == 0 || fwrite(head, 1, head_size, j->stream) == head_size) &&
                (size == 0 || fwrite(data, 1, size, j->stream) == size) &&
                fwrite(checksum, 1, sizeof checksum, j->stream) == sizeof checksum;
    return good ? FS_OK : fs_fail(err, FS_ERROR_IO, "%s: %s", j->path, strerror(errno));
}

static fs_status put_header(const job *j, int n_frames, int plays, fs_error *err) {
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    static const uint8_t types[5] = {0, 0, 0, 2, 6}; /* grey, RGB, RGBA */
    uint8_t header[13] = {0}, control[8];
    put_u32(header, (uint32_t)j->width);
    put_u32(header + 4, (uint32_t)j->height);
    header[8] = 8; /* bits */
    header[9] = types[j->channels];
    put_u32(control, (uint32_t)n_frames);
    put_u32(control + 4, (uint32_t)plays);
    if (fwrite(signature, 1, sizeof signature, j->stream) != sizeof signature)
        return fs_fail(err, FS_ERROR_IO, "%s: %s", j->path, strerror(errno));
    fs_status status = put_chunk(j, "IHDR", header, sizeof header, NULL, 0, err);
    return status == FS_OK ? put_chunk(j, "acTL", control, sizeof control, NULL, 0, err) : status;
}

/* The frame that follows covers everything, replaces what was there, and stays. */
static fs_status put_control(job *j, int milliseconds, fs_error *err) {
    uint8_t control[26] = {0};
    put_u32(control, j->sequence++);
    put_u32(control + 4, (uint32_t)j->width);
    put_u32(control + 8, (uint32_t)j->height);
    control[20] = (uint8_t)(milliseconds >> 8);
    control[21] = (uint8_t)milliseconds;
    control[22] = 1000 >> 8;
    control[23] = 1000 & 255;
    return put_chunk(j, "fcTL", control, sizeof control, NULL, 0, err);
}

/* ---- pixels ---- */

/* The predictor of the PNG specification's filter 4: of left, above and above left the one nearest to
 * left + above - above left. */
static int paeth(int left, int above, int corner) {
    const int to_left = abs(above - corner), to_above = abs(left - corner);
    const int to_corner = abs(left + above - 2 * corner);
    if (to_left <= to_above && to_left <= to_corner)
        return left;
    return to_above <= to_corner ? above : corner;
}

static int predict(int filter, int left, int above, int corner) {
    switch (filter) {
    case 1:
        return left;
    case 2:
        return above;
    case 3:
        return (left + above) / 2;
    case 4:
        return paeth(left, above, corner);
    default:
        return 0;
    }
}

/* Row `y` through a filter; returns the sum of the differences' magnitudes, by which rows choose theirs. */
static long filter_row(const job *j, const uint8_t *row, bool first, int filter, uint8_t *out) {
    const uint8_t *above = row - j->row;
    const size_t bytes = (size_t)j->channels;
    long sum = 0;
    *out++ = (uint8_t)filter;
    for (size_t i = 0; i < j->row; i++) {
        const int left = i >= bytes ? row[i - bytes] : 0, up = first ? 0 : above[i];
        const int corner = i >= bytes && !first ? above[i - bytes] : 0;
        out[i] = (uint8_t)(row[i] - predict(filter, left, up, corner));
        sum += out[i] < 128 ? out[i] : 256 - out[i];
    }
    return sum;
}

static fs_status pack(job *j, const fs_image *image, size_t *size, fs_error *err) {
    for (int y = 0; y < j->height; y++) {
        long least = -1;
        int best = 0;
        for (int f = 0; f < FILTERS; f++) {
            long sum = filter_row(j, image->pixels + (size_t)y * j->row, y == 0, f,
                                  j->tried + (size_t)f * (j->row + 1));
            if (least < 0 || sum < least) {
                least = sum;
                best = f;
            }
        }
        memcpy(j->filtered + (size_t)y * (j->row + 1), j->tried + (size_t)best * (j->row + 1), j->row + 1);
    }
    uLongf packed = j->packed_size;
    if (compress2(j->packed, &packed, j->filtered, (size_t)j->height * (j->row + 1), LEVEL) != Z_OK)
        return fs_fail_memory(err, j->path);
    *size = packed;
    return FS_OK;
}

static fs_status put_frame(job *j, const fs_apng_frame *frame, bool first, fs_error *err) {
    uint8_t number[CHUNK_HEAD];
    size_t size = 0;
    fs_status status = put_control(j, frame->milliseconds, err);
    if (status == FS_OK)
        status = pack(j, frame->image, &size, err);
    if (status != FS_OK)
        return status;
    if (first)
        return put_chunk(j, "IDAT", NULL, 0, j->packed, size, err);
    put_u32(number, j->sequence++);
    return put_chunk(j, "fdAT", number, sizeof number, j->packed, size, err);
}

/* ---- the file ---- */

static fs_status check(const char *path, const fs_apng_frame *frames, int n, int plays, fs_error *err) {
    const fs_image *first = n > 0 ? frames[0].image : NULL;
    bool good = n > 0 && n <= FS_APNG_MAX_FRAMES && plays >= 0 && first->width > 0 && first->height > 0 &&
                (first->channels == 1 || first->channels == 3 || first->channels == 4);
    for (int i = 0; i < n && good; i++)
        good = frames[i].image->width == first->width && frames[i].image->height == first->height &&
               frames[i].image->channels == first->channels && frames[i].milliseconds >= 0 &&
               frames[i].milliseconds <= 65535;
    return good ? FS_OK
                : fs_fail(err, FS_ERROR_ARGUMENT, "%s: not pictures that one animation can hold", path);
}

static fs_status put_all(job *j, const fs_apng_frame *frames, int n, int plays, fs_error *err) {
    fs_status status = put_header(j, n, plays, err);
    for (int i = 0; i < n && status == FS_OK; i++)
        status = put_frame(j, &frames[i], i == 0, err);
    return status == FS_OK ? put_chunk(j, "IEND", NULL, 0, NULL, 0, err) : status;
}

fs_status fs_apng_write(const char *path, const fs_apng_frame *frames, int n_frames, int plays,
                        fs_error *err) {
    fs_file_writer *writer = NULL;
    fs_status status = check(path, frames, n_frames, plays, err);
    if (status != FS_OK)
        return status;
    const fs_image *first = frames[0].image;
    job j = {.path = path, .width = first->width, .height = first->height, .channels = first->channels};
    j.row = (size_t)j.width * (size_t)j.channels;
    const size_t bytes = (size_t)j.height * (j.row + 1);
    j.packed_size = compressBound(bytes);
    j.tried = fs_alloc_array(FILTERS, j.row + 1);
    j.filtered = fs_alloc(bytes);
    j.packed = fs_alloc(j.packed_size);
    if (!j.tried || !j.filtered || !j.packed)
        status = fs_fail_memory(err, path);
    if (status == FS_OK)
        status = fs_file_writer_create(&writer, path, err);
    if (status == FS_OK) {
        j.stream = fs_file_writer_stream(writer);
        status = put_all(&j, frames, n_frames, plays, err);
        if (status == FS_OK)
            status = fs_file_writer_commit(writer, err);
        else
            fs_file_writer_abandon(writer);
    }
    fs_free(j.tried);
    fs_free(j.filtered);
    fs_free(j.packed);
    return status;
}
