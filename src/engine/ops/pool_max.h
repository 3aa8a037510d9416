/* What the kernels of MaxPool share: the winners they save for the gradient. Private to the operator. */
#ifndef FS_ENGINE_OPS_POOL_MAX_H
#define FS_ENGINE_OPS_POOL_MAX_H

#include "engine/ops/window.h"

/* Windows of 3x3 places, in step or two places apart, and of 2x2: the pools of most networks. */
extern const fs_kernel fs_max_pool_strips_kernel;

fs_window_at fs_max_pool_window(const fs_node *node, const fs_shape *x);
/* From the saved winners, a byte each: its index in the window, row by row. */
void fs_max_pool_backward(const fs_op_run *run);

#endif
