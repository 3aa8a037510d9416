/* The innermost loops of the gradient of convolution weights (wgrad.h), written once in wgrad_template.inc
 * and compiled for each instruction set.
 *
 *     sum[k][m] += sum over pixels of x[offset[k] + pixel's place] * y[pixel][m]
 *
 * for a block of taps k and a few vectors of output channels m, with all sums of the block in registers: x is
 * read one number at a time and spread over a vector, so that strides and windows cost nothing.
 *
 * Pure functions of their arguments. */
#ifndef FS_ENGINE_KERNELS_WGRAD_OPS_H
#define FS_ENGINE_KERNELS_WGRAD_OPS_H

#include <stddef.h>
#include <stdint.h>

#include "engine/kernels/isa.h"

enum { FS_WGRAD_MAX_VECTORS = 3, FS_WGRAD_MAX_TAPS = 12, FS_WGRAD_MAX_LANES = 16 };
enum { FS_WGRAD_TILE_TAPS = 4 /* the most of an axis of Winograd's tiles */ };

typedef struct fs_wgrad_args {
    const float *y; /* the gradient of the output, channels of a pixel side by side */
    ptrdiff_t y_step;
    const float *x;
    const int32_t *offset; /* [taps] */
    const int64_t *row;    /* [rows]: where the rows of pixels start in x */
    int rows, columns;
    ptrdiff_t x_step; /* from pixel to pixel of a row */
    float *sum;       /* [taps], sum_step apart */
    ptrdiff_t sum_step;
} fs_wgrad_args;

typedef void (*fs_wgrad_kernel)(const fs_wgrad_args *args);

typedef struct fs_wgrad_ops {
    int lanes;
    int taps[FS_WGRAD_MAX_VECTORS + 1]; /* by vectors of output channels: most taps of a block */
    fs_wgrad_kernel run[FS_WGRAD_MAX_VECTORS + 1][FS_WGRAD_MAX_TAPS + 1]; /* [vectors][taps] */
    /* to[p][c] = from[c][p] for a vector of channels, those from `channels` on zero; sum[c] = its sum. */
    void (*turn)(const float *from, ptrdiff_t plane, int channels, int pixels, float *to, ptrdiff_t step,
                 float *sum);
    float (*sum)(const float *from, int count);
    /* Winograd's transforms of a vector of channels (wgrad_wino.h): 6x6 pixels of input, and 4x4 (3x3) of
     * gradient, to 36 points, and these to 3x3 (4x4) weights, [tap][lane]. row, point: floats from one to the
     * next. By the weights of an axis: 3 or 4. */
    void (*input_tile)(const float *from, ptrdiff_t row, float *to, ptrdiff_t point);
    void (*gradient_tile[FS_WGRAD_TILE_TAPS + 1])(const float *from, ptrdiff_t row, float *to,
                                                  ptrdiff_t point);
    void (*weight_tile[FS_WGRAD_TILE_TAPS + 1])(const float *from, ptrdiff_t point, float *to);
} fs_wgrad_ops;

/* NULL when this build has none for that instruction set. */
const fs_wgrad_ops *fs_wgrad_ops_for(fs_isa isa);

extern const fs_wgrad_ops fs_wgrad_generic;
#if defined(__x86_64__)
extern const fs_wgrad_ops fs_wgrad_avx2, fs_wgrad_avx512;
#endif

#endif
