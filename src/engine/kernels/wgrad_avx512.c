/* 32 registers of 16 floats: up to 24 sums. */
#include "engine/kernels/wgrad_ops.h"

#include <immintrin.h>

#define LANES 16
#include "engine/kernels/wgrad_template.inc"

/* Definitions without a semicolon. */
/* clang-format off */
WGRAD(1, 1) WGRAD(2, 1) WGRAD(3, 1) WGRAD(4, 1) WGRAD(5, 1) WGRAD(6, 1) WGRAD(7, 1) WGRAD(8, 1) WGRAD(9, 1)
WGRAD(10, 1) WGRAD(11, 1) WGRAD(12, 1)
WGRAD(1, 2) WGRAD(2, 2) WGRAD(3, 2) WGRAD(4, 2) WGRAD(5, 2) WGRAD(6, 2) WGRAD(7, 2) WGRAD(8, 2) WGRAD(9, 2)
WGRAD(10, 2) WGRAD(11, 2) WGRAD(12, 2)
WGRAD(1, 3) WGRAD(2, 3) WGRAD(3, 3) WGRAD(4, 3) WGRAD(5, 3) WGRAD(6, 3) WGRAD(7, 3) WGRAD(8, 3)
    /* clang-format on */

    const fs_wgrad_ops fs_wgrad_avx512 = {
        .lanes = LANES,
        .taps = {0, 12, 12, 8},
        .run = {{0},
                {0, run_1_1, run_2_1, run_3_1, run_4_1, run_5_1, run_6_1, run_7_1, run_8_1, run_9_1, run_10_1,
                 run_11_1, run_12_1},
                {0, run_1_2, run_2_2, run_3_2, run_4_2, run_5_2, run_6_2, run_7_2, run_8_2, run_9_2, run_10_2,
                 run_11_2, run_12_2},
                {0, run_1_3, run_2_3, run_3_3, run_4_3, run_5_3, run_6_3, run_7_3, run_8_3}},
        .turn = turn,
        .sum = sum_of,
        .input_tile = input_tile,
        .gradient_tile = {[3] = gradient_tile_3, [4] = gradient_tile_4},
        .weight_tile = {[3] = weight_tile_3, [4] = weight_tile_4},
};
