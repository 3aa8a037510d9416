/* NumPy's files. */
#include "base/npy.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fs_npy npy;
    fuzz_expect_blocks(fuzz_modest(size));
    if (fs_npy_read(&npy, fuzz_file("a.npy", data, size), NULL) == FS_OK)
        fs_npy_free(&npy);
    return 0;
}
