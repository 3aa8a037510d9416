/* Which dimension of a value is its channels.
 *
 * Images and all that convolutions make have them at 1. Transformers keep tokens [N,T,C] or maps [N,H,W,C]:
 * the axis is followed from operator to operator; products with a weight and layer normalisations make the
 * last one, products of two activations (attention) the heads. Part of fs_fields_compute, which visits the
 * nodes in order. */
#ifndef FS_ENGINE_CHANNEL_AXIS_H
#define FS_ENGINE_CHANNEL_AXIS_H

#include "engine/receptive_field.h"

/* Of an output of that shape, given the fields of the node's inputs. */
int fs_channel_axis(const fs_node *node, const fs_shape *output, const fs_tensor *shapes,
                    const fs_field *fields);

#endif
