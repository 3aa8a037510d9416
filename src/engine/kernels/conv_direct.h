/* The fast convolution kernel: Conv with one group and constant weights, forward (with bias and ReLU) and the
 * gradients of its input and, where they are trained, of its weights (wgrad.h), which are packed again after
 * each step.
 *
 * Data stays NCHW; nothing is unfolded into a matrix. See flat.h for how. The instruction set is chosen when
 * weights are packed (isa.h). Listed in ops/conv.c before the general kernels. */
#ifndef FS_ENGINE_KERNELS_CONV_DIRECT_H
#define FS_ENGINE_KERNELS_CONV_DIRECT_H

#include "engine/operator.h"

extern const fs_kernel fs_conv_direct_kernel;

#endif
