/* Which numbers of an array let a gradient pass, a bit each: those of units that a ReLU left on.
 *
 *     uint32_t bits = fs_keep_bits(keep.words + image * keep.stride, channel * area + pixel);
 *     to[0] = bits & 1 ? sum : 0;                                   and so on with the next ones
 *
 * Kernels that write a gradient can drop the rest of it as it leaves their registers; a pass of its own would
 * read and write it once more. Borrowed; pure. */
#ifndef FS_ENGINE_KERNELS_KEEP_H
#define FS_ENGINE_KERNELS_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FS_KEEP_WORD = 32 };

typedef struct fs_keep {
    const uint32_t *words; /* NULL: everything passes. One more word than is needed may be read */
    int64_t stride;        /* words from item (image) to item, each of which begins with a word */
} fs_keep;

/* Of an item; NULL when everything passes. */
static inline const uint32_t *fs_keep_item(fs_keep keep, int64_t item) {
    return keep.words ? keep.words + item * keep.stride : NULL;
}

/* The bits of numbers at, at + 1, ...: 32 of them, zeros before the first number; at > -32. */
static inline uint32_t fs_keep_bits(const uint32_t *item, ptrdiff_t at) {
    if (at < 0)
        return item[0] << -at;
    const uint32_t *word = item + at / FS_KEEP_WORD;
    return (uint32_t)((word[0] | (uint64_t)word[1] << FS_KEEP_WORD) >> at % FS_KEEP_WORD);
}

static inline bool fs_keep_one(const uint32_t *item, ptrdiff_t at) {
    return item[at / FS_KEEP_WORD] >> at % FS_KEEP_WORD & 1;
}

/* Drops what does not pass of `count` numbers that begin with number `at` of the item. */
static inline void fs_keep_drop(float *numbers, ptrdiff_t count, const uint32_t *item, ptrdiff_t at) {
    for (ptrdiff_t i = 0; i < count; i++)
        numbers[i] = fs_keep_one(item, at + i) ? numbers[i] : 0;
}

#endif
