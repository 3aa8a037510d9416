/* The backward of rectifiers, shared with plans that merged a ReLU into the kernel before it.
 *
 *     fs_relu_keep(mask, output, fs_relu_items_of(&tensor), pool);                          // after forward
 *     fs_relu_backward(grad, grad, mask, fs_relu_items_of(&tensor), false, FS_RELU_REDIRECTED, pool);
 *
 * Which units are on is all that a gradient asks for: a bit each, so that the activations need not be kept.
 * in_grad may be out_grad itself (then without accumulate); otherwise they do not overlap. FS_RELU_REDIRECTED
 * looks at each item by itself: see fs_relu_rule. */
#ifndef FS_ENGINE_OPS_RELU_H
#define FS_ENGINE_OPS_RELU_H

#include "engine/operator.h"

/* Arrays of items, `stride` floats from one to the next and `words` of their mask: as many as an item has, or
 * more where they lie in something larger. */
typedef struct fs_relu_items {
    int64_t count, per_item, stride, words;
} fs_relu_items;

/* Of a tensor: its first dimension counts them. */
fs_relu_items fs_relu_items_of(const fs_tensor *t);

/* Bytes of a mask: 32 units a word, each item on whole words. */
size_t fs_relu_mask_bytes(fs_relu_items items);
/* output is the rectified output. */
void fs_relu_keep(uint32_t *mask, const float *output, fs_relu_items items, fs_pool *pool);
void fs_relu_backward(float *in_grad, const float *out_grad, const uint32_t *mask, fs_relu_items items,
                      bool accumulate, fs_relu_rule rule, fs_pool *pool);

#endif
