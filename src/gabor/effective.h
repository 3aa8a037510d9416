/* Effective kernels: what a unit deep in the network weighs the picture with, to first order.
 *
 *     fs_kernels_effective(&kernels, model, layer, NULL, pool, progress, &err);       // at mid-grey
 *     fs_kernels_effective(&kernels, model, layer, photographs, pool, progress, &err);
 *
 * The kernel of a channel is the gradient of one unit, before its ReLU (those of its parts, where the layer
 * joins others), with respect to the network's input,
 * over the unit's receptive field. At the picture that is grey all over this is the composition of the layers
 * below, linearised there: a ReLU passes what passes at grey, an average pooling is a convolution. With
 * photographs it is the mean of the gradients at the middle of each, cropped as for `classify`: the
 * first-order kernel under natural pictures. The unit is one whose field lies inside the picture, so no
 * padding takes part. Planes are in the order red, green, blue. */
#ifndef FS_GABOR_EFFECTIVE_H
#define FS_GABOR_EFFECTIVE_H

#include "base/folder.h"
#include "base/pool.h"
#include "base/progress.h"
#include "gabor/kernels.h"

/* photographs may be NULL; those that cannot be read are passed over, an error when none can. Errors too
 * where the layer sees the whole picture, or more than FS_PATCH_MAX_SIDE pixels of it. */
fs_status fs_kernels_effective(fs_kernels *out, const fs_model *model, const fs_layer *layer,
                               const fs_folder *photographs, fs_pool *pool, const fs_progress *progress,
                               fs_error *err);

#endif
