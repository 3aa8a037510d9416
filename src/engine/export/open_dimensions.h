/* Which dimensions of a graph's outputs follow from the weights and which from the image that is fed in. */
#ifndef FS_ENGINE_EXPORT_OPEN_DIMENSIONS_H
#define FS_ENGINE_EXPORT_OPEN_DIMENSIONS_H

#include "engine/graph.h"

enum { FS_DIMENSION_OPEN = -1, FS_DIMENSION_BATCH = -2 };

/* out: one shape for each output. A dimension is a number where it is the same whatever open dimension of the
 * input changes, FS_DIMENSION_BATCH where it is the open batch, else FS_DIMENSION_OPEN; rank -1 where the
 * output cannot be computed at the sample size. `sample` is an input that suits the graph. */
fs_status fs_open_dimensions(fs_shape *out, const fs_graph *graph, fs_shape sample, fs_error *err);

#endif
