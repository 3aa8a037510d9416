/* Winograd's convolution: a window of 3 to 5 taps an axis with a quarter to a half of the multiplications.
 *
 * It computes what an fs_flat describes (flat.h), so strides work too: where the flat form has phases of the
 * source, each phase of a channel counts as a channel (`sources`), and where it has sets of the target each
 * set of a channel counts as a channel (`targets`). A strided 7x7 convolution is one of 4x4 taps over 4 times
 * the channels.
 *
 * The flat grid is cut into tiles of m x m pixels, and tiles lie on a flat axis as pixels do in flat.h, those
 * of one image after those of the image before: small images fill vectors together and share the reading of
 * the weights. Short rows of tiles leave no gap to the next one where that saves vectors. A unit of work is a
 * few vectors of tiles and a group of targets:
 *
 *     each source   its rows are transformed down the columns, split by their place in a tile, and
 *                   transformed along the rows: 36 points of every tile
 *     each point    the products of targets x sources with sources x tiles
 *     each target   36 products become m x m pixels: bias, ReLU, and into place
 *
 * Rounding: about 1e-6 of the result's scale, some times that of the plain sum. An fs_wino is a plain value;
 * its tables are in memory of the caller. Sums are made in the same order whatever the units and threads. */
#ifndef FS_ENGINE_KERNELS_WINO_H
#define FS_ENGINE_KERNELS_WINO_H

#include "engine/kernels/flat.h"
#include "engine/kernels/wino_ops.h"

typedef struct fs_wino_axis {
    int tiles;
    int phases; /* of the source */
    int step;   /* source pixels from tile to tile: m * phases */
    int reach;  /* further tile steps that a tile looks at */
} fs_wino_axis;

typedef struct fs_wino {
    fs_flat flat; /* what is computed; its tables are not used */
    const fs_wino_ops *ops;
    int images;
    int outputs; /* m */
    fs_wino_axis axis[2];
    int sources, targets;
    int pitch;            /* of the flat axis of tiles: a row of tiles, and what its last ones look at */
    int columns;          /* of a tile that have a plane of their own in the panel: its step, or all */
    int max_vectors;      /* of tiles in a unit */
    int max_rows;         /* tile rows that a unit may touch */
    int plane;            /* floats of a panel plane: one place in a tile's row, all tiles of a unit */
    int chunk;            /* blocks of targets whose products are kept at a time */
    int units, groups;    /* units of all images' tiles; groups of blocks of targets */
    ptrdiff_t point;      /* floats between the points of the transformed source */
    bool late;            /* the weights are packed plain and transformed by each unit that uses them */
    float *weights;       /* [block of targets][36, or late: 9][sources][block size] */
    float *bias;          /* [targets] or NULL */
    int32_t *tile_offset; /* [phases of a row][6]: where a tile's columns are in the panel */
} fs_wino;

/* Late: few tiles share the reading of many weights. Then to transform a quarter as many in the cache costs
 * less than to read all of them from memory, and takes a quarter of that. */

/* False where the window does not fit the method or the sizes are out of range. */
bool fs_wino_create(fs_wino *out, const fs_flat *flat, int images, fs_isa isa);

/* Estimated time in vector operations, for the choice between the two methods. */
double fs_wino_cost(const fs_wino *wino);
double fs_wino_direct_cost(const fs_flat *flat, int images);

/* As in flat.h. */
size_t fs_wino_packed_bytes(const fs_wino *wino);
void fs_wino_pack(fs_wino *wino, const float *weights, const float *bias, void *memory);
void fs_wino_choose_split(fs_wino *wino, int threads);

size_t fs_wino_workspace(const fs_wino *wino, int threads);        /* floats for all threads */
void fs_wino_execute(const fs_wino *wino, const fs_flat_run *run); /* run->images as created */

/* Inside */
size_t fs_wino_scratch(const fs_wino *wino);          /* floats of one thread */
ptrdiff_t fs_wino_row(const fs_wino *wino, int size); /* floats of a block's weights for one point or tap */
int fs_wino_blocks(const fs_wino *wino);
int fs_wino_block_size(const fs_wino *wino, int block); /* targets in it */
int fs_wino_vectors(const fs_wino *wino);               /* of all images' tiles */

#endif
