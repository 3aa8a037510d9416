/* The gradient of a convolution's weights and bias, one group:
 *
 *     dW[m][k] = sum over images and pixels of Y_grad[m][pixel] * X[k's place at that pixel],  k = (c, ky,
 * kx)
 *
 *     fs_wgrad g;
 *     fs_wgrad_create(&g, isa, &at, images, c, m, threads);      plan time; false: not for these sizes
 *     fs_wgrad_execute(&g, &run);                                 workspace of fs_wgrad_workspace(&g) floats
 *
 * A unit of work is a range of input channels and one of output channels. It goes through all images, a band
 * of pixels at a time: the band's gradient is turned so that output channels lie side by side, its input is
 * copied with the padding around it, and blocks of sums over the band (wgrad_ops.h) are added to the unit's,
 * which lie [k][m] in scratch memory until they are turned back into dW.
 *
 * A window of one pixel without strides or padding needs no copy of its input (`dense`). It is also a product
 * that looks the same from both sides, so the one that is cheaper to turn is turned: the input's channels lie
 * side by side and the gradient is read number by number where the `swapped` way is less work.
 *
 * Sums are made in the same order whatever the units and threads. An fs_wgrad is a plain value. */
#ifndef FS_ENGINE_KERNELS_WGRAD_H
#define FS_ENGINE_KERNELS_WGRAD_H

#include "base/pool.h"
#include "engine/kernels/wgrad_ops.h"
#include "engine/ops/window.h"

typedef struct fs_wgrad {
    const fs_wgrad_ops *ops;
    fs_window_at at;
    int images, channels, out_channels,
        threads; /* swapped: channels are the output's, out_channels the input's */
    bool dense, swapped;
    int band_images, band_rows; /* whole images, or rows of one */
    int height, width;          /* the input of one image of a band, padding included */
    int plane;                  /* floats of one channel of a band */
    int in_groups, out_groups;
    /* floats of one thread, each part in whole lines */
    size_t sums, turned, panel, offsets;
} fs_wgrad;

bool fs_wgrad_create(fs_wgrad *out, fs_isa isa, const fs_window_at *at, int images, int channels,
                     int out_channels, int threads);
size_t fs_wgrad_workspace(const fs_wgrad *g); /* floats, 64-byte aligned */

typedef struct fs_wgrad_run {
    const float *x, *out_grad;
    int64_t out_stride; /* floats from image to image of out_grad; 0: one behind the other */
    float *weight_grad; /* [m][c][kh][kw] */
    float *bias_grad;   /* [m] or NULL */
    bool accumulate, accumulate_bias;
    float *workspace;
    fs_pool *pool;
} fs_wgrad_run;
void fs_wgrad_execute(const fs_wgrad *g, const fs_wgrad_run *run);

#endif
