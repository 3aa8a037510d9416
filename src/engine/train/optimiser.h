/* Optimisers: how weights move along their gradients. Both are defined as PyTorch has them, so that recipes
 * carry over number by number.
 *
 *     fs_optimiser_create(&optimiser, &settings, parameters, n, &err);
 *     fs_optimiser_step(optimiser, rate, pool); // w -= rate * ..., with the gradients as they are now
 *
 *     SGD     g += decay w;  v = momentum v + g  (v = g at the first step);  w -= rate v
 *     AdamW   w -= rate decay w;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *             w -= rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
 *             (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, arXiv:1711.05101)
 *
 * Before that, gradients are scaled down together where their norm exceeds `clip`. Weights and gradients are
 * borrowed, the state is the optimiser's. One thread at a time. */
#ifndef FS_ENGINE_TRAIN_OPTIMISER_H
#define FS_ENGINE_TRAIN_OPTIMISER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"

typedef enum fs_optimiser_kind { FS_OPTIMISER_SGD, FS_OPTIMISER_ADAMW } fs_optimiser_kind;

typedef struct fs_optimiser_settings {
    fs_optimiser_kind kind;
    double momentum;           /* of SGD, 0: none */
    double beta1, beta2;       /* of AdamW */
    double epsilon;            /* of AdamW */
    double weight_decay, clip; /* clip 0: gradients as they are */
} fs_optimiser_settings;

fs_optimiser_settings fs_optimiser_defaults(void); /* SGD, momentum 0.9, no decay, no clipping */

typedef struct fs_optimiser_parameter {
    float *weight, *gradient;
    int64_t count;
    double rate; /* times the step's: 1, or less for what lies deeper */
    bool decays; /* whether weight_decay holds */
} fs_optimiser_parameter;

typedef struct fs_optimiser fs_optimiser;

fs_status fs_optimiser_create(fs_optimiser **out, const fs_optimiser_settings *settings,
                              const fs_optimiser_parameter *parameters, int n, fs_error *err);
void fs_optimiser_destroy(fs_optimiser *optimiser); /* NULL is fine */

/* Returns the norm of all gradients together before clipping. The pool is borrowed, NULL for the calling
 * thread alone; the numbers do not depend on it. */
double fs_optimiser_step(fs_optimiser *optimiser, double rate, fs_pool *pool);

/* What has to be kept to go on later: the number of steps, and a block of floats. */
int64_t fs_optimiser_steps(const fs_optimiser *optimiser);
float *fs_optimiser_state(fs_optimiser *optimiser, int64_t *count);
void fs_optimiser_set_steps(fs_optimiser *optimiser, int64_t steps);

#endif
