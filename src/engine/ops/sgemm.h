/* C = alpha * op(A) * op(B) + beta * C on row-major matrices, through BLAS, split over a pool.
 *
 *     fs_sgemm product = {.m = 8, .n = 4, .k = 16, .alpha = 1, .a = a, .lda = 16, .b = b, .ldb = 4, .c = c,
 * .ldc = 4}; fs_sgemm_run(pool, &product);
 *
 * op(A) is [m,k] and op(B) [k,n]; ta and tb say that the stored matrix is the transpose. Sizes fit an int:
 * who calls has checked. With beta 0, C is not read. Everything is borrowed. */
#ifndef FS_ENGINE_OPS_SGEMM_H
#define FS_ENGINE_OPS_SGEMM_H

#include "base/pool.h"
#include "engine/tensor.h"

typedef struct fs_sgemm {
    bool ta, tb;
    int64_t m, n, k;
    float alpha, beta;
    const float *a, *b;
    float *c;
    int64_t lda, ldb, ldc;
} fs_sgemm;

/* Turns off the threads of BLAS's own, for the whole process: the pool's are the only ones. */
void fs_sgemm_use_own_threads(void);

/* NULL pool: in the caller alone, which is what to use inside a parallel loop. */
void fs_sgemm_run(fs_pool *pool, const fs_sgemm *product);

/* The same product of many matrices, one for each place of `batch`; a step says how far the next matrix along
 * a dimension lies. Where steps of C are zero, products meet in one matrix and are taken one after the other:
 * beta must then be 1. */
typedef struct fs_sgemm_batch {
    fs_sgemm product;
    fs_shape batch;
    int64_t a_step[FS_MAX_RANK], b_step[FS_MAX_RANK], c_step[FS_MAX_RANK];
} fs_sgemm_batch;
void fs_sgemm_batch_run(fs_pool *pool, const fs_sgemm_batch *products);

#endif
