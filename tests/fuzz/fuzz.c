#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

static size_t largest_block;

static int abort_over(size_t size, void *context) {
    (void)context;
    if (size > largest_block) {
        fprintf(stderr, "a block of %zu bytes, more than %zu\n", size, largest_block);
        abort();
    }
    return 1;
}

static int refuse_over(size_t size, void *context) {
    (void)context;
    return size <= largest_block;
}

void fuzz_expect_blocks(size_t largest) {
    largest_block = largest;
    fs_alloc_set_hook(abort_over, NULL);
}

void fuzz_refuse_blocks(size_t largest) {
    largest_block = largest;
    fs_alloc_set_hook(refuse_over, NULL);
}

void fuzz_require(int holds, const char *what) {
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

const char *fuzz_file(const char *name, const uint8_t *data, size_t size) {
    static char path[4096];
    const char *folder = getenv("FS_FUZZ_FOLDER");
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : ".", name);
    FILE *file = fopen(path, "wb");
    fuzz_require(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0,
                 "the input can be written to FS_FUZZ_FOLDER");
    return path;
}
