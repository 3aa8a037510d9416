/* Pictures: JPEG, PNG, BMP. */
#include "base/image.h"
#include "fuzz/fuzz.h"

/* Larger ones are within the limits but take seconds to decode under the sanitizers. */
enum { LARGEST_BLOCK = 16 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fs_image image;
    fuzz_refuse_blocks(LARGEST_BLOCK);
    if (fs_image_read(&image, fuzz_file("picture", data, size), NULL) == FS_OK)
        fs_image_free(&image);
    return 0;
}
