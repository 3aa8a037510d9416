/* The loops of maximum pools with windows of 3x3 places, 1 or 2 apart, and of 2x2 places, 2 apart: one plane,
 * written once in max_pool_template.inc and compiled for each instruction set.
 *
 *     if (!ops->forward[shape](&at, in, 0, at.out[0], out, place))
 *         ...                                       something is not finite: go by the definition
 *     ops->backward[shape](&at, out_grad, place, in_grad, false, NULL, 0);
 *
 * A strip is a vector of neighbouring outputs; it goes down the plane. Each row of input is compared across
 * once, then three rows are compared down; the earlier of equal places stays, which is the first in reading
 * order. The gradient of an input place is gathered from the few windows that see it, in reading order. So
 * nothing is padded, cleared, or computed and thrown away.
 *
 * Pure functions of their arguments. */
#ifndef FS_ENGINE_KERNELS_MAX_POOL_OPS_H
#define FS_ENGINE_KERNELS_MAX_POOL_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/kernels/isa.h"
#include "engine/kernels/keep.h"
#include "engine/ops/window.h"

/* Places of the window along an axis, and from window to window. */
typedef enum fs_max_pool_shape {
    FS_MAX_POOL_3_1,
    FS_MAX_POOL_3_2,
    FS_MAX_POOL_2_2,
    FS_MAX_POOL_SHAPES
} fs_max_pool_shape;

/* Rows [first, last) of the output; place: of the winner in its window, row by row, or NULL where nobody
 * asks. False where the windows see a number that is not finite, or nothing but the least one: then what was
 * written means nothing. */
typedef bool (*fs_max_pool_forward)(const fs_window_at *at, const float *in, int first, int last, float *out,
                                    uint8_t *place);
/* keep, keep_at: what of the input's image passes, or NULL, and which number of it the plane begins with. */
typedef void (*fs_max_pool_gradient)(const fs_window_at *at, const float *out_grad, const uint8_t *place,
                                     float *in_grad, bool accumulate, const uint32_t *keep,
                                     ptrdiff_t keep_at);

typedef struct fs_max_pool_ops {
    fs_max_pool_forward forward[FS_MAX_POOL_SHAPES];
    fs_max_pool_gradient backward[FS_MAX_POOL_SHAPES]; /* NULL: not for this instruction set */
} fs_max_pool_ops;

/* Each window meets the input, and the padding is narrower than the window. False: not for these loops. */
bool fs_max_pool_shape_of(const fs_window_at *at, fs_max_pool_shape *out);
/* NULL when this build has none for that instruction set. */
const fs_max_pool_ops *fs_max_pool_ops_for(fs_isa isa);

extern const fs_max_pool_ops fs_max_pool_generic;
#if defined(__x86_64__)
extern const fs_max_pool_ops fs_max_pool_avx2, fs_max_pool_avx512;
#endif

#endif
