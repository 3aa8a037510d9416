/* Any processor: vectors of 4 floats, 16 registers, up to 12 sums. */
#include "engine/kernels/micro.h"

#define LANES 4
#define MICRO_SET fs_micro_generic
#include "engine/kernels/micro_16_registers.inc"
