/* The innermost kernel of the fast convolution: a block of output channels times a run of pixels,
 *
 *     out[c][place(q)] = bias[c] + sum over k of weights[k][c] * source[offset[k] + q]
 *
 * with all sums in registers. A tap k is one (channel, row, column) of the window; its offset is where the
 * tap's pixel for q = 0 lies. Written once in micro_template.inc and compiled for each instruction set.
 *
 * The shared kernels read weights that were packed for the other direction of the same convolution: those of
 * a tap are not side by side,
 *
 *     weights[weight_offset[k] + c * weight_stride]
 *
 * Pixels come in vectors of `lanes` floats. The flat axis q may run over columns that are no output (the
 * padding at the ends of rows): mask[v] says which lanes of vector v count, and they are stored next to each
 * other from out + place[v] on. All lanes of a vector are read.
 *
 * Pure functions of their arguments. */
#ifndef FS_ENGINE_KERNELS_MICRO_H
#define FS_ENGINE_KERNELS_MICRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/kernels/isa.h"
#include "engine/kernels/keep.h"

enum { FS_MICRO_MAX_VECTORS = 8, FS_MICRO_MAX_CHANNELS = 8, FS_MICRO_MAX_LANES = 16 };

typedef struct fs_micro_args {
    const float *source;
    const int32_t *offset; /* [taps] */
    int taps;
    const float *weights;         /* [taps][block] */
    const int32_t *weight_offset; /* [taps]; shared kernels only */
    ptrdiff_t weight_stride;
    const float *bias; /* [block] or NULL */
    float *out;
    ptrdiff_t out_stride; /* between channels */
    int channels;         /* how many of the block's are stored */
    bool relu;            /* store max(0, .) */
    bool accumulate;      /* add to out */
    const uint32_t *keep; /* what of the item passes, NULL: everything (keep.h) */
    ptrdiff_t keep_at;    /* which number of the item out[0] is */
    uint32_t mask[FS_MICRO_MAX_VECTORS];
    int32_t place[FS_MICRO_MAX_VECTORS];
} fs_micro_args;

typedef void (*fs_micro_kernel)(const fs_micro_args *args);

typedef struct fs_micro_set {
    int lanes;
    int block; /* the usual number of output channels a call computes */
    /* For a block of 1 .. block channels: the size whose kernel computes it (more: padded with zero weights)
     */
    int size[FS_MICRO_MAX_CHANNELS + 1];
    int vectors[FS_MICRO_MAX_CHANNELS + 1]; /* by size: most vectors of a call */
    fs_micro_kernel run[FS_MICRO_MAX_CHANNELS + 1][FS_MICRO_MAX_VECTORS + 1]; /* [size][vectors] */
    fs_micro_kernel run_shared[FS_MICRO_MAX_VECTORS + 1];                     /* whole blocks, by vectors */
} fs_micro_set;

/* NULL when this build has none for that instruction set. */
const fs_micro_set *fs_micro_set_for(fs_isa isa);

extern const fs_micro_set fs_micro_generic;
#if defined(__x86_64__)
extern const fs_micro_set fs_micro_avx2, fs_micro_avx512;
#endif

#endif
