#include "engine/kernels/max_pool_ops.h"

#define LANES 8
#define MAX_POOL_OPS fs_max_pool_avx2
#include "engine/kernels/max_pool_template.inc"
