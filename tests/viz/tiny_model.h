/* A network small enough to render in milliseconds, with seeded weights:
 *
 *     x [N,3,16,16] - conv 5x5 - relu "one" (8) - conv 3x3 stride 2 - relu "two" (6) - flatten - gemm
 * "logits" (4)
 *
 * The head takes 16x16 inputs alone. Channel TINY_DEAD of "two" has `dead_bias` as its bias. */
#ifndef FS_TESTS_VIZ_TINY_MODEL_H
#define FS_TESTS_VIZ_TINY_MODEL_H

#include "engine/model.h"

enum { TINY_SIDE = 16, TINY_ONE = 8, TINY_TWO = 6, TINY_CLASSES = 4, TINY_DEAD = 5 };

typedef struct tiny_model {
    fs_model model;
    fs_layer layers[3];
} tiny_model;

void tiny_model_create(tiny_model *tiny, float dead_bias);
void tiny_model_destroy(tiny_model *tiny);

#endif
