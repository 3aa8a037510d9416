#include "engine/kernels/wgrad_ops.h"

#define LANES 8
#define WGRAD_OPS fs_wgrad_avx2
#include "engine/kernels/wgrad_16_registers.inc"
