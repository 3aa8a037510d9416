/* A new head on a network: the classifier is cut off above a value and another one for K classes is put
 * there.
 *
 *     int from;
 *     fs_model_head_input(&from, model, &err);                   // where the features end
 *     fs_head_options options = fs_head_options_default();
 *     options.classes = 5;
 *     fs_model_replace_head(model, from, &options, &err);
 *
 *     map [N,C,H,W] -> GlobalAveragePool -> Flatten -> (Gemm [hidden,C] -> Relu) -> Gemm [K,C] -> "logits"
 *
 * Weights start as He et al. (2015) have it, normal with variance 2 / inputs; biases are zero. Value numbers
 * of what stays keep their meaning; nodes and constants that nothing needs any more are gone. */
#ifndef FS_ENGINE_HEAD_H
#define FS_ENGINE_HEAD_H

#include "engine/model.h"

enum { FS_HEAD_MAX_CLASSES = 100000, FS_HEAD_MAX_HIDDEN = 65536 };

typedef struct fs_head_options {
    int classes;
    int hidden;     /* units of a layer in between; 0: none */
    uint64_t seed;  /* of the weights */
    fs_shape input; /* [N,C,H,W] at which the graph is asked for the number of features; set by fs_model_* */
} fs_head_options;

fs_head_options fs_head_options_default(void); /* 1000 classes, no hidden layer */

/* Cuts above `from_value`, a map [N,C,H,W] or a vector [N,C]; finishes the graph again. The only output is
 * the new one. On failure after the cut the graph can only be destroyed. No plan of the graph may be alive.
 */
fs_status fs_graph_replace_head(fs_graph *graph, int from_value, const fs_head_options *options,
                                fs_error *err);

/* The same for a model: its list of layers is made anew (layers that stay keep their level; pointers to
 * layers are dead) and it has no labels any more. */
fs_status fs_model_replace_head(fs_model *model, int from_value, const fs_head_options *options,
                                fs_error *err);

/* The natural cut: the last map of features before the classifier. Going back from the class scores, that is
 * what global pooling reads, or the last map with more than one position (before Flatten and linear layers);
 * where no weight layer came after it, the classifier is the convolution before it (SqueezeNet), and the cut
 * is that convolution's input. A network that goes through more than a few weight layers without positions is
 * cut before its last one. Dropout above the cut goes with the head. */
fs_status fs_model_head_input(int *out, const fs_model *model, fs_error *err);

#endif
