#include "engine/ops/registry.h"

#include <string.h>

static const fs_operator *const operators[] = {
    &fs_op_abs,
    &fs_op_add,
    &fs_op_and,
    &fs_op_average_pool,
    &fs_op_batch_norm,
    &fs_op_cast,
    &fs_op_ceil,
    &fs_op_clip,
    &fs_op_concat,
    &fs_op_constant,
    &fs_op_constant_of_shape,
    &fs_op_conv,
    &fs_op_cos,
    &fs_op_div,
    &fs_op_dropout,
    &fs_op_elu,
    &fs_op_equal,
    &fs_op_erf,
    &fs_op_exp,
    &fs_op_expand,
    &fs_op_flatten,
    &fs_op_floor,
    &fs_op_gather,
    &fs_op_gemm,
    &fs_op_global_average_pool,
    &fs_op_global_max_pool,
    &fs_op_greater,
    &fs_op_greater_or_equal,
    &fs_op_hard_sigmoid,
    &fs_op_hard_swish,
    &fs_op_identity,
    &fs_op_leaky_relu,
    &fs_op_less,
    &fs_op_less_or_equal,
    &fs_op_log,
    &fs_op_log_softmax,
    &fs_op_lrn,
    &fs_op_matmul,
    &fs_op_max,
    &fs_op_max_pool,
    &fs_op_mean,
    &fs_op_min,
    &fs_op_mul,
    &fs_op_neg,
    &fs_op_not,
    &fs_op_or,
    &fs_op_pad,
    &fs_op_pow,
    &fs_op_prelu,
    &fs_op_range,
    &fs_op_reciprocal,
    &fs_op_reduce_max,
    &fs_op_reduce_mean,
    &fs_op_reduce_min,
    &fs_op_reduce_prod,
    &fs_op_reduce_sum,
    &fs_op_relu,
    &fs_op_reshape,
    &fs_op_selu,
    &fs_op_shape,
    &fs_op_sigmoid,
    &fs_op_sin,
    &fs_op_size,
    &fs_op_slice,
    &fs_op_softmax,
    &fs_op_softplus,
    &fs_op_softsign,
    &fs_op_split,
    &fs_op_sqrt,
    &fs_op_squeeze,
    &fs_op_sub,
    &fs_op_sum,
    &fs_op_tanh,
    &fs_op_transpose,
    &fs_op_unsqueeze,
    &fs_op_where,
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
