/* How far each layer of a network that is being trained has moved: CKA against the network before, on a few
 * pictures that stay the same.
 *
 *     fs_cka_probe_create(&probe, &layers, models, inputs, n, pool, &err);
 *     for each epoch:
 *         fs_cka_probe_measure(probe, cancel, cka, &err);      // [layers.n]; models[FS_AFTER] as it is now
 *     fs_cka_probe_destroy(probe);
 *
 * What the network before says of the pictures is computed once. With one minibatch the estimator of
 * viz/cka.h is noisy between different networks, but exactly 1 for a layer that has not moved, and its noise
 * is the same from epoch to epoch. The networks run as viz/layer_grams.h says. Models, layers and pool are
 * borrowed, inputs are copied. One thread at a time. */
#ifndef FS_VIZ_CKA_PROBE_H
#define FS_VIZ_CKA_PROBE_H

#include <stdatomic.h>

#include "viz/cka.h"
#include "viz/shift_layers.h"

typedef struct fs_cka_probe fs_cka_probe;

/* inputs: [n][C,H,W], preprocessed as both models want it; n at least FS_CKA_LEAST_BATCH. */
fs_status fs_cka_probe_create(fs_cka_probe **out, const fs_shift_layers *layers,
                              const fs_model *const models[FS_VERSIONS], const float *inputs, int n,
                              fs_pool *pool, fs_error *err);
void fs_cka_probe_destroy(fs_cka_probe *probe); /* NULL is fine */

/* cka: [layers->n]; NaN where a layer shows no variation (viz/cka.h). */
fs_status fs_cka_probe_measure(fs_cka_probe *probe, const atomic_bool *cancel, double *cka, fs_error *err);

#endif
