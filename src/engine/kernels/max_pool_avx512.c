#include "engine/kernels/max_pool_ops.h"

#include <immintrin.h>

#define LANES 16
#define MAX_POOL_OPS fs_max_pool_avx512
#include "engine/kernels/max_pool_template.inc"
