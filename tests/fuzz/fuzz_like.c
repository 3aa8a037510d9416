/* The settings in a picture's text chunks, which `render --like` reads. The checksums of the chunks are made
 * right before, so that changed chunks are looked at. */
#include <string.h>
#include <zlib.h>

#include "app/render_export.h"
#include "base/alloc.h"
#include "fuzz/fuzz.h"

enum { SIGNATURE = 8, LENGTH = 4, TYPE = 4, CHECKSUM = 4 };

static size_t read_number(const uint8_t *p) {
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

static void mend_checksums(uint8_t *png, size_t size) {
    size_t at = SIGNATURE;
    while (at + LENGTH + TYPE + CHECKSUM <= size) {
        const size_t length = read_number(png + at), body = TYPE + length;
        if (length > size - at - LENGTH - TYPE - CHECKSUM)
            return;
        const uint32_t sum = (uint32_t)crc32(0, png + at + LENGTH, (uInt)body);
        for (int i = 0; i < CHECKSUM; i++)
            png[at + LENGTH + body + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += LENGTH + body + CHECKSUM;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fs_render_settings settings;
    fs_render_origin origin;
    char *model = NULL;
    fuzz_expect_blocks(fuzz_modest(size));
    uint8_t *png = fs_alloc(size);
    if (size > 0)
        memcpy(png, data, size);
    mend_checksums(png, size);
    const char *path = fuzz_file("picture.png", png, size);
    if (fs_render_import(&settings, &model, path, NULL) == FS_OK) {
        (void)fs_render_import_origin(&origin, path, NULL);
        (void)fs_render_check_objective(&settings, NULL);
        (void)fs_render_resolve(&settings, NULL);
    }
    fs_free(model);
    fs_free(png);
    return 0;
}
