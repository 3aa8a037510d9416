/* The input size of a model that does not say one: 224 pixels, or if its last output cannot be computed at
 * that (a linear layer that counts on another size), the first of other usual sizes at which it can. */
#ifndef FS_ENGINE_DEFAULT_SIZE_H
#define FS_ENGINE_DEFAULT_SIZE_H

#include "engine/graph.h"

/* *out is the side of a square; 224 too when no size works. */
fs_status fs_default_side(int *out, const fs_graph *graph, int channels, fs_error *err);

#endif
