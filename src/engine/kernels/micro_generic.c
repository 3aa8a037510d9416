/* Any processor: vectors of 4 floats, 16 registers, up to 12 sums. */
#include "engine/kernels/micro.h"

#define LANES 4
#include "engine/kernels/micro_template.inc"

/* Definitions without a semicolon. */
/* clang-format off */
MICRO(1, 1) MICRO(1, 2) MICRO(1, 3) MICRO(1, 4) MICRO(1, 5) MICRO(1, 6)
MICRO(2, 1) MICRO(2, 2) MICRO(2, 3) MICRO(2, 4) MICRO(2, 5)
MICRO(3, 1) MICRO(3, 2) MICRO(3, 3) MICRO(3, 4)
MICRO(4, 1) MICRO(4, 2) MICRO(4, 3)
    /* clang-format on */

    const fs_micro_set fs_micro_generic = {
        .lanes = LANES,
        .block = 4,
        .size = {0, 1, 2, 3, 4},
        .vectors = {0, 6, 5, 4, 3},
        .run = {{0},
                {0, micro_1_1, micro_1_2, micro_1_3, micro_1_4, micro_1_5, micro_1_6},
                {0, micro_2_1, micro_2_2, micro_2_3, micro_2_4, micro_2_5},
                {0, micro_3_1, micro_3_2, micro_3_3, micro_3_4},
                {0, micro_4_1, micro_4_2, micro_4_3}},
};
