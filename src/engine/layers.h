/* The list of layers of a model: one for each floating tensor that is computed from the image and has
 * channels (rank 2 to 4), in the order of computation; identities and inference-time dropout make none of
 * their own.
 *
 * Where channels are not the second dimension (tokens of a transformer [N,T,C], maps [N,H,W,C]) the graph
 * gets a Transpose to [N,C,...] that only those run who look at the layer: layer->view. */
#ifndef FS_ENGINE_LAYERS_H
#define FS_ENGINE_LAYERS_H

#include "engine/model.h"
#include "engine/sidecar_levels.h"

/* Fills model->layers from graph and preprocess. `levels` may be NULL: levels by depth alone. */
fs_status fs_layers_build(fs_model *model, const fs_sidecar_levels *levels, fs_error *err);

#endif
