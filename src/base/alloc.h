/* The program's allocator: every block is 64-byte aligned (a cache line, an AVX-512 vector) and comes
 * through one hook, so that tests can make any allocation fail. The libraries that can be told whom to ask
 * for memory (cJSON, libpng, protobuf-c, stb_image) ask here.
 *
 * Blocks are owned by the caller and released with fs_free. Sizes are checked for overflow. */
#ifndef FS_BASE_ALLOC_H
#define FS_BASE_ALLOC_H

#include <stddef.h>

enum { FS_ALIGNMENT = 64 };

/* Returns NULL when memory is short or count * size overflows; a zero size gives a valid block. */
void *fs_alloc(size_t size);
void *fs_calloc(size_t count, size_t size);
void *fs_alloc_array(size_t count, size_t size);
/* Grows or shrinks; old_size bytes (or fewer) are carried over. NULL leaves the old block as it was. */
void *fs_realloc(void *block, size_t old_size, size_t new_size);
char *fs_strdup(const char *text);
void fs_free(void *block);

/* Test hook: called before each allocation; returning 0 makes it fail. NULL restores the default. */
typedef int (*fs_alloc_hook)(size_t size, void *context);
void fs_alloc_set_hook(fs_alloc_hook hook, void *context);

#endif
