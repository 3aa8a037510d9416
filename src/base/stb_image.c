/* The one place where stb_image is compiled: three formats, from memory only, through our allocator. */
#include <stddef.h>

#include "base/alloc.h"
#include "base/image.h"
#include "base/stb_memory.h"

/* No picture within our limits needs a larger block; compressed data that asks for more is a bomb. */
#define STB_MAX_BLOCK ((size_t)4 * FS_IMAGE_MAX_BYTES)

/* Like stb's own failure reason, which an allocation that failed does not always reach. */
static _Thread_local bool was_short;

void fs_stb_begin(void) {
    was_short = false;
}

bool fs_stb_was_short(void) {
    return was_short;
}

/* Zeroed: a file that leaves out a part of its pixels then gives the same picture every time, and no old
 * data. */
static void *stb_alloc(size_t size) {
    if (size > STB_MAX_BLOCK)
        return NULL;
    void *block = fs_calloc(size, 1);
    was_short = was_short || block == NULL;
    return block;
}

static void *stb_realloc(void *block, size_t old_size, size_t new_size) {
    if (new_size > STB_MAX_BLOCK)
        return NULL;
    void *grown = fs_realloc(block, old_size, new_size);
    was_short = was_short || grown == NULL;
    return grown;
}

#define STBI_MALLOC(size) stb_alloc(size)
#define STBI_REALLOC_SIZED(block, old_size, new_size) stb_realloc(block, old_size, new_size)
#define STBI_REALLOC(block, new_size) _Static_assert(0, "blocks are resized with their old size")
#define STBI_FREE(block) fs_free(block)

#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_MAX_DIMENSIONS FS_IMAGE_MAX_SIDE
#define STBI_ASSERT(condition) ((void)0) /* bad input must give an error, which stb's own checks do */

#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>
