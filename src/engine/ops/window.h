/* The geometry that convolution and pooling share: a kernel window sliding over H and W.
 *
 * parse reads kernel_shape, strides, dilations, pads, auto_pad, ceil_mode and group; fs_window_resolve turns
 * them and an input size into pads and an output size, as the ONNX operator specification (Conv, MaxPool) has
 * it, with the rule of PyTorch that ceil_mode's last window must start inside the input or its left padding.
 */
#ifndef FS_ENGINE_OPS_WINDOW_H
#define FS_ENGINE_OPS_WINDOW_H

#include "engine/operator.h"

typedef enum fs_auto_pad { FS_PAD_EXPLICIT, FS_PAD_SAME_UPPER, FS_PAD_SAME_LOWER, FS_PAD_VALID } fs_auto_pad;

/* Index 0 is vertical (H), 1 horizontal (W). */
typedef struct fs_window {
    int kernel[2]; /* 0 where the attribute is absent (Conv: taken from the weights) */
    int stride[2];
    int dilation[2];
    int pad[4]; /* top, left, bottom, right */
    fs_auto_pad auto_pad;
    bool ceil_mode;
    bool count_include_pad; /* AveragePool */
    int group;              /* Conv */
    float p;                /* LpPool: the power */
} fs_window;

/* A window at a known input size. */
typedef struct fs_window_at {
    int kernel[2], stride[2], dilation[2];
    int pad[4]; /* top, left, bottom, right, as resolved */
    int in[2], out[2];
} fs_window_at;

/* op->parse of Conv and the pools: *params is an fs_window. */
fs_status fs_window_parse(const fs_graph *graph, const fs_node *node, const void **params, fs_error *err);
/* kernel: used where window->kernel is 0. Errors say what does not fit. */
fs_status fs_window_resolve(const fs_window *window, const int kernel[2], int64_t in_h, int64_t in_w,
                            fs_window_at *out, fs_error *err);

/* Along an axis, the places [*first, *last) of the input, in steps of the dilation, that the window of output
 * o covers. */
static inline void fs_window_cover(const fs_window_at *at, int axis, int64_t o, int64_t *first,
                                   int64_t *last) {
    const int64_t dilation = at->dilation[axis], start = o * at->stride[axis] - at->pad[axis];
    const int64_t end = start + (int64_t)(at->kernel[axis] - 1) * dilation + 1;
    *first = start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
    *last = end < at->in[axis] ? end : at->in[axis];
}

#endif
