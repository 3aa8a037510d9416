/* What CKA needs of a network: the Gram matrices of its layers over some pictures, minibatch by minibatch.
 * Networks that were shown the same pictures are compared without running again, so that one of them can be
 * held against many.
 *
 *     const fs_grams_pictures pictures = {.n = 153, .batch = 32, .input = input, .context = &mine};
 *     fs_layer_grams_measure(&before, model, layers, n_layers, &pictures, pool, &progress, &err);
 *     fs_layer_grams_measure(&after, other, ...);                      // the same pictures
 *     fs_layer_grams_cka(&cka, &before, 3, &after, 3, &err);           // of the fourth layer of each
 *     fs_layer_grams_free(&before);
 *
 * Pictures are drawn in a random order: those of a folder a class lie one class behind the other, and a
 * minibatch of one class says nothing about the classes. A layer's activations are held for a minibatch, some
 * layers at a time (FS_GRAMS_FEATURE_BYTES, or a minibatch of the largest layer where that is more); what is
 * kept is n * batch numbers a layer. One thread at a time; the result does not depend on the pool beyond
 * rounding. */
#ifndef FS_VIZ_LAYER_GRAMS_H
#define FS_VIZ_LAYER_GRAMS_H

#include "base/progress.h"
#include "engine/model.h"
#include "viz/cka.h"

#define FS_GRAMS_FEATURE_BYTES ((int64_t)256 << 20)

typedef struct fs_grams_pictures {
    int n, batch; /* batch: 2 * FS_CKA_LEAST_BATCH or more, so that none has too few for a Gram matrix */
    uint64_t seed;
    /* Writes a picture as the model wants it, [C,H,W]. One that fails is left out, unless memory is short. */
    fs_status (*input)(void *context, const fs_model *model, int picture, float *input, fs_error *err);
    void *context;
    const char *label; /* of the progress */
    int most;          /* pictures to use, the first of the random order that can be; 0: all of them */
} fs_grams_pictures;

typedef struct fs_layer_grams {
    int n_layers, n_pictures, n_batches;
    int *pictures; /* [n_pictures] that were used, in their order */
    int *sizes;    /* [n_batches] */
    double *grams; /* minibatch by minibatch: [n_layers][size][size] */
} fs_layer_grams;

/* FS_ERROR_LIMIT when fewer than FS_CKA_LEAST_BATCH pictures can be used; FS_ERROR_DIVERGED names the layer
 * whose values are not finite. */
fs_status fs_layer_grams_measure(fs_layer_grams *out, const fs_model *model, const fs_layer *const *layers,
                                 int n_layers, const fs_grams_pictures *pictures, fs_pool *pool,
                                 const fs_progress *progress, fs_error *err);
void fs_layer_grams_free(fs_layer_grams *grams);

/* *cka is NaN where one of the layers shows no variation beyond chance. FS_ERROR_ARGUMENT when the two have
 * seen different pictures. */
fs_status fs_layer_grams_cka(double *cka, const fs_layer_grams *a, int layer_a, const fs_layer_grams *b,
                             int layer_b, fs_error *err);

#endif
