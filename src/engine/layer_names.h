/* Names of layers, from what exporters leave in a file.
 *
 * PyTorch writes node names as paths, "/features/features.3/squeeze/Conv": each component repeats its
 * parent's name, which is taken off again, so that the dotted path is "features.3.squeeze.Conv". All but the
 * last component are modules. A layer that is the last of its module has the module's name
 * ("features.3.squeeze"), and goes on to the enclosing module's while it is the last of that too, but not to
 * a module at the top: what leaves "features" is called "features.12". Other layers have their whole path
 * ("layer1.0.Add"). Other exporters name values ("conv1_1", "mixed3a"); those names are used as they are,
 * except for running numbers, which say less than the node's name ("Conv_12"). Outputs keep their own names.
 */
#ifndef FS_ENGINE_LAYER_NAMES_H
#define FS_ENGINE_LAYER_NAMES_H

#include "engine/model.h"

/* Fills name, path and parent of every layer (value and node are set) and makes the names unique; adds the
 * parameters of its whole module to a layer that has a module's name. Strings live in the model's arena. */
fs_status fs_layer_names_assign(fs_model *model, fs_error *err);

/* The dotted form of a name: separators are '.', repeated parents are gone, "_output_0" too. At most
 * FS_LAYER_PATH - 1 bytes are kept. */
enum { FS_LAYER_PATH = 1100 };
void fs_layer_path_normalise(const char *name, char out[FS_LAYER_PATH]);

/* The end of the first occurrence of `part` (whole dotted components) in path at or after `from`, or NULL. */
const char *fs_layer_path_find(const char *path, const char *from, const char *part);

#endif
