/* The layers of a model as a Graphviz graph: a node for each, coloured by level, modules as boxes around
 * theirs.
 *
 *     fs_text text = {0};
 *     fs_layers_dot(&text, model, &err);      // filterscope layers --dot | dot -Tsvg > graph.svg
 *
 * Weights are left out, and so is what makes no layer (dropout, shape arithmetic): an edge goes past it. The
 * same model gives the same text. Names from the file are escaped; malformed UTF-8 becomes '?'. */
#ifndef FS_APP_LAYERS_DOT_H
#define FS_APP_LAYERS_DOT_H

#include "base/text.h"
#include "engine/model.h"

fs_status fs_layers_dot(fs_text *out, const fs_model *model, fs_error *err);

#endif
