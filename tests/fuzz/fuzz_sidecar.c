/* The JSON beside a model; labels it names are looked for in the same folder, where there are none. */
#include "engine/import/sidecar.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fs_sidecar sidecar;
    fs_arena *arena = fs_arena_create();
    fuzz_expect_blocks(fuzz_modest(size));
    if (fs_sidecar_read(&sidecar, fuzz_file("sidecar.json", data, size), arena, NULL) == FS_OK)
        fuzz_require(sidecar.height >= 0 && sidecar.height <= FS_SIDECAR_MAX_SIDE, "the height is in range");
    fs_arena_destroy(arena);
    return 0;
}
