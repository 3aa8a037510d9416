#include "engine/kernels/wino_ops.h"

#define LANES 8
#include "engine/kernels/wino_template.inc"

const fs_wino_ops fs_wino_avx2 = WINO_OPS;
