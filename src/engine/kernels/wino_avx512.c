#include "engine/kernels/wino_ops.h"

#include <immintrin.h>

#define LANES 16
#include "engine/kernels/wino_template.inc"

const fs_wino_ops fs_wino_avx512 = WINO_OPS;
