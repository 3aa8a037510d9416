/* The weights between a channel and the channels of the neighbouring layers: what it is made of, or with
 * FS_WEIGHTS_TO what is made of it.
 *
 *     fs_neighbour_weights_find(&weights, model, layer, 12, FS_WEIGHTS_FROM, &err);
 *     for (int i = 0; i < weights.n; i++)                       // the greatest sum first
 *         draw(weights.items[i].kernel, weights.items[i].height, weights.items[i].width);
 *     fs_neighbour_weights_free(&weights);
 *
 * Convolutions, transposed convolutions and products with constant weights have kernels. From a channel to
 * them and between them the search goes through everything that leaves channels what they are: rectifiers,
 * poolings, identities, reshapes that keep them, paddings, factors and offsets of a channel; a factor (of a
 * batch normalisation, say) is multiplied into the kernel. A channel of a Concat is found in its branch, that
 * of a sum in all its branches; a branch without weights of its own, the shortcut of a residual block, is a
 * kernel of the single number 1. A source is the nearest layer with weights, the nearest Concat or the
 * nearest sum behind the kernel.
 *
 * Kernels lie as the network applies them, by correlation: their top left weighs what lies top left in the
 * source. A product behind a flattened map has one kernel as large as the map for each of its channels.
 *
 * Values only: the list keeps nothing of the model. Pure functions. */
#ifndef FS_ENGINE_NEIGHBOUR_WEIGHTS_H
#define FS_ENGINE_NEIGHBOUR_WEIGHTS_H

#include "engine/model.h"

enum { FS_LAYER_PICTURE = -1 };

typedef enum fs_weights_direction { FS_WEIGHTS_FROM, FS_WEIGHTS_TO } fs_weights_direction;

typedef struct fs_neighbour_weight {
    int layer;           /* of the other end: an index into the model's layers, or FS_LAYER_PICTURE */
    int channel;         /* there; of a picture in the order of the network's input */
    int height, width;   /* of the kernel */
    const float *kernel; /* [height][width], the list's */
    float sum, norm;     /* of the kernel's numbers: their sum, the root of the sum of their squares */
} fs_neighbour_weight;

typedef struct fs_neighbour_weights {
    fs_neighbour_weight *items; /* by descending sum, among equals by layer and channel */
    int n;
    float greatest; /* magnitude of a number in any kernel */
    float *numbers;
} fs_neighbour_weights;

/* FS_ERROR_NOT_FOUND when nothing with weights lies there. */
fs_status fs_neighbour_weights_find(fs_neighbour_weights *out, const fs_model *model, const fs_layer *layer,
                                    int channel, fs_weights_direction direction, fs_error *err);
void fs_neighbour_weights_free(fs_neighbour_weights *weights);

#endif
