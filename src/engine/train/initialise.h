/* Forgets what a network has learned, so that it can be trained from scratch.
 *
 *     fs_model_initialise(model, seed, &err);
 *
 * Kernels and matrices become normal numbers of variance 2 / inputs of a unit (He et al. 2015, "Delving deep
 * into rectifiers"), biases zero, gains one, means zero, variances one. Constants that are not trained (see
 * trainable.h) stay. The numbers of a constant depend on the seed and its place among them alone. */
#ifndef FS_ENGINE_TRAIN_INITIALISE_H
#define FS_ENGINE_TRAIN_INITIALISE_H

#include "engine/model.h"

fs_status fs_model_initialise(fs_model *model, uint64_t seed, fs_error *err);

#endif
