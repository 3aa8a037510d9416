#include "engine/train/initialise.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "engine/head.h"
#include "engine/operator.h"
#include "engine/train/trainable.h"

/* Streams of the seed that nobody else uses. */
enum { FIRST_STREAM = 0x1417 };

static const double first_scale = 0.1;

static void set_all(const fs_tensor *t, float number) {
    float *data = t->data;
    for (int64_t i = 0, n = fs_tensor_count(t); i < n; i++)
        data[i] = number;
}

/* The inputs of one unit: all dimensions but that of the outputs, which is the first, or in a matrix that is
 * multiplied from the right the last. */
static double inputs_of_unit(const fs_node *node, const fs_shape *shape) {
    const bool from_right = strcmp(node->op->type, "MatMul") == 0;
    const int64_t units = shape->dim[from_right ? shape->rank - 1 : 0];
    return (double)fs_shape_count(shape) / (double)units;
}

static void set_normal(const fs_graph *graph, const fs_node *node, const fs_tensor *t, fs_random *random) {
    const double scale = node->inputs[0] == graph->input ? first_scale : 1;
    fs_random_normal(random, t->data, (int)fs_tensor_count(t),
                     (float)(scale * sqrt(2.0 / inputs_of_unit(node, &t->shape))));
}

/* Scale, shift, mean, variance. */
static void reset_normalisation(const fs_graph *graph, const fs_node *node) {
    static const float fresh[] = {1, 0, 0, 1};
    for (int i = 1; i < node->n_inputs && i <= 4; i++) {
        const int value = node->inputs[i];
        if (value != FS_NO_VALUE && graph->values[value].constant.data)
            set_all(&graph->values[value].constant, fresh[i - 1]);
    }
}

static bool normalises(const fs_node *node) {
    return strstr(node->op->type, "Normalization") != NULL;
}

/* The node that reads a weight; there is one, or it would not be trained. */
static const fs_node *reader_of(const fs_graph *graph, int value) {
    for (int n = 0; n < graph->n_nodes; n++)
        for (int i = 1; i < graph->nodes[n].n_inputs; i++)
            if (graph->nodes[n].inputs[i] == value)
                return &graph->nodes[n];
    return &graph->nodes[0];
}

static void initialise(const fs_graph *graph, const fs_trainable *t, uint64_t seed) {
    for (int w = 0; w < t->n; w++) {
        const fs_tensor *weight = &graph->values[t->weights[w]].constant;
        const fs_node *node = reader_of(graph, t->weights[w]);
        fs_random random;
        fs_random_seed(&random, seed, FIRST_STREAM + (uint64_t)w);
        if (normalises(node))
            reset_normalisation(graph, node);
        else if (weight->shape.rank > 1)
            set_normal(graph, node, weight, &random);
        else
            set_all(weight, 0);
    }
}

fs_status fs_model_initialise(fs_model *model, uint64_t seed, fs_error *err) {
    fs_trainable_choice all = {.freeze = FS_FREEZE_NONE, .depth_decay = 1};
    fs_trainable trainable = {0};
    fs_status status = fs_model_head_input(&all.head_input, model, err);
    if (status == FS_OK)
        status = fs_trainable_choose(&trainable, model, &all, err);
    if (status == FS_OK)
        initialise(model->graph, &trainable, seed);
    fs_trainable_free(&trainable);
    return status;
}
