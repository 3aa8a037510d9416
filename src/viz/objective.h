/* Units of a layer that lie side by side: a number made from one item's activation, and its gradient.
 *
 *     fs_objective_bind(&objective, FS_OBJECTIVE_CHANNEL, &shape, 12, -1, -1, &err);
 *     double value = fs_objective_value(&objective, activation);
 *     fs_objective_gradient(&objective, activation, 1, gradient);
 *
 * The plainest terms of an expression (viz/objectives/units.c). A plain value; pure functions. */
#ifndef FS_VIZ_OBJECTIVE_H
#define FS_VIZ_OBJECTIVE_H

#include "engine/tensor.h"

typedef enum fs_objective_kind {
    FS_OBJECTIVE_CHANNEL,  /* mean of the channel over the layer's positions (of its positive part before the
                              first ReLU) */
    FS_OBJECTIVE_NEURON,   /* the channel at one position, the centre unless x,y are given */
    FS_OBJECTIVE_LOGIT,    /* a class score before the softmax; channel is the class */
    FS_OBJECTIVE_DEEPDREAM /* mean of squares of the whole layer; channel is ignored */
} fs_objective_kind;

/* The values that count lie side by side in an item's activation [C,H,W]. */
typedef struct fs_objective {
    bool squares;  /* mean of squares instead of mean */
    bool positive; /* mean of the positive part instead of the mean */
    bool negative; /* everything of minus the activation */
    int64_t first, count;
} fs_objective;

/* shape: the layer's [N,C,...]. x, y matter to FS_OBJECTIVE_NEURON alone; -1: the centre. */
fs_status fs_objective_bind(fs_objective *out, fs_objective_kind kind, const fs_shape *shape, int channel,
                            int x, int y, fs_error *err);

/* For a layer that is affine in the image (fs_graph_is_affine): there the mean over all positions sees of a
 * picture little more than its average colour and its border, because what a filter of edges gains on one
 * side of an edge it loses on the other. So a channel's positive part is maximised, as the ReLU after the
 * layer would leave it. Where no unit is positive yet the gradient is that of the mean. Other kinds, and
 * channels of one unit, stay as they are. */
void fs_objective_rectify(fs_objective *objective, fs_objective_kind kind);

double fs_objective_value(const fs_objective *objective, const float *activation);

/* Adds weight times the gradient, to [first, first + count) alone. */
void fs_objective_gradient(const fs_objective *objective, const float *activation, double weight,
                           float *gradient);

#endif
