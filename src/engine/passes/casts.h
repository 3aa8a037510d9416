/* Weights kept in half precision, turned into the constants they stand for.
 *
 *     fs_pass_casts(graph, &err);        // after fs_graph_finish
 *
 * A file may store weights as FLOAT16 and Cast them to FLOAT where they are used; `export --half` writes such
 * files. The engine has floating point in float32 anyway, so the Cast of such a constant disappears and its
 * output becomes the constant, under the name its users know. */
#ifndef FS_ENGINE_PASSES_CASTS_H
#define FS_ENGINE_PASSES_CASTS_H

#include "engine/graph.h"

fs_status fs_pass_casts(fs_graph *graph, fs_error *err);

#endif
