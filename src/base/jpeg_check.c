#include "base/jpeg_check.h"

#include <stdbool.h>

/* Every scan of a progressive JPEG walks the whole picture, so that a small file of many empty scans could
 * keep the decoder busy for days. Encoders write about ten. */
enum { MAX_SCANS = 100, MAX_SYMBOLS = 256 };

enum { MARKER_DHT = 0xc4, MARKER_RST0 = 0xd0, MARKER_SOI = 0xd8, MARKER_EOI = 0xd9, MARKER_SOS = 0xda };

/* A DHT segment holds tables: a class byte, 16 counts, and as many symbols as the counts sum to. */
static bool huffman_tables_fit(const uint8_t *at, size_t left) {
    while (left > 0) {
        size_t symbols = 0;
        if (left < 17)
            return false;
        for (int i = 1; i <= 16; i++)
            symbols += at[i];
        if (symbols > MAX_SYMBOLS || symbols > left - 17)
            return false;
        at += 17 + symbols;
        left -= 17 + symbols;
    }
    return true;
}

/* The next marker code at or after *at, which moves behind it; 0 at the end. Bytes before a marker are
 * padding or compressed data, where 0xff is followed by 0 or a restart marker. */
static int next_marker(const uint8_t *bytes, size_t size, size_t *at) {
    while (*at + 1 < size) {
        int first = bytes[(*at)++], second = bytes[*at];
        bool restart = second >= MARKER_RST0 && second < MARKER_SOI;
        if (first == 0xff && second != 0 && second != 0xff && !restart) {
            (*at)++;
            return second;
        }
    }
    return 0;
}

fs_status fs_jpeg_check(const uint8_t *bytes, size_t size, fs_error *err) {
    int scans = 0;
    size_t at = 0;
    if (size < 2 || bytes[0] != 0xff || next_marker(bytes, size, &at) != MARKER_SOI)
        return FS_OK;
    for (int marker; (marker = next_marker(bytes, size, &at)) != 0 && marker != MARKER_EOI;) {
        if (size - at < 2)
            break;
        size_t length = (size_t)bytes[at] << 8 | bytes[at + 1];
        bool whole = length >= 2 && length <= size - at;
        if (marker == MARKER_DHT && !(whole && huffman_tables_fit(bytes + at + 2, length - 2)))
            return fs_fail(err, FS_ERROR_FORMAT, "the picture cannot be decoded: bad Huffman table");
        scans += marker == MARKER_SOS;
        if (scans > MAX_SCANS)
            return fs_fail(err, FS_ERROR_LIMIT, "more than %d scans in a JPEG picture", MAX_SCANS);
        if (!whole)
            break; /* the file ends early or is broken: the decoder stops here too */
        at += length;
    }
    return FS_OK;
}
