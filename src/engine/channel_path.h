/* How single channels run through a graph: which operators leave a channel what it is, and what becomes of
 * its number and its scale on the way.
 *
 *     fs_channel_step step = fs_channel_step_of(graph, shapes, node, 0);
 *     if (step.kind == FS_STEP_SAME)
 *         before = channel / step.group + step.first;        // of node->inputs[step.input]
 *
 * Channels are the second dimension. Shapes are those of fs_plan_infer_shapes. Pure functions. */
#ifndef FS_ENGINE_CHANNEL_PATH_H
#define FS_ENGINE_CHANNEL_PATH_H

#include "engine/graph.h"

typedef enum fs_step_kind {
    FS_STEP_SAME,    /* channel by channel */
    FS_STEP_WEIGHTS, /* convolution or product: a number between every two channels (of a group) */
    FS_STEP_CONCAT,  /* of channels */
    FS_STEP_SUM,     /* of several values of one shape */
    FS_STEP_MIXED    /* anything else */
} fs_step_kind;

typedef struct fs_channel_step {
    fs_step_kind kind;
    /* of SAME: */
    int input;     /* which input of the node the channel comes from */
    int64_t group; /* numbers of the output that are one channel before: a map that is flattened */
    int64_t first; /* added to the channel on the way back: a part of a Split */
} fs_channel_step;

/* `output`: which output of the node is meant. */
fs_channel_step fs_channel_step_of(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node,
                                   int output);

/* What a SAME step multiplies the channel (as the output numbers it) with: 1 where it is no factor. */
double fs_channel_scale(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node,
                        const fs_channel_step *step, int64_t channel);

/* The kernels of a WEIGHTS step: the number at row y and column x of the kernel from input i of group g to
 * its output o (both counted within the group) is
 *
 *     scale * data[g * group_step + o * output_step + i * input_step + y * row_step + x * column_step] */
typedef struct fs_channel_kernels {
    const float *data; /* the graph's */
    float scale;
    int64_t groups, outputs, inputs; /* outputs of all groups, inputs of one */
    int height, width;
    int64_t group_step, output_step, input_step, row_step, column_step;
} fs_channel_kernels;
void fs_channel_kernels_of(fs_channel_kernels *out, const fs_graph *graph, const fs_node *node);

#endif
