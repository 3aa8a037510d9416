#include "engine/kernels/wgrad_ops.h"

#define LANES 4
#define WGRAD_OPS fs_wgrad_generic
#include "engine/kernels/wgrad_16_registers.inc"
