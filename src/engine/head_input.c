/* Where a network's features end and its classifier begins: fs_model_head_input. */
#include <string.h>

#include "base/alloc.h"
#include "engine/head.h"
#include "engine/operator.h"
#include "engine/plan.h"

/* AlexNet and VGG have three linear layers above their last map. */
enum { MOST_LINEAR_LAYERS = 4 };

typedef struct finder {
    const fs_graph *graph;
    fs_tensor *shapes;
    bool *from_image; /* of the values */
} finder;

static bool is_any(const fs_node *node, const char *const *types) {
    for (; *types; types++)
        if (strcmp(node->op->type, *types) == 0)
            return true;
    return false;
}

static void mark_from_image(finder *f) {
    f->from_image[f->graph->input] = true;
    for (int n = 0; n < f->graph->n_nodes; n++) {
        const fs_node *node = &f->graph->nodes[n];
        bool any = false;
        for (int i = 0; i < node->n_inputs && !node->op->shape_only; i++)
            any = any || (node->inputs[i] != FS_NO_VALUE && f->from_image[node->inputs[i]]);
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE)
                f->from_image[node->outputs[o]] = any;
    }
}

/* NULL for the image. */
static const fs_node *producer(const finder *f, int value) {
    const int n = f->graph->values[value].producer;
    return n < 0 ? NULL : &f->graph->nodes[n];
}

/* The first input that depends on the image; the node's output does. */
static int main_input(const finder *f, const fs_node *node) {
    int i = 0;
    while (node->inputs[i] == FS_NO_VALUE || !f->from_image[node->inputs[i]])
        i++;
    return node->inputs[i];
}

static bool is_weight_layer(const finder *f, const fs_node *node) {
    static const char *const types[] = {"Conv", "ConvTranspose", "Gemm", "MatMul", NULL};
    return is_any(node, types) && node->n_inputs > 1 && node->inputs[1] != FS_NO_VALUE &&
           !f->from_image[node->inputs[1]];
}

static bool has_positions(const fs_shape *shape) {
    return shape->rank == 4 && shape->dim[2] * shape->dim[3] > 1;
}

/* Whether the node takes a map to the classifier: it pools all positions, or there are some before it. */
static bool reads_features(const finder *f, const fs_node *node) {
    static const char *const pooling[] = {"GlobalAveragePool", "GlobalMaxPool", NULL};
    return is_any(node, pooling) || has_positions(&f->shapes[main_input(f, node)].shape);
}

/* The input of the nearest weight layer that `value` comes from; the image when there is none. */
static int before_weights(const finder *f, int value) {
    for (const fs_node *node; (node = producer(f, value)) != NULL;) {
        value = main_input(f, node);
        if (is_weight_layer(f, node))
            break;
    }
    return value;
}

static int find(const finder *f, int logits) {
    int value = logits, weight_layers = 0;
    bool found = false;
    for (const fs_node *node; !found && (node = producer(f, value)) != NULL;) {
        weight_layers += is_weight_layer(f, node);
        found = reads_features(f, node);
        value = main_input(f, node);
    }
    if (weight_layers == 0 || weight_layers > MOST_LINEAR_LAYERS)
        value = before_weights(f, weight_layers ? logits : value);
    for (const fs_node *node; (node = producer(f, value)) != NULL && node->op->is_identity;)
        value = main_input(f, node);
    return value;
}

static fs_status prepare(finder *f, const fs_model *model, fs_error *err) {
    const fs_preprocess *p = &model->preprocess;
    f->shapes = fs_calloc((size_t)f->graph->n_values, sizeof *f->shapes);
    f->from_image = fs_calloc((size_t)f->graph->n_values, sizeof *f->from_image);
    if (!f->shapes || !f->from_image)
        return fs_fail_memory(err, "the features");
    mark_from_image(f);
    return fs_plan_infer_shapes(f->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width),
                                f->shapes, err);
}

fs_status fs_model_head_input(int *out, const fs_model *model, fs_error *err) {
    finder f = {.graph = model->graph};
    const fs_layer *logits = fs_model_logits(model);
    fs_status status = logits ? prepare(&f, model, err)
                              : fs_fail(err, FS_ERROR_NOT_FOUND, "the class scores cannot be computed");
    if (status == FS_OK) {
        const int value = find(&f, logits->value);
        if (value == model->graph->input)
            status = fs_fail(err, FS_ERROR_NOT_FOUND, "there are no features below the classifier");
        else
            *out = value;
    }
    fs_free(f.shapes);
    fs_free(f.from_image);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", model->path);
}
