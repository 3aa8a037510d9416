/* How far a layer is on the way from edges to objects.
 *
 * The sidecar may say so. Otherwise the level follows from depth: count the convolutions, and in transformers
 * the products with a weight, on the longest way from the image to the layer (d) and to the deepest layer
 * (n); the share is (d - 1) / (n - 1). A convolutional layer whose units see at least the whole shorter side
 * of the image counts as 0.15 further along.
 *
 *     d <= 1                   edge      the first convolution and what follows it up to the next
 *     share <= 0.25            texture
 *     share <= 0.50            pattern
 *     share <  0.84            part
 *     above                    object    and whatever follows when no positions are left
 *
 * * * Branches whose names are the block's with more added ("mixed4d_1x1" of "mixed4d", see layer_parents.h)
 * have its level, unless they are the first convolution or more than four convolutions before it. Modules
 * inside modules
 * ("features.3.squeeze") have their own.
 *
 * The bounds were set by looking at rendered channels of SqueezeNet 1.0 (features.3: texture, features.12:
 * object) and InceptionV1 (mixed3a: texture, mixed4a: pattern, mixed4d: object). */
#ifndef FS_ENGINE_LEVELS_H
#define FS_ENGINE_LEVELS_H

#include "engine/model.h"
#include "engine/receptive_field.h"
#include "engine/sidecar_levels.h"

/* Sets the level of every layer. An unknown name in `levels` (may be NULL) is an error. */
fs_status fs_levels_assign(fs_model *model, const fs_field *fields, const fs_sidecar_levels *levels,
                           fs_error *err);

/* Whether a name of the sidecar's levels stands for any layer of the model. */
bool fs_levels_match(const fs_model *model, const char *pattern);

#endif
