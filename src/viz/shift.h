/* How the representations of a network moved from one version of it to another, over a folder of photographs.
 *
 *     fs_shift_match(&layers, before, after, false, &err);
 *     fs_shift_measure(&shift, &layers, models, folder, &settings, pool, &watch, &err);
 *     for (int i = 0; i < layers.n; i++)
 *         show(fs_cka_value(shift.cka, i, i), shift.layers[i].procrustes);
 *     fs_shift_free(&shift);
 *
 * The photographs (at most settings.images, drawn at random without repetition) go through both networks in
 * minibatches, each cropped and preprocessed as that network wants it. A layer's activations of a minibatch
 * are held until their Gram matrices are made, some layers at a time: memory is bounded by the minibatch
 * (FS_SHIFT_FEATURE_BYTES, or twice the minibatch of the largest layer where that is more) and by the means
 * that are kept of each channel, not by the folder. The order is random because pictures of a folder a class
 * lie one class behind the other, and a minibatch of one class says nothing about the classes.
 *
 * Classes are the folders directly below the given one. Models, layers and folder are borrowed; the result
 * keeps nothing of them. One thread at a time; the result does not depend on the pool beyond rounding. */
#ifndef FS_VIZ_SHIFT_H
#define FS_VIZ_SHIFT_H

#include "viz/cka.h"
#include "viz/examples.h"
#include "viz/separability.h"
#include "viz/shift_layers.h"

#define FS_SHIFT_FEATURE_BYTES ((int64_t)512 << 20)
enum { FS_SHIFT_MAX_IMAGES = 10000, FS_SHIFT_LEAST_BATCH = 2 * FS_CKA_LEAST_BATCH, FS_SHIFT_MAX_BATCH = 256 };

/* A channel before and after, over all positions of all pictures. Numbers below a millionth of the layer's
 * greatest deviation are taken for rounding: a channel within them does not vary, and a dead one that stays
 * dead has not changed. */
typedef struct fs_shift_channel {
    double mean[FS_VERSIONS], deviation[FS_VERSIONS];
    double correlation; /* Pearson's; NaN where a version does not vary */
    /* mean (a - a')^2 / (var + var' + (mean - mean')^2) = 1 - 2 cov / (...), one minus the concordance
     * correlation of Lin (Biometrics 45, 1989): 0 the same answers, 1 unrelated ones, 2 opposite ones. Sees
     * what a correlation does not: changes of gain and offset, and channels that died. */
    double score;
} fs_shift_channel;

typedef struct fs_shift_layer {
    int channels;
    fs_shift_channel *channel;               /* [channels] */
    double procrustes;                       /* of the channels' means over positions */
    fs_separability separable[FS_VERSIONS];  /* likewise; only where fs_shift.classes is not 0 */
    double median_correlation, median_score; /* of the channels; NaN where there is none */
} fs_shift_layer;

/* A filter of a layer with weights. */
typedef struct fs_shift_filter {
    int layer, channel;
    double cosine;            /* between the kernels; NaN where one is zero */
    double norm[FS_VERSIONS]; /* of the kernels */
    double norm_change;       /* norm after / norm before - 1; NaN where that was zero */
    double change;            /* |after - before| / |before|; NaN likewise */
} fs_shift_filter;

typedef struct fs_shift {
    int n_layers, images, skipped; /* pictures used, and those that could not be read */
    int classes;                   /* 0: the folder's classes are too few or too small for linear probes */
    double chance;                 /* share of the largest class */
    fs_cka *cka;
    fs_shift_layer *layers;
    fs_shift_filter *filters; /* by descending score of their channels, among equals by layer and channel */
    int n_filters;
    int *files; /* [images] which of the folder's were used */
} fs_shift;

typedef struct fs_shift_settings {
    int images, batch; /* most pictures; pictures of a minibatch */
    uint64_t seed;
} fs_shift_settings;

/* FS_ERROR_LIMIT when fewer pictures than FS_CKA_LEAST_BATCH can be used; FS_ERROR_DIVERGED names the model
 * and layer whose values are not finite. */
fs_status fs_shift_measure(fs_shift *out, const fs_shift_layers *layers,
                           const fs_model *const models[FS_VERSIONS], const fs_folder *folder,
                           const fs_shift_settings *settings, fs_pool *pool, const fs_examples_watch *watch,
                           fs_error *err);
void fs_shift_free(fs_shift *shift);

static inline const fs_shift_channel *fs_shift_channel_of(const fs_shift *shift,
                                                          const fs_shift_filter *filter) {
    return &shift->layers[filter->layer].channel[filter->channel];
}

/* The comparison of kernels alone, in the order of layers and channels; fs_free. No pictures are needed. */
fs_status fs_shift_compare_filters(fs_shift_filter **out, int *n, const fs_shift_layers *layers,
                                   fs_error *err);
/* The middle of the finite ones among the values, which it puts into another order; NaN where there is none.
 */
double fs_shift_median(double *values, int n);
/* The class of each file that is given, by the name of its folder; returns how many classes there are. */
int fs_shift_label(const fs_folder *folder, const int *files, int n, int *labels);

#endif
