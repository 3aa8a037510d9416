/* What the fuzz targets share. A target is one file with one function, which libFuzzer calls with bytes:
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
 *         fuzz_expect_blocks(fuzz_modest(size));
 *         if (fs_npy_read(&npy, fuzz_file("a.npy", data, size), NULL) == FS_OK) ...
 *
 * Whatever the bytes are, it must come back, quickly, without a leak. tools/fuzz builds and runs them all. */
#ifndef FS_TESTS_FUZZ_FUZZ_H
#define FS_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the bytes as a file of that name into the folder FS_FUZZ_FOLDER, by default the working directory;
 * its path is valid until the next call. */
const char *fuzz_file(const char *name, const uint8_t *data, size_t size);

/* From here on a block that is larger is a finding: nothing in the input was worth so much. */
void fuzz_expect_blocks(size_t largest);
/* From here on larger blocks are refused, as when memory is short. For what may rightly be large but would
 * only make the target slow. */
void fuzz_refuse_blocks(size_t largest);

/* What reading `size` bytes may ask for at once. */
static inline size_t fuzz_modest(size_t size) {
    return ((size_t)16 << 20) + 64 * size;
}

/* A finding of the target's own: what should hold does not. */
void fuzz_require(int holds, const char *what);

#endif
