/* Class names beside a model, and the check that `pull` makes before it keeps any. */
#include "engine/import/sidecar.h"
#include "fuzz/fuzz.h"
#include "registry/labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *const *labels = NULL;
    int count = 0;
    fs_arena *arena = fs_arena_create();
    fuzz_expect_blocks(fuzz_modest(size));
    const fs_status checked = fs_registry_check_labels((const char *)data, size, NULL);
    const fs_status read = fs_labels_read(&labels, &count, fuzz_file("labels.txt", data, size), arena, NULL);
    fuzz_require(checked != FS_OK || read == FS_OK, "labels that pass the check can be read");
    fs_arena_destroy(arena);
    return 0;
}
