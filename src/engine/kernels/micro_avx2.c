/* 16 registers of 8 floats: up to 12 sums. */
#include "engine/kernels/micro.h"

#define LANES 8
#define MICRO_SET fs_micro_avx2
#include "engine/kernels/micro_16_registers.inc"
