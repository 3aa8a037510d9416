/* The backward of rectifiers, shared with plans that merged a ReLU into the kernel before it.
 *
 *     fs_relu_keep(mask, output, items, per_item, pool);                        // after forward
 *     fs_relu_backward(grad, grad, mask, items, per_item, false, FS_RELU_REDIRECTED, pool);
 *
 * Which units are on is all that a gradient asks for: a bit each, so that the activations need not be kept.
 * in_grad may be out_grad itself (then without accumulate); otherwise they do not overlap. FS_RELU_REDIRECTED
 * looks at each item by itself: see fs_relu_rule. */
#ifndef FS_ENGINE_OPS_RELU_H
#define FS_ENGINE_OPS_RELU_H

#include "engine/operator.h"

/* Bytes of the mask of [items, per_item]: 32 units a word, each item on whole words. */
size_t fs_relu_mask_bytes(int64_t items, int64_t per_item);
/* output is the rectified output [items, per_item]. */
void fs_relu_keep(uint32_t *mask, const float *output, int64_t items, int64_t per_item, fs_pool *pool);
void fs_relu_backward(float *in_grad, const float *out_grad, const uint32_t *mask, int64_t items,
                      int64_t per_item, bool accumulate, fs_relu_rule rule, fs_pool *pool);

/* The items of a tensor: its first dimension. */
static inline int64_t fs_relu_items(const fs_tensor *t) {
    return t->shape.rank ? t->shape.dim[0] : 1;
}

#endif
