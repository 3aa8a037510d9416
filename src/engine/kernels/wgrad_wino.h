/* Winograd's way to the gradient of 3x3 weights with stride 1, and of up to 8x8 with stride 2: a quarter to a
 * third of the multiplications of wgrad.h.
 *
 * The forward pass on tiles of 4x4 pixels is y = A' [(G w G') . (B' x B)] A, point by point for 36 points, so
 *
 *     dW = G' [sum over tiles of (B' x B) . (A y_grad A')] G
 *
 * where the sum is, for each point, a product [input channels x tiles] by [tiles x output channels] made by
 * the loops of wgrad_ops.h. Channels lie side by side in all of it, so the transforms work on vectors of
 * channels.
 *
 * With stride 2 the input is looked at as four phases, the even and the odd rows and columns, each of which
 * the weights that meet it see with stride 1: up to 4x4 of them, on tiles of 3x3 pixels. The streams of
 * numbers on the input's side are its channels then, each in four phases.
 *
 *     fs_wgrad_wino g;
 *     if (fs_wgrad_wino_create(&g, isa, &at, images, c, m, threads) && fs_wgrad_wino_pays(&g)) ...
 *     fs_wgrad_wino_execute(&g, &run);                  workspace of fs_wgrad_wino_workspace(&g) floats
 *
 * Units of work, rounding and the order of sums are as in wgrad.h and wino.h. A plain value. */
#ifndef FS_ENGINE_KERNELS_WGRAD_WINO_H
#define FS_ENGINE_KERNELS_WGRAD_WINO_H

#include "engine/kernels/wgrad.h"

typedef struct fs_wgrad_wino {
    const fs_wgrad_ops *ops;
    fs_window_at at;
    int images, channels, out_channels, threads;
    int phases;    /* an axis: the stride */
    int side;      /* pixels of a tile, along an axis */
    int taps;      /* weights of a phase, along an axis; 6 points = side + taps - 1 */
    int streams;   /* channels * phases * phases */
    int tiles[2];  /* of one image, down and across */
    int band_rows; /* rows of tiles at a time, of one image or of several */
    int in_groups, out_groups;
    /* floats of one thread, each part in whole lines */
    size_t sums, inputs, gradients, turned, offsets;
} fs_wgrad_wino;

/* False where the method does not fit the window or the sizes. */
bool fs_wgrad_wino_create(fs_wgrad_wino *out, fs_isa isa, const fs_window_at *at, int images, int channels,
                          int out_channels, int threads);
bool fs_wgrad_wino_pays(const fs_wgrad_wino *g); /* by an estimate of the time */
size_t fs_wgrad_wino_workspace(const fs_wgrad_wino *g);
void fs_wgrad_wino_execute(const fs_wgrad_wino *g, const fs_wgrad_run *run);

#endif
