/* The operators, one constant each, in the files of this folder; registry.c lists them. */
#ifndef FS_ENGINE_OPS_REGISTRY_H
#define FS_ENGINE_OPS_REGISTRY_H

#include "engine/operator.h"

extern const fs_operator fs_op_conv, fs_op_gemm;
extern const fs_operator fs_op_max_pool, fs_op_average_pool, fs_op_global_average_pool, fs_op_global_max_pool;
extern const fs_operator fs_op_relu;
extern const fs_operator fs_op_softmax, fs_op_log_softmax;
extern const fs_operator fs_op_concat;
extern const fs_operator fs_op_identity, fs_op_dropout;
extern const fs_operator fs_op_flatten, fs_op_reshape, fs_op_squeeze, fs_op_unsqueeze;

#endif
