/* The vector parts of Winograd's convolution (wino.h): transforms of 6x6 input tiles and of 6x6 products,
 * LANES tiles at a time, and the reordering between neighbouring pixels and neighbouring tiles. Written once
 * in wino_template.inc.
 *
 * With 6 points (0, 1, -1, 2, -2, infinity) a tile of 6 inputs gives m outputs of a window of r = 7 - m taps:
 * y = A' ((G g) * (B' d)), where B' is the same for every m. Winograd (1980); the matrices as in Lavin and
 * Gray, "Fast Algorithms for Convolutional Neural Networks" (2016).
 *
 * Pure functions of their arguments. */
#ifndef FS_ENGINE_KERNELS_WINO_OPS_H
#define FS_ENGINE_KERNELS_WINO_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/kernels/isa.h"
#include "engine/kernels/keep.h"

enum {
    FS_WINO_POINTS = 6,
    FS_WINO_SQUARE = FS_WINO_POINTS * FS_WINO_POINTS,
    FS_WINO_LATE_TAPS = 9, /* of a kernel that can be transformed late (wino.h) */
    FS_WINO_MIN_OUTPUTS = 2,
    FS_WINO_MAX_OUTPUTS = 4,
    FS_WINO_MAX_VECTORS = 3,
    FS_WINO_MAX_BLOCK = 8,
    FS_WINO_MAX_STEP = 8, /* 2, 3, 4, 6 or 8 */
    FS_WINO_MAX_PIECES = FS_WINO_MAX_VECTORS * FS_WINO_MAX_OUTPUTS * 16
};

/* Pixels of one vector of a tile row that lie in one row of the target. */
typedef struct fs_wino_piece {
    uint32_t mask;   /* the lanes */
    int rows;        /* how many rows of the tile exist */
    ptrdiff_t place; /* where lane 0 goes in the first row of its tile, from the first image's plane */
    ptrdiff_t bit;   /* the same in what passes */
} fs_wino_piece;

typedef struct fs_wino_output {
    const float *product; /* [36][stride] */
    ptrdiff_t stride;
    int vectors; /* of tiles */
    float *plane;
    ptrdiff_t width; /* of a row of the plane */
    float bias;
    bool relu, accumulate;
    const uint32_t *keep; /* what passes, of the first image; NULL: everything */
    ptrdiff_t keep_at;    /* which number of it the plane begins with */
    const fs_wino_piece *pieces;
    const int16_t *first; /* [vectors * m + 1]: the pieces of each pixel vector */
} fs_wino_output;

/* Columns [first, last) of tiles from a row whose pixels exist in [low, high). */
typedef struct fs_wino_span {
    int first, last, low, high;
} fs_wino_span;

/* product[c][tiles] = sum over s < sources of weights[s][c] * source[s][tiles], for a block of c. */
typedef void (*fs_wino_multiply)(const float *source, ptrdiff_t source_stride, int sources,
                                 const float *weights, float *product, ptrdiff_t product_stride);

typedef struct fs_wino_ops {
    int lanes;
    /* Down the columns: out[(p * columns + j) * plane + c] = point p of pixel c * step + j of six rows, for
     * first <= c < last and j < columns. Pixels outside [low, high) and rows that are NULL count as zeros. Up
     * to a vector beyond `last` is written. More columns than `step`: only where all of the pixels they name
     * are in the first vector of tiles. */
    void (*input_rows)(const float *const rows[FS_WINO_POINTS], const fs_wino_span *span, int step,
                       int columns, float *out, ptrdiff_t plane);
    /* Along the rows: out[(i * 6 + p) * out_stride] = point p of the tiles whose pixels are panel[i * row +
     * offset[]]. */
    void (*input_columns)(const float *panel, ptrdiff_t row, const int32_t offset[FS_WINO_POINTS],
                          int vectors, float *out, ptrdiff_t out_stride);
    /* Kernels of 3x3 taps: out[p * stride + i] from taps[t * stride + i] for i < count. Up to a vector beyond
     * the count is read and written, row after row. */
    void (*weights)(const float *taps, int count, ptrdiff_t stride, float *out);
    void (*output[FS_WINO_MAX_OUTPUTS + 1])(const fs_wino_output *args);       /* by m */
    fs_wino_multiply multiply[FS_WINO_MAX_BLOCK + 1][FS_WINO_MAX_VECTORS + 1]; /* by block size and vectors */
} fs_wino_ops;

/* NULL when this build has none for that instruction set. */
const fs_wino_ops *fs_wino_ops_for(fs_isa isa);

extern const fs_wino_ops fs_wino_generic;
#if defined(__x86_64__)
extern const fs_wino_ops fs_wino_avx2, fs_wino_avx512;
#endif

#endif
