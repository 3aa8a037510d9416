/* What a render maximises: a number made from one item's activation, and its gradient.
 *
 *     fs_objective_bind(&objective, FS_OBJECTIVE_CHANNEL, &shape, 12, -1, -1, &err);
 *     double value = fs_objective_value(&objective, activation);
 *     fs_objective_gradient(&objective, activation, gradient);
 *
 * The kinds are those of fs_render_settings (viz/render.h). A plain value; pure functions. */
#ifndef FS_VIZ_OBJECTIVE_H
#define FS_VIZ_OBJECTIVE_H

#include "engine/tensor.h"
#include "viz/render.h"

/* The values that count lie side by side in an item's activation [C,H,W]. */
typedef struct fs_objective {
    bool squares; /* mean of squares instead of mean */
    int64_t first, count;
} fs_objective;

/* shape: the layer's [N,C,...]. x, y matter to FS_OBJECTIVE_NEURON alone; -1: the centre. */
fs_status fs_objective_bind(fs_objective *out, fs_objective_kind kind, const fs_shape *shape, int channel,
                            int x, int y, fs_error *err);

double fs_objective_value(const fs_objective *objective, const float *activation);

/* Writes the places that are not always zero; the caller zeroes the others once. */
void fs_objective_gradient(const fs_objective *objective, const float *activation, float *gradient);

#endif
