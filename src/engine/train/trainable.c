#include "engine/train/trainable.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/operator.h"

/* Which inputs of an operator are weights. Additions count where they add a bias to a product. */
static const struct {
    const char *type;
    unsigned inputs; /* bits */
} weight_inputs[] = {{"Conv", 2 | 4},
                     {"ConvTranspose", 2 | 4},
                     {"Gemm", 1 | 2 | 4},
                     {"MatMul", 1 | 2},
                     {"BatchNormalization", 2 | 4},
                     {"LayerNormalization", 2 | 4},
                     {"InstanceNormalization", 2 | 4},
                     {"PRelu", 2},
                     {"Add", 1 | 2}};

typedef struct chooser {
    const fs_model *model;
    const fs_graph *graph;
    bool *value_needed, *node_needed;
    bool *from_image; /* values */
    bool *is_head;    /* nodes */
    bool *trained;    /* nodes whose weights are trained */
    int *level;       /* values: an fs_level, or one more for the head */
} chooser;

static bool reads(const fs_node *node, const bool *values) {
    for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i] != FS_NO_VALUE && values[node->inputs[i]])
            return true;
    return false;
}

static void set_outputs(const fs_node *node, bool *values) {
    for (int o = 0; o < node->n_outputs; o++)
        if (node->outputs[o] != FS_NO_VALUE)
            values[node->outputs[o]] = true;
}

/* ---- what a node is ---- */

static bool adds_to_product(const chooser *c, const fs_node *node) {
    static const char *const products[] = {"Conv", "ConvTranspose", "MatMul", "Gemm"};
    for (int i = 0; i < node->n_inputs; i++) {
        const int producer = node->inputs[i] == FS_NO_VALUE ? -1 : c->graph->values[node->inputs[i]].producer;
        for (size_t k = 0; producer >= 0 && k < sizeof products / sizeof *products; k++)
            if (strcmp(c->graph->nodes[producer].op->type, products[k]) == 0)
                return true;
    }
    return false;
}

static bool is_weight(const chooser *c, const fs_node *node, int input) {
    const int value = node->inputs[input];
    if (value == FS_NO_VALUE || input > 2)
        return false;
    const fs_tensor *constant = &c->graph->values[value].constant;
    if (!constant->data || constant->dtype != FS_F32 || constant->shape.rank < 1 ||
        fs_tensor_count(constant) < 1)
        return false;
    for (size_t k = 0; k < sizeof weight_inputs / sizeof *weight_inputs; k++)
        if (strcmp(node->op->type, weight_inputs[k].type) == 0)
            return (weight_inputs[k].inputs >> input & 1) &&
                   (strcmp(node->op->type, "Add") != 0 || adds_to_product(c, node));
    return false;
}

/* ---- facts about all nodes ---- */

static int input_level(const chooser *c, const fs_node *node) {
    int level = FS_LEVEL_EDGE;
    for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i] != FS_NO_VALUE && c->level[node->inputs[i]] > level)
            level = c->level[node->inputs[i]];
    return level;
}

/* Layers have their level, what is no layer that of its inputs; the head is above all. */
static void measure(chooser *c, int head_input) {
    const fs_model *model = c->model;
    for (int v = 0; v < c->graph->n_values; v++)
        c->level[v] = -1;
    for (int l = 0; l < model->n_layers; l++)
        c->level[model->layers[l].value] = (int)model->layers[l].level;
    c->from_image[c->graph->input] = true;
    bool *above = c->value_needed; /* of no use any more */
    memset(above, 0, (size_t)c->graph->n_values * sizeof *above);
    above[head_input] = true;
    for (int n = 0; n < c->graph->n_nodes; n++) {
        const fs_node *node = &c->graph->nodes[n];
        if (reads(node, c->from_image))
            set_outputs(node, c->from_image);
        c->is_head[n] = reads(node, above);
        if (c->is_head[n])
            set_outputs(node, above);
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE && (c->is_head[n] || c->level[node->outputs[o]] < 0))
                c->level[node->outputs[o]] = c->is_head[n] ? FS_LEVEL_OBJECT + 1 : input_level(c, node);
    }
}

static fs_status prepare(chooser *c, int head_input, fs_error *err) {
    const size_t values = (size_t)c->graph->n_values + 1, nodes = (size_t)c->graph->n_nodes + 1;
    c->value_needed = fs_calloc(values, sizeof *c->value_needed);
    c->node_needed = fs_calloc(nodes, sizeof *c->node_needed);
    c->from_image = fs_calloc(values, sizeof *c->from_image);
    c->is_head = fs_calloc(nodes, sizeof *c->is_head);
    c->trained = fs_calloc(nodes, sizeof *c->trained);
    c->level = fs_calloc(values, sizeof *c->level);
    if (!c->value_needed || !c->node_needed || !c->from_image || !c->is_head || !c->trained || !c->level)
        return fs_fail_memory(err, "the choice of weights");
    fs_graph_mark_needed(c->graph, c->value_needed, c->node_needed);
    measure(c, head_input);
    return FS_OK;
}

static void release(chooser *c) {
    fs_free(c->value_needed);
    fs_free(c->node_needed);
    fs_free(c->from_image);
    fs_free(c->is_head);
    fs_free(c->trained);
    fs_free(c->level);
}

/* ---- which nodes ---- */

static int lowest_level(fs_freeze freeze) {
    switch (freeze) {
    case FS_FREEZE_LOW:
        return FS_LEVEL_PATTERN;
    case FS_FREEZE_HIGH:
        return FS_LEVEL_PART;
    case FS_FREEZE_NONE:
        return FS_LEVEL_EDGE;
    default:
        return FS_LEVEL_OBJECT + 1;
    }
}

static void mark_levels(chooser *c, fs_freeze freeze) {
    for (int n = 0; n < c->graph->n_nodes; n++) {
        const fs_node *node = &c->graph->nodes[n];
        c->trained[n] = node->outputs[0] != FS_NO_VALUE && c->level[node->outputs[0]] >= lowest_level(freeze);
    }
}

/* The nodes that make a layer: its own, and those of the layers that are parts of it. */
static fs_status mark_layer(chooser *c, const char *name, fs_error *err) {
    const fs_layer *layer = fs_model_layer(c->model, name, err);
    if (!layer)
        return err ? err->code : FS_ERROR_NOT_FOUND;
    for (int l = 0; l < c->model->n_layers; l++) {
        int top = l;
        while (top >= 0 && &c->model->layers[top] != layer)
            top = c->model->layers[top].parent;
        const int producer = c->graph->values[c->model->layers[l].value].producer;
        if (top >= 0 && producer >= 0)
            c->trained[producer] = true;
    }
    return FS_OK;
}

static void mark_what_follows(chooser *c) {
    bool *after = c->value_needed;
    memset(after, 0, (size_t)c->graph->n_values * sizeof *after);
    for (int n = 0; n < c->graph->n_nodes; n++) {
        const fs_node *node = &c->graph->nodes[n];
        c->trained[n] = c->trained[n] || reads(node, after);
        if (c->trained[n])
            set_outputs(node, after);
    }
}

static fs_status mark_list(chooser *c, const char *list, fs_error *err) {
    char *names = fs_strdup(list), *rest = NULL;
    fs_status status = names ? FS_OK : fs_fail_memory(err, "the choice of weights");
    for (char *name = names ? strtok_r(names, ",", &rest) : NULL; name && status == FS_OK;
         name = strtok_r(NULL, ",", &rest))
        status = mark_layer(c, name, err);
    fs_free(names);
    return status;
}

static fs_status mark(chooser *c, const fs_trainable_choice *choice, fs_error *err) {
    fs_status status = FS_OK;
    if (choice->layers)
        status = mark_list(c, choice->layers, err);
    else if (choice->from)
        status = mark_layer(c, choice->from, err);
    else
        mark_levels(c, choice->freeze);
    if (status == FS_OK && choice->from && !choice->layers)
        mark_what_follows(c);
    for (int n = 0; n < c->graph->n_nodes; n++)
        c->trained[n] = (c->trained[n] || c->is_head[n]) && c->node_needed[n];
    return status;
}

/* ---- the result ---- */

static bool has_weights(const chooser *c, const fs_node *node) {
    for (int i = 0; i < node->n_inputs; i++)
        if (is_weight(c, node, i))
            return true;
    return false;
}

static void add_weight(fs_trainable *t, const chooser *c, const fs_node *node, int value, double decay) {
    const fs_tensor *constant = &c->graph->values[value].constant;
    for (int w = 0; w < t->n; w++)
        if (t->weights[w] == value)
            return; /* shared by several nodes */
    const int below = FS_LEVEL_OBJECT - c->level[node->outputs[0]];
    t->weights[t->n] = value;
    t->rates[t->n] = below > 0 ? pow(decay, below) : 1;
    t->decays[t->n] = constant->shape.rank > 1;
    t->numbers += fs_tensor_count(constant);
    t->n++;
}

/* Going up: as soon as all that was computed and is still needed is one value, everything passes through it.
 */
static fs_status find_cut(fs_trainable *t, const chooser *c, fs_error *err) {
    const fs_graph *graph = c->graph;
    int *last_use = fs_calloc((size_t)graph->n_values + 1, sizeof *last_use);
    if (!last_use)
        return fs_fail_memory(err, "the choice of weights");
    for (int n = 0; n < graph->n_nodes; n++)
        for (int i = 0; i < graph->nodes[n].n_inputs && c->node_needed[n]; i++)
            if (graph->nodes[n].inputs[i] != FS_NO_VALUE)
                last_use[graph->nodes[n].inputs[i]] = n;
    int alive = 1;
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        if (!c->node_needed[n] || !reads(node, c->from_image))
            continue;
        if (c->trained[n] && has_weights(c, node))
            break;
        for (int i = 0; i < node->n_inputs; i++) {
            bool again = false;
            for (int k = 0; k < i; k++)
                again = again || node->inputs[k] == node->inputs[i];
            if (node->inputs[i] != FS_NO_VALUE && c->from_image[node->inputs[i]] && !again)
                alive -= last_use[node->inputs[i]] == n;
        }
        for (int o = 0; o < node->n_outputs; o++)
            alive += node->outputs[o] != FS_NO_VALUE && last_use[node->outputs[o]] > n;
        if (alive == 1 && node->n_outputs == 1 && last_use[node->outputs[0]] > n)
            t->cut = node->outputs[0];
    }
    fs_free(last_use);
    return FS_OK;
}

static fs_status collect(fs_trainable *t, const chooser *c, double decay, fs_error *err) {
    const fs_graph *graph = c->graph;
    t->weights = fs_alloc_array((size_t)graph->n_values + 1, sizeof *t->weights);
    t->rates = fs_alloc_array((size_t)graph->n_values + 1, sizeof *t->rates);
    t->decays = fs_alloc_array((size_t)graph->n_values + 1, sizeof *t->decays);
    if (!t->weights || !t->rates || !t->decays)
        return fs_fail_memory(err, "the choice of weights");
    for (int n = 0; n < graph->n_nodes; n++)
        for (int i = 0; i < graph->nodes[n].n_inputs && c->trained[n]; i++)
            if (is_weight(c, &graph->nodes[n], i))
                add_weight(t, c, &graph->nodes[n], graph->nodes[n].inputs[i], decay);
    t->cut = graph->input;
    return find_cut(t, c, err);
}

fs_status fs_trainable_choose(fs_trainable *out, const fs_model *model, const fs_trainable_choice *choice,
                              fs_error *err) {
    chooser c = {.model = model, .graph = model->graph};
    fs_trainable t = {0};
    fs_status status = prepare(&c, choice->head_input, err);
    if (status == FS_OK)
        status = mark(&c, choice, err);
    if (status == FS_OK)
        status = collect(&t, &c, choice->depth_decay, err);
    if (status == FS_OK && t.n == 0)
        status = fs_fail(err, FS_ERROR_ARGUMENT, "%s: no weights to train in these layers", model->path);
    release(&c);
    if (status == FS_OK)
        *out = t;
    else
        fs_trainable_free(&t);
    return status;
}

void fs_trainable_free(fs_trainable *t) {
    fs_free(t->weights);
    fs_free(t->rates);
    fs_free(t->decays);
    *t = (fs_trainable){0};
}

static const fs_tensor *weight_of(const fs_trainable *t, const fs_model *model, int w) {
    return &model->graph->values[t->weights[w]].constant;
}

void fs_trainable_take(const fs_trainable *t, const fs_model *model, float *to) {
    for (int w = 0; w < t->n; w++) {
        const fs_tensor *weight = weight_of(t, model, w);
        memcpy(to, weight->data, (size_t)fs_tensor_count(weight) * sizeof(float));
        to += fs_tensor_count(weight);
    }
}

void fs_trainable_put(const fs_trainable *t, fs_model *model, const float *from) {
    for (int w = 0; w < t->n; w++) {
        const fs_tensor *weight = weight_of(t, model, w);
        memcpy(weight->data, from, (size_t)fs_tensor_count(weight) * sizeof(float));
        from += fs_tensor_count(weight);
    }
}
