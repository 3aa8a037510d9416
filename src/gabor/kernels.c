#include "gabor/kernels.h"

#include <string.h>

#include "base/alloc.h"
#include "engine/operator.h"

fs_status fs_kernels_create(fs_kernels *out, int count, int channels, int height, int width, fs_error *err) {
    if (channels != 1 && channels != 3)
        return fs_fail(
            err, FS_ERROR_UNSUPPORTED,
            "kernels over %d channels: only those over one channel or over red, green and blue are fitted",
            channels);
    if (height < 1 || width < 1 || height > FS_PATCH_MAX_SIDE || width > FS_PATCH_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "kernels of %dx%d pixels: sides may be 1 to %d", height, width,
                       FS_PATCH_MAX_SIDE);
    if (count < 1 || count > FS_KERNELS_MAX_COUNT)
        return fs_fail(err, FS_ERROR_LIMIT, "%d kernels: 1 to %d may be fitted", count, FS_KERNELS_MAX_COUNT);
    fs_kernels k = {.count = count, .channels = channels, .height = height, .width = width};
    k.values = fs_calloc((size_t)count * (size_t)(channels * height * width), sizeof *k.values);
    if (!k.values)
        return fs_fail_memory(err, "kernels");
    *out = k;
    return FS_OK;
}

void fs_kernels_free(fs_kernels *k) {
    fs_free(k->values);
    memset(k, 0, sizeof *k);
}

fs_patch fs_kernels_patch(const fs_kernels *k, int index) {
    const size_t each = (size_t)k->channels * (size_t)k->height * (size_t)k->width;
    return (fs_patch){k->channels, k->height, k->width, k->values + (size_t)index * each};
}

const fs_layer *fs_kernels_first_layer(const fs_model *model, fs_error *err) {
    for (int i = 0; i < model->n_layers; i++)
        if (strcmp(model->layers[i].operator_type, "Conv") == 0)
            return &model->layers[i];
    fs_fail(err, FS_ERROR_NOT_FOUND, "%s has no convolution", model->path);
    return NULL;
}

/* What may stand behind a convolution without being a layer of weights of its own. */
static bool is_passed(const char *type) {
    static const char *const types[] = {
        "Relu", "BatchNormalization", "Clip",     "LeakyRelu", "PRelu",     "Elu", "Sigmoid",
        "Tanh", "HardSwish",          "Identity", "Dropout",   "Transpose", NULL};
    for (const char *const *t = types; *t; t++)
        if (strcmp(*t, type) == 0)
            return true;
    return false;
}

static const fs_node *convolution_of(const fs_graph *graph, int value) {
    while (value != FS_NO_VALUE && graph->values[value].producer >= 0) {
        const fs_node *node = &graph->nodes[graph->values[value].producer];
        if (strcmp(node->op->type, "Conv") == 0)
            return node;
        value = is_passed(node->op->type) && node->n_inputs > 0 ? node->inputs[0] : FS_NO_VALUE;
    }
    return NULL;
}

/* Where plane `channel` (red, green, blue) of kernel `kernel` begins in the network's weights. */
static size_t place_of(const fs_kernels *k, int kernel, int channel, fs_channel_order order) {
    const int at = order == FS_CHANNELS_BGR ? k->channels - 1 - channel : channel;
    return ((size_t)kernel * (size_t)k->channels + (size_t)at) * (size_t)k->height * (size_t)k->width;
}

/* float32 weights [count, channels, height, width] in the network's channel order. */
static void copy_weights(const fs_kernels *k, const float *weights, fs_channel_order order) {
    const size_t plane = (size_t)k->height * (size_t)k->width;
    double *out = k->values;
    for (int n = 0; n < k->count; n++)
        for (int c = 0; c < k->channels; c++, out += plane)
            for (size_t i = 0; i < plane; i++)
                out[i] = (double)weights[place_of(k, n, c, order) + i];
}

/* The constant that holds the weights of the layer's convolution; NULL when there is no such thing. */
static const fs_tensor *weights_of(const fs_graph *graph, const fs_node *node) {
    if (node->n_inputs < 2 || node->inputs[1] == FS_NO_VALUE)
        return NULL;
    const fs_tensor *w = &graph->values[node->inputs[1]].constant;
    return w->data && w->dtype == FS_F32 && w->shape.rank == 4 ? w : NULL;
}

fs_status fs_kernels_of_layer(fs_kernels *out, const fs_model *model, const fs_layer *layer, fs_error *err) {
    const fs_node *node = convolution_of(model->graph, layer->value);
    if (!node)
        return fs_fail(err, FS_ERROR_UNSUPPORTED,
                       "%s: layer '%s' is no convolution; --effective %s fits what it sees of the picture",
                       model->path, layer->name, layer->name);
    const fs_tensor *w = weights_of(model->graph, node);
    if (!w)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: node '%s' has no two-dimensional kernels of its own",
                       model->path, node->name);
    const int64_t *d = w->shape.dim;
    if (d[1] != 1 && d[1] != 3)
        return fs_fail(
            err, FS_ERROR_UNSUPPORTED,
            "%s: layer '%s' has kernels over %lld channels, not over the picture's colours; --effective "
            "%s fits what it sees of the picture",
            model->path, layer->name, (long long)d[1], layer->name);
    for (int i = 0; i < 4; i++)
        if (d[i] < 1 || d[i] > FS_KERNELS_MAX_COUNT)
            return fs_fail(err, FS_ERROR_LIMIT, "%s: layer '%s' has too many or too large kernels",
                           model->path, layer->name);
    fs_status status = fs_kernels_create(out, (int)d[0], (int)d[1], (int)d[2], (int)d[3], err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s: layer '%s'", model->path, layer->name);
    copy_weights(out, w->data, model->preprocess.order);
    return FS_OK;
}

fs_status fs_kernels_put(const fs_kernels *k, fs_model *model, const fs_layer *layer, fs_error *err) {
    const fs_node *node = convolution_of(model->graph, layer->value);
    const fs_tensor *w = node ? weights_of(model->graph, node) : NULL;
    const fs_shape shape = fs_shape_of(4, k->count, k->channels, k->height, k->width);
    if (!w || !fs_shape_equal(&w->shape, &shape))
        return fs_fail(err, FS_ERROR_ARGUMENT, "%s: layer '%s' has no %d kernels of %dx%dx%d", model->path,
                       layer->name, k->count, k->channels, k->height, k->width);
    const size_t plane = (size_t)k->height * (size_t)k->width;
    const double *in = k->values;
    float *weights = w->data;
    for (int n = 0; n < k->count; n++)
        for (int c = 0; c < k->channels; c++, in += plane)
            for (size_t i = 0; i < plane; i++)
                weights[place_of(k, n, c, model->preprocess.order) + i] = (float)in[i];
    return FS_OK;
}
