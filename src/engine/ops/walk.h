/* Walking over a dense output while up to three strided operands keep pace: broadcasting, transposing,
 * slicing.
 *
 *     fs_walk walk;
 *     fs_walk_begin(&walk, &out->shape, 2);
 *     fs_walk_broadcast(&walk, 0, &a->shape);
 *     fs_walk_broadcast(&walk, 1, &b->shape);
 *     fs_walk_run(&walk, pool, add_row, &job);
 *
 * fs_walk_run merges dimensions that all operands pass through evenly, then hands rows to the body: `length`
 * outputs from number `first` on, operand i starting at offset[i] and moving step[i] per output. Strides are
 * in elements and may be zero or negative. */
#ifndef FS_ENGINE_OPS_WALK_H
#define FS_ENGINE_OPS_WALK_H

#include "base/pool.h"
#include "engine/tensor.h"

enum { FS_WALK_OPERANDS = 3 };

typedef struct fs_walk {
    int rank, operands;
    int64_t dim[FS_MAX_RANK];
    int64_t stride[FS_WALK_OPERANDS][FS_MAX_RANK];
    int64_t start[FS_WALK_OPERANDS];
} fs_walk;

typedef struct fs_walk_row {
    int64_t first, length;
    int64_t offset[FS_WALK_OPERANDS], step[FS_WALK_OPERANDS];
} fs_walk_row;
typedef void (*fs_walk_body)(void *context, const fs_walk_row *row);

void fs_walk_begin(fs_walk *walk, const fs_shape *shape, int operands); /* strides all zero */
/* Operand's strides when its shape is broadcast to the walk's, trailing dimensions aligned. */
void fs_walk_broadcast(fs_walk *walk, int operand, const fs_shape *shape);
/* NULL pool: in order, in the caller, which is what a body that adds into shared places needs. */
void fs_walk_run(const fs_walk *walk, fs_pool *pool, fs_walk_body body, void *context);

/* The pool when a body may add into places of `operand` from several threads, because each row has its own;
 * else NULL. */
fs_pool *fs_walk_adding_pool(const fs_walk *walk, int operand, fs_pool *pool);

/* dst[i] = src[place of i in operand 0] (elements of 4 or 8 bytes). */
void fs_walk_copy(const fs_walk *walk, fs_pool *pool, void *dst, const void *src, size_t size);
/* dst[i] = or += src[place of i]. */
void fs_walk_pull(const fs_walk *walk, fs_pool *pool, float *dst, const float *src, bool add);
/* dst[place of i] += src[i]; in order when places may coincide. */
void fs_walk_push(const fs_walk *walk, fs_pool *pool, float *dst, const float *src);

/* Strides of a dense tensor. */
void fs_dense_strides(const fs_shape *shape, int64_t stride[FS_MAX_RANK]);

#endif
