/* Adam, uphill: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1 with the sign
 * turned.
 *
 *     fs_adam_create(&adam, count, 0.05, &err);
 *     fs_adam_step(adam, x, gradient, pool);      // x grows along the gradient
 *
 * beta1 0.9, beta2 0.999, epsilon 1e-8. The object owns both moments; one thread at a time. */
#ifndef FS_VIZ_ADAM_H
#define FS_VIZ_ADAM_H

#include <stddef.h>

#include "base/pool.h"

typedef struct fs_adam fs_adam;

fs_status fs_adam_create(fs_adam **out, size_t count, double rate, fs_error *err);
void fs_adam_destroy(fs_adam *adam);

/* gradient: finite, below 1e18 in magnitude (its square must be a float). */
/* For the steps that follow. */
void fs_adam_set_rate(fs_adam *adam, double rate);
void fs_adam_step(fs_adam *adam, float *x, const float *gradient, fs_pool *pool);

#endif
