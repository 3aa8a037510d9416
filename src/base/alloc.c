#include "base/alloc.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/json.h"

/* Blocks of at least one huge page are aligned to it, so that the kernel can back them with huge pages:
 * tensors are walked from end to end, and fewer page faults and TLB misses are worth the hint. */
enum { HUGE_PAGE = 2 * 1024 * 1024 };

static fs_alloc_hook alloc_hook;
static void *alloc_hook_context;

void fs_alloc_set_hook(fs_alloc_hook hook, void *context) {
    alloc_hook = hook;
    alloc_hook_context = context;
}

void *fs_alloc(size_t size) {
    if (alloc_hook != NULL && !alloc_hook(size, alloc_hook_context))
        return NULL;
    if (size > (size_t)PTRDIFF_MAX - HUGE_PAGE)
        return NULL;
    void *block = NULL;
#ifdef FS_EXACT_BLOCKS /* AddressSanitizer then sees the first byte behind the block */
    size_t rounded = size;
#else
    size_t rounded = (size + FS_ALIGNMENT - 1) / FS_ALIGNMENT * FS_ALIGNMENT;
#endif
    if (rounded == 0)
        rounded = FS_ALIGNMENT;
    size_t alignment = rounded >= HUGE_PAGE ? HUGE_PAGE : FS_ALIGNMENT;
    if (posix_memalign(&block, alignment, rounded) != 0)
        return NULL;
    if (alignment == HUGE_PAGE)
        (void)madvise(block, rounded / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* a hint: may be refused */
    return block;
}

void *fs_alloc_array(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return fs_alloc(bytes);
}

void *fs_calloc(size_t count, size_t size) {
    void *block = fs_alloc_array(count, size);
    if (block != NULL)
        memset(block, 0, count * size);
    return block;
}

void *fs_realloc(void *block, size_t old_size, size_t new_size) {
    void *grown = fs_alloc(new_size);
    if (grown == NULL)
        return NULL;
    size_t kept = old_size < new_size ? old_size : new_size;
    if (block != NULL && kept > 0)
        memcpy(grown, block, kept);
    fs_free(block);
    return grown;
}

char *fs_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = fs_alloc(size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void fs_free(void *block) {
    free(block);
}

static _Thread_local unsigned refused_to_cjson;

unsigned fs_json_refused(void) {
    return refused_to_cjson;
}

static void *alloc_for_cjson(size_t size) {
    void *block = fs_alloc(size);
    refused_to_cjson += block == NULL;
    return block;
}

/* cJSON knows one allocator for the whole process; it is set before main, when no thread can see it change.
 */
__attribute__((constructor)) static void lend_to_cjson(void) {
    cJSON_Hooks hooks = {alloc_for_cjson, fs_free};
    cJSON_InitHooks(&hooks);
}
