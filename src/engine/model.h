/* A model: graph, preprocessing and labels (the sidecar), and the layers under the names users know.
 *
 *     fs_model_load(&model, "models/squeezenet1_0.onnx", &err);
 *     const fs_layer *layer = fs_model_layer(model, "features.3", &err);
 *
 * The model owns all of it; layers are borrowed. Loading trusts no byte of the file. After loading it is
 * read only and may be shared between threads. */
#ifndef FS_ENGINE_MODEL_H
#define FS_ENGINE_MODEL_H

#include "base/image.h"
#include "engine/graph.h"

typedef enum fs_channel_order { FS_CHANNELS_RGB, FS_CHANNELS_BGR, FS_CHANNELS_GRAY } fs_channel_order;

/* network input = (range * pixel - mean) / std, pixel in 0..1, channels in network order
 * (mean and std are in network order too: for BGR, mean[0] belongs to blue). */
typedef struct fs_preprocess {
    int height, width; /* the default input size */
    fs_channel_order order;
    float range; /* 1 or 255 */
    float mean[3], std[3];
} fs_preprocess;

typedef enum fs_level {
    FS_LEVEL_EDGE,
    FS_LEVEL_TEXTURE,
    FS_LEVEL_PATTERN,
    FS_LEVEL_PART,
    FS_LEVEL_OBJECT
} fs_level;
const char *fs_level_name(fs_level level); /* "edge" */

/* Where the units of a layer look, in input pixels: unit (i) covers
 * offset + stride*i ... + size - 1 (offset is negative where there is padding). size 0: the whole image. */
typedef struct fs_receptive_field {
    int size, stride, offset;
} fs_receptive_field;

typedef struct fs_layer {
    const char *name; /* the shortest name: "features.3"; an output's own name: "logits" */
    const char *path; /* module path and operator, dotted: "features.3.Concat"; what lookups search */
    const char *node; /* the node that makes it */
    const char *operator_type;
    int value;      /* its value number in the graph */
    int view;       /* the value to ask a plan for: `value`, or a Transpose of it with the channels first */
    fs_shape shape; /* of the view, at the default input size, batch 1 */
    int channels;   /* shape.dim[1] */
    int64_t parameters; /* weights of this node alone, or of the module for a module's layer */
    int parent;         /* the layer it is a part of ("mixed3a" for "mixed3a_1x1"): an index, or -1 */
    fs_receptive_field field;
    fs_level level;
    const struct fs_concept *concepts; /* [channels], or NULL: see concepts.h */
} fs_layer;

typedef struct fs_model {
    char *path;
    const char *name;   /* the sidecar's, or the file's without extension */
    const char *source; /* where it comes from, as the sidecar says; NULL when it does not */
    fs_graph *graph;
    fs_preprocess preprocess;
    bool has_sidecar; /* false: the ImageNet defaults were assumed; say so to the user */
    const char *const *labels;
    int n_labels;                           /* 0 without labels */
    const struct fs_sidecar_levels *levels; /* as the sidecar puts them, if it does */
    fs_layer *layers;                       /* in the order of computation */
    int n_layers;
    fs_arena *arena;
} fs_model;

fs_status fs_model_load(fs_model **out, const char *path, fs_error *err);
void fs_model_destroy(fs_model *model);

/* Exact layer name, value or node name, or any unambiguous dotted part of the module path. Errors:
 * FS_ERROR_NOT_FOUND ("no layer 'x'; try `filterscope layers`" with near names), FS_ERROR_ARGUMENT listing
 * the candidates when ambiguous. */
const fs_layer *fs_model_layer(const fs_model *model, const char *name, fs_error *err);
/* The layer that stands for the class scores: the last output, before a final Softmax if there is one. NULL
 * when the default input size does not reach it. */
const fs_layer *fs_model_logits(const fs_model *model);
/* Whether the layer is an activation function: numbers of the layer before it, one by one. */
bool fs_layer_is_activation(const fs_layer *layer);
/* The activation function that reads the layer, where there is one: a ReLU behind a convolution. Else the
 * layer. */
const fs_layer *fs_model_activated(const fs_model *model, const fs_layer *layer);
bool fs_model_output_is_probability(const fs_model *model); /* the graph's last output is a Softmax */

/* Pixel (interleaved 8-bit RGB or grey) -> planes of the network's input [C,H,W] of the image's size. */
void fs_preprocess_image(const fs_preprocess *p, const fs_image *image, float *out);
/* RGB planes [3,H,W] in 0..1 -> network input [C,H,W], and the gradient back. Buffers may not overlap. */
void fs_preprocess_forward(const fs_preprocess *p, const float *rgb, int64_t pixels, float *out);
void fs_preprocess_backward(const fs_preprocess *p, const float *out_grad, int64_t pixels, float *rgb_grad);
int fs_preprocess_channels(const fs_preprocess *p); /* 3, or 1 for grey */
/* A photograph as the usual ImageNet evaluation shows it to a network: the shorter side resized to 256 (to
 * 8/7 of the crop where that is not 224..256) with an antialiased bilinear filter, then a centre crop. */
fs_status fs_preprocess_crop(const fs_image *image, int height, int width, fs_image *out, fs_error *err);
/* The first half of it: the whole photograph, at the size it is cropped from. Doing it twice changes nothing.
 */
fs_status fs_preprocess_resize(const fs_image *image, int height, int width, fs_image *out, fs_error *err);

#endif
