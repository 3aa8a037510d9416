/* Centred kernel alignment: how alike two layers arrange the same pictures, whatever their units are.
 *
 *     fs_cka_create(&cka, layers_a, layers_b, &err);
 *     for each minibatch of n pictures:
 *         fs_cka_gram(features, n, count, gram_a[i], pool);        // for each layer of both networks
 *         fs_cka_add(cka, gram_a, gram_b, n);
 *     similarity = fs_cka_value(cka, i, j);                        // 1: the same but for rotation and scale
 *
 * Linear CKA (Kornblith, Norouzi, Lee and Hinton, "Similarity of neural network representations revisited",
 * ICML 2019) with the unbiased estimator HSIC_1 of Song, Smola, Gretton, Bedo and Borgwardt ("Feature
 * selection via dependence maximization", JMLR 13, 2012), averaged over minibatches as in Nguyen, Raghu and
 * Kornblith ("Do wide and deep networks learn the same things?", ICLR 2021):
 *
 *     CKA = mean HSIC_1(K, L) / sqrt(mean HSIC_1(K, K) * mean HSIC_1(L, L)),   K = X X^T,  L = Y Y^T
 *     HSIC_1(K, L) = (tr(K L) + 1'K1 1'L1 / ((n-1)(n-2)) - 2/(n-2) 1'K L 1) / (n (n-3)),  diagonals zero
 *
 * X holds all numbers of a layer for n pictures, [n, channels * positions]; only the n x n Gram matrices
 * outlive a layer, so memory is bounded by the minibatch. HSIC_1 is computed as the inner product of
 * U-centred Gram matrices (Szekely and Rizzo, Annals of Statistics 42(6), 2014), which is the same number
 * with less cancellation. One thread at a time. */
#ifndef FS_VIZ_CKA_H
#define FS_VIZ_CKA_H

#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"

enum { FS_CKA_LEAST_BATCH = 4, FS_CKA_MOST_BATCH = 1024 };
/* Of the random order of pictures, one for all who compare layers: the same seed, the same minibatches. */
enum { FS_CKA_STREAM = 0x67a3 };

typedef struct fs_cka fs_cka;

fs_status fs_cka_create(fs_cka **out, int layers_a, int layers_b, fs_error *err);
void fs_cka_destroy(fs_cka *cka); /* NULL is fine */

/* The next minibatch of `left` pictures: as even as minibatches of at most `most` can be, so that with
 * most >= 2 * FS_CKA_LEAST_BATCH none has too few for a Gram matrix. */
int fs_cka_batch_size(int left, int most);
/* features [n][count] lose their mean over the n pictures, which HSIC_1 does not see and rounding does.
 * gram [n][n], U-centred. n >= FS_CKA_LEAST_BATCH. FS_ERROR_DIVERGED when it is not finite. */
fs_status fs_cka_gram(float *features, int n, int64_t count, double *gram, fs_pool *pool, fs_error *err);
/* A minibatch: grams_a [layers_a][n][n], grams_b [layers_b][n][n]. */
void fs_cka_add(fs_cka *cka, const double *grams_a, const double *grams_b, int n);

int fs_cka_batches(const fs_cka *cka);
/* NaN where one of the layers shows no variation beyond chance: its own HSIC_1 is not positive. */
double fs_cka_value(const fs_cka *cka, int layer_a, int layer_b);

#endif
