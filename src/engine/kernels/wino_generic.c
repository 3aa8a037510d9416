#include "engine/kernels/wino_ops.h"

#define LANES 4
#include "engine/kernels/wino_template.inc"

const fs_wino_ops fs_wino_generic = WINO_OPS;
