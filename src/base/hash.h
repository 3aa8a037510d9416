/* FNV-1a, 64 bits: keys of caches and checks against damage, not against malice.
 * Definition: http://www.isthe.com/chongo/tech/comp/fnv/
 *
 *     uint64_t key = fs_hash_text(fs_hash_bytes(FS_HASH_START, &size, sizeof size), name); */
#ifndef FS_BASE_HASH_H
#define FS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FS_HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t fs_hash_bytes(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *p = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The NUL is part of it, so that "ab","c" and "a","bc" differ. */
static inline uint64_t fs_hash_text(uint64_t hash, const char *text) {
    return fs_hash_bytes(hash, text, strlen(text) + 1);
}

#endif
