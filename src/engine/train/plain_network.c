#include "engine/train/plain_network.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "engine/export/model_write.h"
#include "engine/head.h"
#include "engine/layers.h"
#include "engine/train/initialise.h"

enum { NAME_SIZE = 64, MAX_KERNEL = 31, MAX_STRIDE = 8 };

/* What has been built so far. */
typedef struct builder {
    fs_graph *graph;
    int value; /* what was made last */
    int channels, layers, pools;
    const char **names[FS_LEVEL_COUNT]; /* of the layers, by level */
    int n_names[FS_LEVEL_COUNT];
} builder;

typedef struct layer {
    char name[NAME_SIZE];
    int channels, kernel, stride;
} layer;

/* ---- nodes ---- */

static fs_attribute ints_attribute(fs_arena *arena, const char *name, int count, int64_t number) {
    int64_t *ints = fs_arena_alloc(arena, (size_t)count, sizeof *ints);
    for (int i = 0; i < count && ints; i++)
        ints[i] = number;
    return (fs_attribute){.name = name, .kind = FS_ATTRIBUTE_INTS, .ints = ints, .count = ints ? count : 0};
}

/* A node on the last value; its output, of the name given, becomes the last value. */
static fs_status add_node(builder *b, const char *type, const char *node, const char *output,
                          const int *weights, int n_weights, const fs_attribute *attributes, int n_attributes,
                          fs_error *err) {
    int inputs[3] = {b->value}, made = fs_graph_value(b->graph, output);
    if (made == FS_NO_VALUE)
        return fs_fail_memory(err, "a network");
    for (int w = 0; w < n_weights; w++)
        inputs[1 + w] = weights[w];
    const fs_node_spec spec = {.name = node,
                               .op_type = type,
                               .inputs = inputs,
                               .outputs = &made,
                               .n_inputs = 1 + n_weights,
                               .n_outputs = 1,
                               .attributes = attributes,
                               .n_attributes = n_attributes};
    b->value = made;
    return fs_graph_add_node(b->graph, &spec, err);
}

static fs_status add_zeros(int *out, builder *b, const char *name, fs_shape shape, fs_error *err) {
    float *data = fs_calloc((size_t)fs_shape_count(&shape), sizeof *data);
    const int value = fs_graph_value(b->graph, name);
    const fs_tensor tensor = {.shape = shape, .dtype = FS_F32, .data = data};
    if (!data || value == FS_NO_VALUE) {
        fs_free(data);
        return fs_fail_memory(err, "a network");
    }
    fs_status status = fs_graph_set_constant(b->graph, value, &tensor, true, err);
    if (status == FS_OK)
        *out = value;
    else
        fs_free(data);
    return status;
}

static fs_status add_convolution(builder *b, const layer *l, fs_error *err) {
    char name[2 * NAME_SIZE], output[2 * NAME_SIZE];
    int weights[2];
    fs_arena *arena = b->graph->arena;
    const fs_attribute attributes[] = {ints_attribute(arena, "kernel_shape", 2, l->kernel),
                                       ints_attribute(arena, "strides", 2, l->stride),
                                       ints_attribute(arena, "pads", 4, l->kernel / 2)};
    snprintf(name, sizeof name, "%s.weight", l->name);
    fs_status status =
        add_zeros(&weights[0], b, name, fs_shape_of(4, l->channels, b->channels, l->kernel, l->kernel), err);
    snprintf(name, sizeof name, "%s.bias", l->name);
    if (status == FS_OK)
        status = add_zeros(&weights[1], b, name, fs_shape_of(1, l->channels), err);
    snprintf(name, sizeof name, "/%s/conv/Conv", l->name);
    snprintf(output, sizeof output, "%s.conv", l->name);
    if (status == FS_OK)
        status = add_node(b, "Conv", name, output, weights, 2, attributes, 3, err);
    snprintf(name, sizeof name, "/%s/Relu", l->name);
    if (status == FS_OK)
        status = add_node(b, "Relu", name, l->name, NULL, 0, NULL, 0, err);
    b->channels = l->channels;
    return status;
}

static fs_status add_pool(builder *b, fs_error *err) {
    char name[NAME_SIZE], node[2 * NAME_SIZE];
    fs_arena *arena = b->graph->arena;
    const fs_attribute attributes[] = {ints_attribute(arena, "kernel_shape", 2, 3),
                                       ints_attribute(arena, "strides", 2, 2),
                                       ints_attribute(arena, "pads", 4, 1)};
    snprintf(name, sizeof name, "pool%d", ++b->pools);
    snprintf(node, sizeof node, "/%s/MaxPool", name);
    return add_node(b, "MaxPool", node, name, NULL, 0, attributes, 3, err);
}

/* ---- the text ---- */

static bool is_name(const char *text, size_t length) {
    if (length < 1 || length >= NAME_SIZE - 8 || !isalpha((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    return true;
}

/* A number of at most `most` after the mark; *rest is moved behind it. */
static bool read_number(int *out, const char **rest, char mark, int most) {
    if (**rest != mark || !isdigit((unsigned char)(*rest)[1]))
        return false;
    char *end = NULL;
    const long number = strtol(*rest + 1, &end, 10);
    *rest = end;
    *out = (int)number;
    return number >= 1 && number <= most;
}

/* NAME=CHANNELS@KERNEL/STRIDE */
static bool read_layer(layer *out, const char *word) {
    const size_t length = strcspn(word, "=");
    if (!is_name(word, length))
        return false;
    snprintf(out->name, sizeof out->name, "%.*s", (int)length, word);
    const char *rest = word + length;
    out->stride = 1;
    return read_number(&out->channels, &rest, '=', FS_PLAIN_NETWORK_MAX_CHANNELS) &&
           read_number(&out->kernel, &rest, '@', MAX_KERNEL) && out->kernel % 2 == 1 &&
           (!*rest || read_number(&out->stride, &rest, '/', MAX_STRIDE)) && !*rest;
}

/* Under the level its name begins with, if it does. */
static fs_status note_level(builder *b, const char *name, fs_error *err) {
    for (int level = 0; level < FS_LEVEL_COUNT; level++) {
        const char *begin = fs_level_name((fs_level)level);
        if (strncmp(name, begin, strlen(begin)) != 0)
            continue;
        const char *kept = fs_arena_strdup(b->graph->arena, name);
        if (!kept)
            return fs_fail_memory(err, "a network");
        b->names[level][b->n_names[level]++] = kept;
    }
    return FS_OK;
}

static fs_status add_word(builder *b, const char *word, fs_error *err) {
    layer l;
    if (b->layers++ == FS_PLAIN_NETWORK_MAX_LAYERS)
        return fs_fail(err, FS_ERROR_LIMIT, "a network of more than %d layers", FS_PLAIN_NETWORK_MAX_LAYERS);
    if (strcmp(word, "max") == 0)
        return add_pool(b, err);
    if (!read_layer(&l, word))
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "'%.60s' is no layer: NAME=CHANNELS@KERNEL/STRIDE with an odd kernel, or max", word);
    if (fs_graph_find(b->graph, l.name) != FS_NO_VALUE)
        return fs_fail(err, FS_ERROR_ARGUMENT, "two layers are called '%.60s'", l.name);
    fs_status status = add_convolution(b, &l, err);
    return status == FS_OK ? note_level(b, l.name, err) : status;
}

static fs_status add_words(builder *b, const char *text, fs_error *err) {
    char *words = fs_strdup(text), *rest = NULL;
    fs_status status = words ? FS_OK : fs_fail_memory(err, "a network");
    for (char *word = words ? strtok_r(words, " ", &rest) : NULL; word && status == FS_OK;
         word = strtok_r(NULL, " ", &rest))
        status = add_word(b, word, err);
    fs_free(words);
    if (status == FS_OK && b->channels == 3 && b->layers == b->pools)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a network needs a layer: NAME=CHANNELS@KERNEL/STRIDE");
    return status;
}

/* ---- the whole ---- */

static fs_status begin(builder *b, fs_error *err) {
    fs_status status = fs_graph_create(&b->graph, err);
    if (status != FS_OK)
        return status;
    b->value = b->graph->input = fs_graph_value(b->graph, "image");
    b->channels = 3;
    b->graph->name = "plain";
    b->graph->input_shape = fs_shape_of(4, -1, 3, -1, -1);
    b->graph->dimension_names[0] = "batch";
    b->graph->dimension_names[2] = "height";
    b->graph->dimension_names[3] = "width";
    for (int level = 0; level < FS_LEVEL_COUNT; level++) {
        b->names[level] =
            fs_arena_alloc(b->graph->arena, FS_PLAIN_NETWORK_MAX_LAYERS, sizeof *b->names[level]);
        if (!b->names[level])
            return fs_fail_memory(err, "a network");
    }
    return b->value == FS_NO_VALUE ? fs_fail_memory(err, "a network") : FS_OK;
}

static fs_status build(builder *b, const fs_plain_network *network, fs_error *err) {
    fs_head_options head = fs_head_options_default();
    head.classes = network->classes;
    head.input = fs_shape_of(4, 1, 3, network->side, network->side);
    fs_status status = begin(b, err);
    if (status == FS_OK)
        status = add_words(b, network->text, err);
    if (status == FS_OK)
        status = fs_graph_add_output(b->graph, b->value, err);
    if (status == FS_OK)
        status = fs_graph_finish(b->graph, err);
    return status == FS_OK ? fs_graph_replace_head(b->graph, b->value, &head, err) : status;
}

static fs_status write_graph(const fs_graph *graph, int side, const char *path, fs_error *err) {
    fs_onnx_write_options options = fs_onnx_write_options_default();
    options.sample = fs_shape_of(4, 1, 3, side, side);
    return fs_onnx_write(graph, path, &options, err);
}

/* The file is read again, as everybody will: what it lacks is set and written. */
static fs_status complete(const builder *b, const fs_plain_network *network, const char *path,
                          fs_error *err) {
    fs_model *model = NULL;
    fs_sidecar_levels levels = {0};
    for (int level = 0; level < FS_LEVEL_COUNT; level++) {
        levels.names[level] = b->names[level];
        levels.count[level] = b->n_names[level];
    }
    fs_status status = fs_model_load(&model, path, err);
    if (status != FS_OK)
        return status;
    model->preprocess.height = model->preprocess.width = network->side;
    model->levels = &levels;
    status = fs_layers_build(model, &levels, err);
    if (status == FS_OK)
        status = fs_model_initialise(model, network->seed, err);
    if (status == FS_OK)
        status = fs_model_write(model, path, NULL, err);
    fs_model_destroy(model);
    return status;
}

fs_status fs_plain_network_write(const fs_plain_network *network, const char *path, fs_error *err) {
    builder b = {0};
    fs_status status = build(&b, network, err);
    if (status == FS_OK)
        status = write_graph(b.graph, network->side, path, err);
    if (status == FS_OK)
        status = complete(&b, network, path, err);
    fs_graph_destroy(b.graph);
    return status;
}
