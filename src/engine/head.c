#include "engine/head.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "engine/layers.h"
#include "engine/plan.h"

enum { MAX_WEIGHTS = 1 << 28, NAME_SIZE = 96 };

/* What the functions that add the head share. */
typedef struct builder {
    fs_graph *graph;
    fs_random random;
    char name[16]; /* of the module: "head", or with a number where that is taken */
    int value;     /* what was made last */
    int64_t features;
} builder;

fs_head_options fs_head_options_default(void) {
    return (fs_head_options){.classes = 1000};
}

/* ---- names ---- */

static bool is_alive(const fs_graph *graph, int v) {
    return v == graph->input || graph->values[v].producer >= 0 || graph->values[v].constant.data;
}

/* Whether a node or a value in use lies in the module. */
static bool is_module(const fs_graph *graph, const char *name) {
    const size_t length = strlen(name);
    for (int n = 0; n < graph->n_nodes; n++) {
        const char *node = graph->nodes[n].name;
        if (node[0] == '/' && strncmp(node + 1, name, length) == 0 && node[1 + length] == '/')
            return true;
    }
    for (int v = 0; v < graph->n_values; v++) {
        const char *value = graph->values[v].name;
        if (is_alive(graph, v) && strncmp(value, name, length) == 0 && value[length] == '.')
            return true;
    }
    return false;
}

static void choose_name(builder *b) {
    snprintf(b->name, sizeof b->name, "head");
    for (int number = 2; is_module(b->graph, b->name); number++)
        snprintf(b->name, sizeof b->name, "head%d", number);
}

/* A value of that name, or with a number where it is in use. */
static int free_value(fs_graph *graph, const char *name) {
    char numbered[NAME_SIZE];
    int v = fs_graph_find(graph, name);
    for (int number = 2; v != FS_NO_VALUE && is_alive(graph, v); number++) {
        snprintf(numbered, sizeof numbered, "%.64s_%d", name, number);
        name = numbered;
        v = fs_graph_find(graph, name);
    }
    return fs_graph_value(graph, name);
}

/* ---- nodes ---- */

/* Appends a node whose first input is the last value; the result becomes the last value. */
static fs_status add(builder *b, const char *module, const char *type, const int *weights, int n_weights,
                     const fs_attribute *attributes, int n_attributes, fs_error *err) {
    char name[NAME_SIZE], value[NAME_SIZE + 16];
    snprintf(name, sizeof name, "/%s%s/%s", b->name, module, type);
    snprintf(value, sizeof value, "%s_output_0", name);
    int inputs[3] = {b->value, FS_NO_VALUE, FS_NO_VALUE}, output = fs_graph_value(b->graph, value);
    if (output == FS_NO_VALUE)
        return fs_fail_memory(err, "the head");
    for (int i = 0; i < n_weights; i++)
        inputs[1 + i] = weights[i];
    const fs_node_spec spec = {.name = name,
                               .op_type = type,
                               .inputs = inputs,
                               .outputs = &output,
                               .n_inputs = 1 + n_weights,
                               .n_outputs = 1,
                               .attributes = attributes,
                               .n_attributes = n_attributes};
    b->value = output;
    return fs_graph_add_node(b->graph, &spec, err);
}

/* A constant of the module: normal numbers, or zeros where sigma is 0. */
static fs_status add_weight(int *out, builder *b, const char *name, fs_shape shape, double sigma,
                            fs_error *err) {
    char full[NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", b->name, name);
    const int64_t count = fs_shape_count(&shape);
    if (count < 0 || count > MAX_WEIGHTS)
        return fs_fail(err, FS_ERROR_LIMIT, "a head of %lld weights is too large", (long long)count);
    float *data = fs_calloc((size_t)count, sizeof *data);
    const int value = fs_graph_value(b->graph, full);
    if (!data || value == FS_NO_VALUE) {
        fs_free(data);
        return fs_fail_memory(err, "the head");
    }
    if (sigma > 0)
        fs_random_normal(&b->random, data, (int)count, (float)sigma);
    const fs_tensor tensor = {.shape = shape, .dtype = FS_F32, .data = data};
    fs_status status = fs_graph_set_constant(b->graph, value, &tensor, true, err);
    if (status == FS_OK)
        *out = value;
    else
        fs_free(data);
    return status;
}

/* y = x W' + b with W [units, features]. */
static fs_status add_linear(builder *b, const char *module, int units, fs_error *err) {
    char weight[32], bias[32];
    int weights[2];
    snprintf(weight, sizeof weight, "%s.weight", module + 1);
    snprintf(bias, sizeof bias, "%s.bias", module + 1);
    fs_status status = add_weight(&weights[0], b, weight, fs_shape_of(2, units, (int)b->features),
                                  sqrt(2.0 / (double)b->features), err);
    if (status == FS_OK)
        status = add_weight(&weights[1], b, bias, fs_shape_of(1, units), 0, err);
    if (status != FS_OK)
        return status;
    const fs_attribute attributes[] = {{.name = "transB", .kind = FS_ATTRIBUTE_INT, .i = 1},
                                       {.name = "broadcast", .kind = FS_ATTRIBUTE_INT, .i = 1}};
    const int n_attributes = b->graph->opset < 7 ? 2 : 1; /* since then the bias broadcasts by itself */
    b->features = units;
    return add(b, module, "Gemm", weights, 2, attributes, n_attributes, err);
}

/* Gives the last node's output the name that the world sees. */
static fs_status name_output(builder *b, fs_error *err) {
    const int value = free_value(b->graph, "logits");
    int *output = fs_arena_alloc(b->graph->arena, 1, sizeof *output);
    if (value == FS_NO_VALUE || !output)
        return fs_fail_memory(err, "the head");
    *output = value;
    b->graph->nodes[b->graph->n_nodes - 1].outputs = output;
    return fs_graph_add_output(b->graph, value, err);
}

static fs_status add_head(builder *b, int rank, const fs_head_options *options, fs_error *err) {
    fs_status status = FS_OK;
    if (rank == 4)
        status = add(b, "/pool", "GlobalAveragePool", NULL, 0, NULL, 0, err);
    if (rank == 4 && status == FS_OK)
        status = add(b, "", "Flatten", NULL, 0, NULL, 0, err);
    if (options->hidden && status == FS_OK)
        status = add_linear(b, "/hidden", options->hidden, err);
    if (options->hidden && status == FS_OK)
        status = add(b, "/activation", "Relu", NULL, 0, NULL, 0, err);
    if (status == FS_OK)
        status = add_linear(b, "/linear", options->classes, err);
    return status == FS_OK ? name_output(b, err) : status;
}

/* ---- the cut ---- */

/* Rank and features of the value the head is put on. */
static fs_status measure(int *rank, int64_t *features, const fs_graph *graph, int value, fs_shape input,
                         fs_error *err) {
    fs_tensor *shapes = fs_calloc((size_t)graph->n_values, sizeof *shapes);
    if (!shapes)
        return fs_fail_memory(err, "shapes");
    fs_status status = fs_plan_infer_shapes(graph, input, shapes, err);
    const fs_tensor at = shapes[value];
    fs_free(shapes);
    if (status != FS_OK)
        return status;
    if (at.dtype != FS_F32 || (at.shape.rank != 2 && at.shape.rank != 4) || at.shape.dim[1] < 1 ||
        at.shape.dim[1] > INT32_MAX)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a head needs a map [N,C,H,W] or a vector [N,C], not '%s'",
                       graph->values[value].name);
    *rank = at.shape.rank;
    *features = at.shape.dim[1];
    return FS_OK;
}

fs_status fs_graph_replace_head(fs_graph *graph, int from_value, const fs_head_options *options,
                                fs_error *err) {
    builder b = {.graph = graph, .value = from_value};
    int rank;
    if (options->classes < 1 || options->classes > FS_HEAD_MAX_CLASSES || options->hidden < 0 ||
        options->hidden > FS_HEAD_MAX_HIDDEN)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a head has 1 to %d classes and at most %d hidden units",
                       FS_HEAD_MAX_CLASSES, FS_HEAD_MAX_HIDDEN);
    fs_status status = measure(&rank, &b.features, graph, from_value, options->input, err);
    if (status != FS_OK)
        return status;
    fs_random_seed(&b.random, options->seed, 0);
    graph->n_outputs = 0;
    status = fs_graph_add_output(graph, from_value, err);
    if (status == FS_OK)
        status = fs_graph_prune(graph, err);
    if (status != FS_OK)
        return status;
    graph->n_outputs = 0;
    choose_name(&b);
    status = add_head(&b, rank, options, err);
    return status == FS_OK ? fs_graph_finish(graph, err) : status;
}

/* ---- a model ---- */

/* Layers of values that were there before keep their level. */
static void carry_levels(fs_model *model, const fs_layer *before, int n_before) {
    for (int l = 0; l < model->n_layers; l++)
        for (int k = 0; k < n_before; k++)
            if (before[k].value == model->layers[l].value)
                model->layers[l].level = before[k].level;
}

fs_status fs_model_replace_head(fs_model *model, int from_value, const fs_head_options *options,
                                fs_error *err) {
    const fs_layer *before = model->layers;
    const int n_before = model->n_layers;
    const fs_preprocess *p = &model->preprocess;
    fs_head_options complete = *options;
    complete.input = fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width);
    fs_status status = fs_graph_replace_head(model->graph, from_value, &complete, err);
    if (status == FS_OK)
        status = fs_layers_build(model, NULL, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", model->path);
    carry_levels(model, before, n_before);
    model->labels = NULL;
    model->n_labels = 0;
    return FS_OK;
}
