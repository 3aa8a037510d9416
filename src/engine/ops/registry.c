#include "engine/ops/registry.h"

#include <string.h>

static const fs_operator *const operators[] = {
    &fs_op_average_pool,
    &fs_op_concat,
    &fs_op_conv,
    &fs_op_dropout,
    &fs_op_flatten,
    &fs_op_gemm,
    &fs_op_global_average_pool,
    &fs_op_global_max_pool,
    &fs_op_identity,
    &fs_op_log_softmax,
    &fs_op_max_pool,
    &fs_op_relu,
    &fs_op_reshape,
    &fs_op_softmax,
    &fs_op_squeeze,
    &fs_op_unsqueeze,
};
enum { COUNT = sizeof operators / sizeof *operators };

const fs_operator *fs_operator_find(const char *type) {
    for (int i = 0; i < COUNT; i++)
        if (strcmp(operators[i]->type, type) == 0)
            return operators[i];
    return NULL;
}

int fs_operator_list(const fs_operator *const **out) {
    *out = operators;
    return COUNT;
}
