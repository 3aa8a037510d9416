/* Which layers are parts of another one, by their names: "features.3.squeeze" belongs to "features.3",
 * "mixed3a_1x1_pre_relu" to "mixed3a_1x1" and that to "mixed3a".
 *
 * A layer's parent is the one with the longest name that begins its own and is followed there by '.' or '/',
 * or by
 * '_' when that layer comes later: what branches lead to, while what follows from a layer ("conv1_relu" from
 * "conv1") is no part of it. */
#ifndef FS_ENGINE_LAYER_PARENTS_H
#define FS_ENGINE_LAYER_PARENTS_H

#include "engine/model.h"

/* Sets the parent of every layer; the names are there. */
fs_status fs_layer_parents_assign(fs_model *model, fs_error *err);

#endif
