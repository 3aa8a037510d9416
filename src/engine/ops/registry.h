/* The operators, one constant each, in the files of this folder; registry.c lists them. */
#ifndef FS_ENGINE_OPS_REGISTRY_H
#define FS_ENGINE_OPS_REGISTRY_H

#include "engine/operator.h"

extern const fs_operator fs_op_abs;
extern const fs_operator fs_op_add;
extern const fs_operator fs_op_and;
extern const fs_operator fs_op_average_pool;
extern const fs_operator fs_op_batch_norm;
extern const fs_operator fs_op_cast;
extern const fs_operator fs_op_ceil;
extern const fs_operator fs_op_clip;
extern const fs_operator fs_op_concat;
extern const fs_operator fs_op_constant;
extern const fs_operator fs_op_constant_of_shape;
extern const fs_operator fs_op_conv;
extern const fs_operator fs_op_cos;
extern const fs_operator fs_op_div;
extern const fs_operator fs_op_dropout;
extern const fs_operator fs_op_elu;
extern const fs_operator fs_op_equal;
extern const fs_operator fs_op_erf;
extern const fs_operator fs_op_exp;
extern const fs_operator fs_op_expand;
extern const fs_operator fs_op_flatten;
extern const fs_operator fs_op_floor;
extern const fs_operator fs_op_gather;
extern const fs_operator fs_op_gemm;
extern const fs_operator fs_op_global_average_pool;
extern const fs_operator fs_op_global_max_pool;
extern const fs_operator fs_op_greater;
extern const fs_operator fs_op_greater_or_equal;
extern const fs_operator fs_op_hard_sigmoid;
extern const fs_operator fs_op_hard_swish;
extern const fs_operator fs_op_identity;
extern const fs_operator fs_op_leaky_relu;
extern const fs_operator fs_op_less;
extern const fs_operator fs_op_less_or_equal;
extern const fs_operator fs_op_log;
extern const fs_operator fs_op_log_softmax;
extern const fs_operator fs_op_lrn;
extern const fs_operator fs_op_matmul;
extern const fs_operator fs_op_max;
extern const fs_operator fs_op_max_pool;
extern const fs_operator fs_op_mean;
extern const fs_operator fs_op_min;
extern const fs_operator fs_op_mul;
extern const fs_operator fs_op_neg;
extern const fs_operator fs_op_not;
extern const fs_operator fs_op_or;
extern const fs_operator fs_op_pad;
extern const fs_operator fs_op_pow;
extern const fs_operator fs_op_prelu;
extern const fs_operator fs_op_range;
extern const fs_operator fs_op_reciprocal;
extern const fs_operator fs_op_reduce_max;
extern const fs_operator fs_op_reduce_mean;
extern const fs_operator fs_op_reduce_min;
extern const fs_operator fs_op_reduce_prod;
extern const fs_operator fs_op_reduce_sum;
extern const fs_operator fs_op_relu;
extern const fs_operator fs_op_reshape;
extern const fs_operator fs_op_selu;
extern const fs_operator fs_op_shape;
extern const fs_operator fs_op_sigmoid;
extern const fs_operator fs_op_sin;
extern const fs_operator fs_op_size;
extern const fs_operator fs_op_slice;
extern const fs_operator fs_op_softmax;
extern const fs_operator fs_op_softplus;
extern const fs_operator fs_op_softsign;
extern const fs_operator fs_op_split;
extern const fs_operator fs_op_sqrt;
extern const fs_operator fs_op_squeeze;
extern const fs_operator fs_op_sub;
extern const fs_operator fs_op_sum;
extern const fs_operator fs_op_tanh;
extern const fs_operator fs_op_transpose;
extern const fs_operator fs_op_unsqueeze;
extern const fs_operator fs_op_where;

#endif
