#include "engine/import/unpack.h"

#include "base/alloc.h"

/* Unpacked, a message takes about its own size; tiny messages (two bytes in the file) take up to a hundred
 * times more, which an honest file has few of. */
#define UNPACK_FIXED ((size_t)256 << 20)
enum { UNPACK_FACTOR = 2, BLOCK_OVERHEAD = FS_ALIGNMENT };

static void *budget_alloc(void *data, size_t size) {
    fs_unpack_budget *budget = data;
    if (size > budget->left || budget->left - size < BLOCK_OVERHEAD) {
        budget->exceeded = true;
        return NULL;
    }
    budget->left -= size + BLOCK_OVERHEAD;
    void *block = fs_alloc(size);
    budget->out_of_memory = budget->out_of_memory || !block;
    return block;
}

static void budget_free(void *data, void *block) {
    (void)data;
    fs_free(block);
}

void fs_unpack_budget_begin(fs_unpack_budget *budget, size_t size) {
    *budget = (fs_unpack_budget){.allocator = {budget_alloc, budget_free, budget},
                                 .left = UNPACK_FACTOR * size + UNPACK_FIXED};
}

fs_status fs_unpack_budget_check(const fs_unpack_budget *budget, bool unpacked, const char *what,
                                 fs_error *err) {
    if (budget->exceeded)
        return fs_fail(err, FS_ERROR_LIMIT, "not %s (its parts take far more memory than its bytes)", what);
    if (budget->out_of_memory)
        return fs_fail_memory(err, "the model");
    return unpacked ? FS_OK : fs_fail(err, FS_ERROR_FORMAT, "not %s (malformed or truncated)", what);
}
