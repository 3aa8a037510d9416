/* A network on the way from one version to the other: its weights interpolated linearly.
 *
 *     fs_model_load(&between, after->path, &err);
 *     fs_shift_match(&layers, before, after, true, &err);
 *     fs_shift_blend(between, before, after, &layers, 0.5);          // half way; again with another share
 *
 * Weights are those constants of the matched layers' nodes that have the same place and shape in both:
 * kernels, biases, statistics of batch normalisations. What has no partner stays as it is in `after`. Plans
 * are made from the blend after it was blended. */
#ifndef FS_VIZ_SHIFT_BLEND_H
#define FS_VIZ_SHIFT_BLEND_H

#include "viz/shift_layers.h"

/* between: the file of `after`, loaded once more. share: 0 `before` ... 1 `after`. Returns how many constants
 * were set. */
int fs_shift_blend(fs_model *between, const fs_model *before, const fs_model *after,
                   const fs_shift_layers *layers, double share);

#endif
