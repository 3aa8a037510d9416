/* 32 registers of 16 floats: up to 24 sums. */
#include "engine/kernels/micro.h"

#include <immintrin.h>

#define LANES 16
#include "engine/kernels/micro_template.inc"

/* Definitions without a semicolon. */
/* clang-format off */
MICRO(1, 1) MICRO(1, 2) MICRO(1, 3) MICRO(1, 4) MICRO(1, 5) MICRO(1, 6) MICRO(1, 7) MICRO(1, 8)
MICRO(2, 1) MICRO(2, 2) MICRO(2, 3) MICRO(2, 4) MICRO(2, 5) MICRO(2, 6) MICRO(2, 7) MICRO(2, 8)
MICRO(3, 1) MICRO(3, 2) MICRO(3, 3) MICRO(3, 4) MICRO(3, 5) MICRO(3, 6) MICRO(3, 7) MICRO(3, 8)
MICRO(4, 1) MICRO(4, 2) MICRO(4, 3) MICRO(4, 4) MICRO(4, 5) MICRO(4, 6)
MICRO(6, 1) MICRO(6, 2) MICRO(6, 3) MICRO(6, 4)
MICRO(8, 1) MICRO(8, 2) MICRO(8, 3)
MICRO_SHARED(8, 1) MICRO_SHARED(8, 2) MICRO_SHARED(8, 3)
    /* clang-format on */

    const fs_micro_set fs_micro_avx512 = {
        .lanes = LANES,
        .block = 8,
        .size = {0, 1, 2, 3, 4, 6, 6, 8, 8},
        .vectors = {0, 8, 8, 8, 6, 0, 4, 0, 3},
        .run = {{0},
                {0, micro_1_1, micro_1_2, micro_1_3, micro_1_4, micro_1_5, micro_1_6, micro_1_7, micro_1_8},
                {0, micro_2_1, micro_2_2, micro_2_3, micro_2_4, micro_2_5, micro_2_6, micro_2_7, micro_2_8},
                {0, micro_3_1, micro_3_2, micro_3_3, micro_3_4, micro_3_5, micro_3_6, micro_3_7, micro_3_8},
                {0, micro_4_1, micro_4_2, micro_4_3, micro_4_4, micro_4_5, micro_4_6},
                {0},
                {0, micro_6_1, micro_6_2, micro_6_3, micro_6_4},
                {0},
                {0, micro_8_1, micro_8_2, micro_8_3}},
        .run_shared = {0, shared_8_1, shared_8_2, shared_8_3},
};
