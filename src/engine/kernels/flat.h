/* Correlation on a flat axis: the form in which the fast convolution does its forward pass and its gradient.
 *
 * The rows of a zero-padded source lie one behind the other with a common `pitch`, so that every tap of the
 * window is one constant distance away from the output pixel, whatever row it is in (micro.h). Per axis, with
 * step s:
 *
 *     source row = (row + shift) * step + phase - origin
 *     target row = row * sets + set - target_origin
 *
 *     forward, stride s:   the source is split into s phases; there is one set of taps
 *     gradient, stride s:  the source is the output's gradient; the target is split into s sets, computed one
 *                          after the other, each with the taps that meet it
 *
 * A unit of work is a band of rows of one image and a group of output channels. It copies the padded source
 * rows it needs (a panel, small enough for the second-level cache) into the scratch memory of its thread.
 * Windows of one pixel at stride 1 without padding need no copy: `direct`; then a row is a run of `pitch`
 * pixels of the plane. The pixels of small planes of a batch lie side by side for it (`joined`), so that its
 * tiles are full; one that crosses from image to image goes through the scratch memory.
 *
 * An fs_flat is a plain value made by fs_flat_forward or fs_flat_gradient. Its tables are filled by
 * fs_flat_pack in memory of the caller, and borrowed. Sums are made in the same order whatever the bands and
 * threads. */
#ifndef FS_ENGINE_KERNELS_FLAT_H
#define FS_ENGINE_KERNELS_FLAT_H

#include "base/pool.h"
#include "engine/kernels/micro.h"
#include "engine/ops/window.h"

enum { FS_FLAT_MAX_STRIDE = 8 };

typedef struct fs_flat_axis {
    int kernel, dilation;
    int source; /* extent */
    int step;   /* 1, or the stride (forward) */
    int origin; /* padding before the first source row */
    int count;  /* rows of the flat grid, of each set */
    int reach;  /* the largest shift */
    int sets;   /* 1, or the stride (gradient) */
    int target; /* extent */
    int target_origin;
    int planes;                       /* phases that some tap reads */
    int plane_of[FS_FLAT_MAX_STRIDE]; /* by phase; -1 where no tap reads it */
} fs_flat_axis;

/* The taps that one set of target pixels sees. */
typedef struct fs_flat_taps {
    int count; /* source channels * window taps of this set */
    int32_t *offset;
    const float *weights; /* blocks of micro->block target channels, [count][block] each; the last one may be
                             smaller */
    int32_t *weight_offset; /* [count]; NULL unless shared */
} fs_flat_taps;

/* How the work is cut. */
typedef struct fs_flat_split {
    int rows, bands; /* rows of a band, but for the last */
    int groups;      /* of target channels */
} fs_flat_split;

typedef struct fs_flat {
    const fs_micro_set *micro;
    fs_flat_axis axis[2]; /* vertical, horizontal */
    int channels, target_channels;
    bool gradient, direct;
    bool shared;    /* the weights are those packed for the other direction */
    bool joined;    /* direct: tiles run on from image to image; by fs_flat_choose_split */
    int pixels;     /* direct: of a plane */
    int pitch;      /* floats from row to row of a panel */
    int max_rows;   /* of a band */
    int plane;      /* floats of one panel plane */
    size_t panel;   /* floats of a panel with its slack */
    size_t staging; /* floats of the sets of one block before they are interleaved; direct: of a block of a
                       tile; else 0 for one set */
    fs_flat_taps taps[FS_FLAT_MAX_STRIDE * FS_FLAT_MAX_STRIDE]; /* [set row][set column] */
    int32_t *tail_offset; /* direct: the taps' offsets in a copied end of a plane */
    float *bias;          /* padded to whole blocks, or NULL */
    fs_flat_split split;
} fs_flat;

/* False when the sizes are beyond what the tables can hold. `channels` and `target_channels` are those of the
 * source and target of the pass: for the gradient the source is the convolution's output. */
bool fs_flat_forward(fs_flat *out, fs_isa isa, const fs_window_at *at, int channels, int target_channels);
bool fs_flat_gradient(fs_flat *out, fs_isa isa, const fs_window_at *at, int channels, int target_channels);

/* Whether the gradient can read the weights packed for the forward pass of the same convolution, and from now
 * on does. */
bool fs_flat_share(fs_flat *gradient, const fs_flat *forward);

/* weights: [out][in][kh][kw] of the convolution, or, shared, taps[0].weights of the forward pass; bias may be
 * NULL. memory: fs_flat_packed_bytes, 64-byte aligned. */
size_t fs_flat_packed_bytes(const fs_flat *flat);
void fs_flat_pack(fs_flat *flat, const float *weights, const float *bias, void *memory);
/* After packing: cuts the work so that this many threads should finish soonest. */
void fs_flat_choose_split(fs_flat *flat, int images, int threads);

typedef struct fs_flat_run {
    const float *source; /* [images, channels, h, w] */
    float *target;
    int64_t source_stride, target_stride; /* floats from image to image; 0: one behind the other */
    int images;
    bool relu, accumulate;
    fs_keep keep;     /* what of the target passes; for targets of a single set only */
    float *workspace; /* threads * fs_flat_scratch floats, 64-byte aligned */
    fs_pool *pool;
} fs_flat_run;

/* The floats before image number `image`, whose own are `size`. */
static inline ptrdiff_t fs_flat_image(int64_t stride, ptrdiff_t size, int64_t image) {
    return (ptrdiff_t)(image * (stride ? stride : size));
}

size_t fs_flat_scratch(const fs_flat *flat); /* floats for each thread */
void fs_flat_execute(const fs_flat *flat, const fs_flat_run *run);

/* Inside */

/* Shared: floats from a target channel's weight to the next one's. */
static inline ptrdiff_t fs_flat_weight_stride(const fs_flat *flat) {
    return (ptrdiff_t)flat->axis[0].kernel * flat->axis[1].kernel * flat->micro->block;
}

/* Copies what rows [first, first + rows) of the flat grid need of one image into a panel. */
void fs_flat_fill_panel(const fs_flat *flat, const float *image, int first, int rows, float *panel);
/* Writes channel planes [sets][rows * columns] of staging into the target plane of that channel. */
void fs_flat_interleave(const fs_flat *flat, const float *staging, ptrdiff_t set_stride, int first, int rows,
                        bool accumulate, float *plane);
/* The tap at kernel position k of an axis. */
typedef struct fs_flat_tap {
    int set, phase, shift;
} fs_flat_tap;
fs_flat_tap fs_flat_tap_at(const fs_flat *flat, int axis, int k);

#endif
