/* Convolution: the dimensions its kernels share.
 *
 *     fs_conv_dims d = fs_conv_dims_of(run->node, run->in);
 *
 * X [n, c, h, w], W [m, c/g, kh, kw], B [m] or absent, Y [n, m, oh, ow]. Values only; infer has checked them.
 */
#ifndef FS_ENGINE_OPS_CONV_H
#define FS_ENGINE_OPS_CONV_H

#include "engine/ops/window.h"

typedef struct fs_conv_dims {
    fs_window_at at;
    int64_t n, c, m, g;
    int64_t cg, mg;        /* channels in and out of one group */
    int64_t in_area, area; /* h*w, oh*ow */
    int64_t taps;          /* kh*kw */
} fs_conv_dims;

fs_conv_dims fs_conv_dims_of(const fs_node *node, const fs_tensor *in);

/* Output positions [*first, *last) along an axis whose tap at `shift` = tap*dilation - pad falls inside the
 * input. */
static inline void fs_conv_valid(int64_t shift, int stride, int in, int out, int64_t *first, int64_t *last) {
    const int64_t low = shift >= 0 ? 0 : (-shift + stride - 1) / stride;
    const int64_t high = in - 1 - shift < 0 ? 0 : (in - 1 - shift) / stride + 1;
    *last = high < out ? high : out;
    *first = low < *last ? low : *last;
}

/* keep_in for the wanted gradients; shared by every kernel. */
void fs_conv_keep(fs_op_setup *setup);
/* The bias gradient: the sum over images and positions. Honours run->out_stride. */
void fs_conv_bias_backward(const fs_op_run *run, const fs_conv_dims *d);
/* The weights' gradient by its definition, parallel over kernels. */
void fs_conv_weight_backward(const fs_op_run *run, const fs_conv_dims *d);

/* The same by products of matrices, for kernels that have no way of their own; honours run->out_stride. The
 * workspace is the run's, of at least so many bytes. */
void fs_conv_gemm_weight_backward(const fs_op_run *run, const fs_conv_dims *d);
size_t fs_conv_gemm_weight_workspace(const fs_op_setup *setup);

extern const fs_kernel fs_conv_depthwise_kernel;
extern const fs_kernel fs_conv_gemm_kernel;
extern const fs_kernel fs_conv_reference_kernel;

#endif
