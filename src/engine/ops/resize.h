/* Where a resized axis looks, for those who follow receptive fields. */
#ifndef FS_ENGINE_OPS_RESIZE_H
#define FS_ENGINE_OPS_RESIZE_H

#include "engine/operator.h"

/* The places [*first, *last] of an axis of `in` numbers that place o of `out` is made of, as Resize or
 * Upsample (the node's operator) has it, before they are kept inside the axis. */
void fs_resize_reach(const fs_node *node, int64_t in, int64_t out, int64_t o, int64_t *first, int64_t *last);

#endif
