/* Forgets what a network has learned, so that it can be trained from scratch.
 *
 *     fs_model_initialise(model, seed, &err);
 *
 * Kernels and matrices become normal numbers of variance 2 / inputs of a unit (He et al. 2015, "Delving deep
 * into rectifiers"), biases zero, gains one, means zero, variances one. Constants that are not trained (see
 * trainable.h) stay.
 *
 * The first kernels, which read the picture, start at a tenth of that: neighbouring pixels are alike, so a
 * learned, smooth kernel gives the same variance with numbers about ten times smaller than independent inputs
 * would need, and noise of the start, which nothing takes away, would hide what is learned. The numbers of a
 * constant depend on the seed and its place among them alone. */
#ifndef FS_ENGINE_TRAIN_INITIALISE_H
#define FS_ENGINE_TRAIN_INITIALISE_H

#include "engine/model.h"

fs_status fs_model_initialise(fs_model *model, uint64_t seed, fs_error *err);

#endif
