/* Between layout.c (the walk over the graph) and layout_move.c (what each operator needs). */
#ifndef FS_ENGINE_PASSES_LAYOUT_PRIVATE_H
#define FS_ENGINE_PASSES_LAYOUT_PRIVATE_H

#include "engine/graph.h"
#include "engine/operator.h"

/* axis of [N,H,W,C] -> axis of [N,C,H,W], and the permutation of a Transpose from the one to the other. */
static const int fs_layout_axis[4] = {0, 2, 3, 1};
static const int fs_layout_to_first[4] = {0, 3, 1, 2}, fs_layout_to_last[4] = {0, 2, 3, 1};

typedef struct fs_layout {
    fs_graph *graph;
    const int
        *first; /* of a value: the one that holds it channels first; FS_NO_VALUE: it is as the file says */
    const int *same; /* of a value: the one to read in its place, itself where nothing has changed */
} fs_layout;

/* A node on its way to channels first: copies that may be changed. */
typedef struct fs_layout_node {
    const fs_node *node;
    int inputs[FS_MAX_INPUTS];
    fs_attribute *attributes;
    bool makes_last; /* its outputs are channels last in the file, so channels first from now on */
} fs_layout_node;

/* Whether the operator can work channels first, and if so, how: fills *out. *moves is false where the
 * operands must be given as the file means them. At least one input is channels last. */
fs_status fs_layout_move(fs_layout_node *out, bool *moves, const fs_layout *layout, const fs_node *node,
                         fs_error *err);

#endif
