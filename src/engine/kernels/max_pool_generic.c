#include "engine/kernels/max_pool_ops.h"

#define LANES 4
#define MAX_POOL_OPS fs_max_pool_generic
#include "engine/kernels/max_pool_template.inc"
