/* What a training run goes on from. Inputs are checkpoints without their last eight bytes, the checksum,
 * which nobody would guess. */
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "engine/train/checkpoint.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fs_checkpoint state;
    const uint64_t hash = fs_hash_bytes(FS_HASH_START, data, size);
    fuzz_expect_blocks(fuzz_modest(size));
    uint8_t *bytes = fs_alloc(size + sizeof hash);
    if (size > 0)
        memcpy(bytes, data, size);
    memcpy(bytes + size, &hash, sizeof hash);
    if (fs_checkpoint_read(&state, fuzz_file("checkpoint.bin", bytes, size + sizeof hash), NULL) == FS_OK)
        fs_checkpoint_free(&state);
    fs_free(bytes);
    return 0;
}
