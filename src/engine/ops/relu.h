/* The backward of rectifiers, shared with plans that merged a ReLU into the kernel before it.
 *
 *     fs_relu_backward(grad, grad, output, images, per_image, false, FS_RELU_REDIRECTED, pool);
 *
 * out is the rectified output [items, per_item]. in_grad may be out_grad itself (then without accumulate);
 * otherwise they do not overlap. FS_RELU_REDIRECTED looks at each item by itself: see fs_relu_rule. */
#ifndef FS_ENGINE_OPS_RELU_H
#define FS_ENGINE_OPS_RELU_H

#include "engine/operator.h"

void fs_relu_backward(float *in_grad, const float *out_grad, const float *out, int64_t items,
                      int64_t per_item, bool accumulate, fs_relu_rule rule, fs_pool *pool);

/* The same for an output clipped to [low, high]: a unit is off at either end, and redirection lets through
 * what leads away from that end. */
void fs_clip_backward(float *in_grad, const float *out_grad, const float *out, float low, float high,
                      int64_t items, int64_t per_item, bool accumulate, fs_relu_rule rule, fs_pool *pool);

#endif
