/* The layers that two versions of a network have in common, and their filters.
 *
 *     fs_shift_match(&layers, before, after, false, &err);
 *     for (int i = 0; i < layers.n; i++)
 *         compare(layers.pairs[i].layer[0], layers.pairs[i].layer[1]);
 *     fs_shift_layers_free(&layers);
 *
 * Layers are matched by name. Those that only one of the two has, and those whose shapes differ, are listed
 * as skipped. Everything is borrowed from the models; read only once made, so any thread. */
#ifndef FS_VIZ_SHIFT_LAYERS_H
#define FS_VIZ_SHIFT_LAYERS_H

#include "engine/model.h"

/* The two versions, as indices everywhere in this family of files. */
enum { FS_BEFORE, FS_AFTER, FS_VERSIONS };
enum { FS_SHIFT_MAX_LAYERS = 1024 };

/* Filter f of a layer as a vector: data[f * filter_step + k * number_step], k < length. */
typedef struct fs_shift_filters {
    const float *data; /* NULL: the layer has no weights of its own */
    int count;
    int64_t length, filter_step, number_step;
} fs_shift_filters;

typedef struct fs_shift_pair {
    const fs_layer *layer[FS_VERSIONS];
    fs_shift_filters filters[FS_VERSIONS]; /* of equal count and length, or both without data */
} fs_shift_pair;

typedef enum fs_shift_reason {
    FS_SHIFT_ONLY_BEFORE,
    FS_SHIFT_ONLY_AFTER,
    FS_SHIFT_SHAPES_DIFFER,
    FS_SHIFT_NO_CHANNELS /* at the model's input size */
} fs_shift_reason;
const char *fs_shift_reason_name(fs_shift_reason reason); /* "only-before" */

typedef struct fs_shift_skip {
    const fs_layer *layer;
    fs_shift_reason reason;
} fs_shift_skip;

typedef struct fs_shift_layers {
    fs_shift_pair *pairs; /* in the order of computation of `before` */
    fs_shift_skip *skipped;
    int n, n_skipped;
} fs_shift_layers;

/* all: every layer; else those that stand by themselves (modules, layers outside of one) or have filters:
 * what lies inside a module and only passes on, rectifiers above all, is left out without being listed.
 * FS_ERROR_NOT_FOUND when nothing is in common. */
fs_status fs_shift_match(fs_shift_layers *out, const fs_model *before, const fs_model *after, bool all,
                         fs_error *err);
void fs_shift_layers_free(fs_shift_layers *layers);

/* The layers of one of the two, [n], fs_free; NULL when memory is short. */
const fs_layer **fs_shift_side(const fs_shift_layers *layers, int version);

/* The weights of a Conv, Gemm or MatMul; no data for other layers. */
fs_shift_filters fs_shift_filters_of(const fs_model *model, const fs_layer *layer);

#endif
