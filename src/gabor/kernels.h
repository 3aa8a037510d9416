/* Kernels as numbers: what is fitted, wherever it comes from (a layer's weights, an effective kernel, a
 * file).
 *
 *     fs_kernels kernels = {0};
 *     fs_kernels_of_layer(&kernels, model, layer, &err);
 *     fs_patch patch = fs_kernels_patch(&kernels, 17);
 *     fs_kernels_free(&kernels);
 *
 * Planes of an RGB kernel are in the order red, green, blue, whatever order the network's input has. An
 * fs_patch borrows one kernel. Thread safe: nothing changes after it was made. */
#ifndef FS_GABOR_KERNELS_H
#define FS_GABOR_KERNELS_H

#include "base/error.h"
#include "engine/model.h"

enum { FS_PATCH_MAX_CHANNELS = 3, FS_PATCH_MAX_SIDE = 128, FS_KERNELS_MAX_COUNT = 65536 };

typedef struct fs_patch {
    int channels, height, width; /* channels is 1 or 3 */
    const double *values;        /* [channels][height][width] */
} fs_patch;

typedef struct fs_kernels {
    int count, channels, height, width;
    double *values; /* [count][channels][height][width] */
} fs_kernels;

/* Zeroed; refuses sizes beyond the limits above and channel counts other than 1 and 3. */
fs_status fs_kernels_create(fs_kernels *out, int count, int channels, int height, int width, fs_error *err);
void fs_kernels_free(fs_kernels *kernels);
fs_patch fs_kernels_patch(const fs_kernels *kernels, int index);

/* The model's first convolution; an error when there is none. */
const fs_layer *fs_kernels_first_layer(const fs_model *model, fs_error *err);
/* The weights of the layer's convolution, seen through batch normalisation and activation functions behind
 * it. Errors: no convolution, not two-dimensional, kernels over something other than the picture's colours.
 */
fs_status fs_kernels_of_layer(fs_kernels *out, const fs_model *model, const fs_layer *layer, fs_error *err);
/* Writes kernels of the same size back into the layer's convolution, as float32. Plans of the model's graph
 * must be told (fs_plan_weights_changed). An error when the layer has other kernels than these. */
fs_status fs_kernels_put(const fs_kernels *kernels, fs_model *model, const fs_layer *layer, fs_error *err);

#endif
