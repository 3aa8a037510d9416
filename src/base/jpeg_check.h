/* A look at a JPEG file's segments before the decoder sees them: it trusts the sizes of Huffman tables and
 * takes any number of scans. Format: ITU-T T.81, annex B. */
#ifndef FS_BASE_JPEG_CHECK_H
#define FS_BASE_JPEG_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* FS_OK for bytes that are no JPEG at all: other decoders judge those. Messages do not name the file. */
fs_status fs_jpeg_check(const uint8_t *bytes, size_t size, fs_error *err);

#endif
