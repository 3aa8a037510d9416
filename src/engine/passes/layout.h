/* Channels-last networks, turned into the channels-first ones that the engine computes.
 *
 *     fs_pass_layout(graph, &err);        // after fs_graph_finish
 *
 * TensorFlow and Keras keep images as [N,H,W,C]; in a file they appear as convolutions between two
 * Transposes. The pass walks the nodes in order and remembers of each value whether it is meant channels
 * last, and which value holds the same numbers channels first. A Transpose to channels last then computes
 * nothing, one back again is its counterpart and disappears, and operators in between (elementwise ones,
 * Concat, Softmax, reductions, Pad, Slice, Squeeze, Resize) are moved over to channels first: axes are
 * renumbered, constants permuted. An operator that is not known here gets its operands in the layout the file
 * means, by one Transpose. Outputs and inner values of rank 4 keep their names and are channels first
 * afterwards.
 *
 * Numbers do not change, except that sums over channels may be taken in another order. Everything new belongs
 * to the graph. */
#ifndef FS_ENGINE_PASSES_LAYOUT_H
#define FS_ENGINE_PASSES_LAYOUT_H

#include "engine/graph.h"

fs_status fs_pass_layout(fs_graph *graph, fs_error *err);

#endif
