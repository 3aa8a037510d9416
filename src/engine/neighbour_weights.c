#include "engine/neighbour_weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/channel_path.h"
#include "engine/plan.h"

/* What a search knows. Kernels are counted first and then written, by the same code. */
typedef struct search {
    const fs_model *model;
    const fs_graph *graph;
    fs_tensor *shapes;
    int *layers; /* of each value: the layer it is, or -1 */
    fs_neighbour_weights found;
    bool counting;
    size_t numbers;
    const fs_node *blocked; /* where the search ended without weights */
} search;

/* ---- the list ---- */

/* `kernels` NULL: the single number 1 of a branch without weights. */
typedef struct pair {
    const fs_channel_kernels *kernels;
    int64_t output, input; /* channels at both ends; the input's of all groups */
    int height, width;     /* of the kernel, which for a product may be a map's */
    int layer, channel;
    double scale;
} pair;

static float number_of(const pair *p, int y, int x) {
    const fs_channel_kernels *k = p->kernels;
    if (!k)
        return (float)p->scale;
    const int64_t per_group = k->outputs / k->groups, group = p->output / per_group;
    int64_t input = p->input % k->inputs;
    int64_t place = y * k->row_step + x * k->column_step;
    if (k->height * k->width != p->height * p->width) { /* a product over a flattened map */
        input = (p->input * p->height + y) * p->width + x;
        place = 0;
    }
    place += group * k->group_step + p->output % per_group * k->output_step + input * k->input_step;
    return (float)(p->scale * k->scale * k->data[place]);
}

static void add(search *s, const pair *p) {
    fs_neighbour_weights *found = &s->found;
    const size_t count = (size_t)p->height * (size_t)p->width;
    if (!s->counting) {
        float *kernel = found->numbers + s->numbers;
        double sum = 0, squares = 0;
        for (int y = 0; y < p->height; y++)
            for (int x = 0; x < p->width; x++) {
                const float number = number_of(p, y, x);
                kernel[y * p->width + x] = number;
                sum += number;
                squares += (double)number * number;
                found->greatest = fmaxf(found->greatest, fabsf(number));
            }
        found->items[found->n] = (fs_neighbour_weight){.layer = p->layer,
                                                       .channel = p->channel,
                                                       .height = p->height,
                                                       .width = p->width,
                                                       .kernel = kernel,
                                                       .sum = (float)sum,
                                                       .norm = (float)sqrt(squares)};
    }
    found->n++;
    s->numbers += count;
}

/* ---- backwards ---- */

/* A channel of a value, and what its source was multiplied with on the way. */
typedef struct spot {
    int value;
    int64_t channel;
    double scale;
    int layer;            /* the last layer met */
    bool whole;           /* do not go where several numbers are one channel */
    fs_channel_step step; /* what stopped the walk */
    const fs_node *node;  /* that did; NULL: the picture, or a constant */
} spot;

/* Back to the nearest node that is more than channel by channel. */
static void walk_back(const search *s, spot *at) {
    for (;;) {
        const int producer = s->graph->values[at->value].producer;
        int output = 0;
        if (s->layers[at->value] >= 0)
            at->layer = s->layers[at->value];
        at->node = producer >= 0 ? &s->graph->nodes[producer] : NULL;
        if (!at->node) {
            at->layer = at->value == s->graph->input ? FS_LAYER_PICTURE : at->layer;
            return;
        }
        while (at->node->outputs[output] != at->value)
            output++;
        at->step = fs_channel_step_of(s->graph, s->shapes, at->node, output);
        if (at->step.kind != FS_STEP_SAME || (at->whole && at->step.group != 1))
            return;
        at->scale *= fs_channel_scale(s->graph, s->shapes, at->node, &at->step, at->channel);
        at->channel = at->channel / at->step.group + at->step.first;
        at->value = at->node->inputs[at->step.input];
    }
}

/* The map [N,C,H,W] that was flattened into `value`, or the value itself. */
static int map_before(const search *s, int value, int *height, int *width) {
    int at = value;
    *height = *width = 1;
    while (s->graph->values[at].producer >= 0) {
        const fs_node *node = &s->graph->nodes[s->graph->values[at].producer];
        const fs_channel_step step = fs_channel_step_of(s->graph, s->shapes, node, 0);
        if (node->outputs[0] != at || step.kind != FS_STEP_SAME)
            return value;
        at = node->inputs[step.input];
        const fs_shape *shape = &s->shapes[at].shape;
        if (step.group == 1)
            continue;
        if (shape->rank != 4 || shape->dim[2] * shape->dim[3] != step.group)
            return value;
        *height = (int)shape->dim[2];
        *width = (int)shape->dim[3];
        return at;
    }
    return value;
}

/* All kernels that make a channel of the node. */
static void add_inputs(search *s, const spot *at) {
    fs_channel_kernels kernels;
    fs_channel_kernels_of(&kernels, s->graph, at->node);
    pair p = {&kernels, at->channel, 0, kernels.height, kernels.width, 0, 0, at->scale};
    int value = at->node->inputs[0];
    int64_t count = kernels.inputs;
    if (s->shapes[value].shape.rank == 2) {
        value = map_before(s, value, &p.height, &p.width);
        count /= (int64_t)p.height * p.width;
    }
    const int64_t first = at->channel / (kernels.outputs / kernels.groups) * kernels.inputs;
    spot source = {.value = value, .channel = first, .scale = 1, .layer = at->layer, .whole = true};
    walk_back(s, &source); /* the way of the first is that of all */
    p.layer = source.layer;
    for (p.input = first; p.input < first + count; p.input++) {
        p.channel = (int)(source.channel + p.input - first);
        add(s, &p);
    }
}

static void follow_concat(const search *s, spot *at) {
    int input = 0;
    for (; input + 1 < at->node->n_inputs; input++) {
        const int64_t channels = s->shapes[at->node->inputs[input]].shape.dim[1];
        if (at->channel < channels)
            break;
        at->channel -= channels;
    }
    at->value = at->node->inputs[input];
    walk_back(s, at);
}

/* Through Concats to weights or a sum. */
static void walk_to_weights(const search *s, spot *at) {
    walk_back(s, at);
    while (at->node && at->step.kind == FS_STEP_CONCAT)
        follow_concat(s, at);
}

static void add_branch(search *s, spot at) {
    const spot shortcut = at;
    walk_to_weights(s, &at);
    if (at.node && at.step.kind == FS_STEP_WEIGHTS) {
        add_inputs(s, &at);
        return;
    }
    spot source = shortcut;
    walk_back(s, &source);
    add(s, &(pair){NULL, 0, 0, 1, 1, source.layer, (int)source.channel, source.scale});
}

static void search_from(search *s, const fs_layer *layer, int channel) {
    spot at = {.value = layer->value, .channel = channel, .scale = 1, .layer = -1};
    walk_to_weights(s, &at);
    s->blocked = at.node;
    if (!at.node || at.step.kind == FS_STEP_MIXED)
        return;
    if (at.step.kind == FS_STEP_WEIGHTS) {
        add_inputs(s, &at);
        return;
    }
    for (int i = 0; i < at.node->n_inputs; i++) {
        const int value = at.node->inputs[i];
        const bool full = value != FS_NO_VALUE && !s->graph->values[value].constant.data &&
                          s->shapes[value].shape.rank >= 2 &&
                          fs_tensor_count(&s->shapes[value]) == fs_tensor_count(&s->shapes[at.value]);
        if (full)
            add_branch(s,
                       (spot){.value = value, .channel = at.channel, .scale = at.scale, .layer = at.layer});
    }
}

/* ---- forwards ---- */

/* Where the channel has got to: `height` x `width` numbers of a value from `channel` on. */
typedef struct reach {
    bool there;
    int64_t channel;
    int height, width;
    int sums; /* that may still be passed */
} reach;

static void add_outputs(search *s, const fs_node *node, const reach *from) {
    fs_channel_kernels kernels;
    fs_channel_kernels_of(&kernels, s->graph, node);
    spot to = {.value = node->outputs[0]};
    const bool map = s->shapes[node->inputs[0]].shape.rank == 2;
    if (!map && from->height * from->width != 1)
        return;
    pair p = {.kernels = &kernels,
              .input = map ? from->channel / (from->height * from->width) : from->channel,
              .height = map ? from->height : kernels.height,
              .width = map ? from->width : kernels.width,
              .layer = s->layers[to.value],
              .scale = 1};
    const int64_t per_group = kernels.outputs / kernels.groups, group = from->channel / kernels.inputs;
    const int64_t first = map ? 0 : group * per_group;
    for (p.output = first; p.output < first + per_group && p.layer >= 0; p.output++) {
        p.channel = (int)p.output;
        add(s, &p);
    }
}

static void advance_same(const search *s, const fs_node *node, const fs_channel_step *step, int output,
                         const reach *from, reach *to) {
    const fs_shape *in = &s->shapes[node->inputs[step->input]].shape;
    const fs_shape *out = &s->shapes[node->outputs[output]].shape;
    const int64_t channel = from->channel - step->first;
    if (channel < 0 || channel * step->group >= out->dim[1])
        return; /* another part of a Split */
    *to = *from;
    to->channel = channel * step->group;
    if (step->group != 1) {
        to->height = in->rank == 4 ? (int)in->dim[2] : (int)step->group;
        to->width = in->rank == 4 ? (int)in->dim[3] : 1;
    }
}

static void advance_output(search *s, const fs_node *node, int input, int output, reach *reached) {
    const fs_channel_step step = fs_channel_step_of(s->graph, s->shapes, node, output);
    const reach *from = &reached[node->inputs[input]];
    reach *to = &reached[node->outputs[output]];
    if (step.kind == FS_STEP_WEIGHTS && input == 0)
        add_outputs(s, node, from);
    if (to->there)
        return;
    if (step.kind == FS_STEP_SAME && input == step.input)
        advance_same(s, node, &step, output, from, to);
    if (step.kind == FS_STEP_SUM && from->sums > 0) {
        *to = *from;
        to->sums--;
    }
    if (step.kind == FS_STEP_CONCAT) {
        *to = *from;
        for (int i = 0; i < input; i++)
            to->channel += s->shapes[node->inputs[i]].shape.dim[1];
    }
}

/* Nodes are in order, so one pass sees every value after what it is made of. What is a sum already is not
 * followed along the shortcuts of later blocks. */
static fs_status search_to(search *s, const fs_layer *layer, int channel, fs_error *err) {
    spot source = {.value = layer->value, .channel = channel, .scale = 1};
    reach *reached = fs_calloc((size_t)s->graph->n_values, sizeof *reached);
    if (!reached)
        return fs_fail_memory(err, "neighbouring weights");
    walk_back(s, &source);
    reached[layer->value] =
        (reach){true, channel, 1, 1, source.node && source.step.kind == FS_STEP_SUM ? 0 : 1};
    for (int n = 0; n < s->graph->n_nodes; n++) {
        const fs_node *node = &s->graph->nodes[n];
        for (int i = 0; i < node->n_inputs; i++)
            for (int o = 0; o < node->n_outputs; o++)
                if (node->inputs[i] != FS_NO_VALUE && reached[node->inputs[i]].there &&
                    node->outputs[o] != FS_NO_VALUE)
                    advance_output(s, node, i, o, reached);
    }
    fs_free(reached);
    return FS_OK;
}

/* ---- the whole ---- */

static fs_status prepare(search *s, fs_error *err) {
    const fs_preprocess *p = &s->model->preprocess;
    const size_t count = (size_t)s->graph->n_values;
    s->shapes = fs_alloc_array(count, sizeof *s->shapes);
    s->layers = fs_alloc_array(count, sizeof *s->layers);
    if (!s->shapes || !s->layers)
        return fs_fail_memory(err, "neighbouring weights");
    for (size_t v = 0; v < count; v++)
        s->layers[v] = -1;
    for (int l = 0; l < s->model->n_layers; l++)
        s->layers[s->model->layers[l].value] = l;
    return fs_plan_infer_shapes(s->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width),
                                s->shapes, err);
}

static fs_status run(search *s, const fs_layer *layer, int channel, fs_weights_direction direction,
                     fs_error *err) {
    fs_status status = FS_OK;
    s->found.n = 0;
    s->numbers = 0;
    if (direction == FS_WEIGHTS_TO)
        status = search_to(s, layer, channel, err);
    else
        search_from(s, layer, channel);
    return status;
}

static int by_sum(const void *a, const void *b) {
    const fs_neighbour_weight *x = a, *y = b;
    if (x->sum != y->sum)
        return x->sum > y->sum ? -1 : 1;
    if (x->layer != y->layer)
        return x->layer < y->layer ? -1 : 1;
    return (x->channel > y->channel) - (x->channel < y->channel);
}

static fs_status fail_none(const search *s, const fs_layer *layer, fs_weights_direction direction,
                           fs_error *err) {
    if (direction == FS_WEIGHTS_TO)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "layer '%s': no weights lead from its channels to others",
                       layer->name);
    if (s->blocked)
        return fs_fail(err, FS_ERROR_NOT_FOUND,
                       "layer '%s': node '%.100s' (%s) has no weights between two channels", layer->name,
                       s->blocked->name, s->blocked->op->type);
    return fs_fail(err, FS_ERROR_NOT_FOUND, "layer '%s': no weights lie before it", layer->name);
}

fs_status fs_neighbour_weights_find(fs_neighbour_weights *out, const fs_model *model, const fs_layer *layer,
                                    int channel, fs_weights_direction direction, fs_error *err) {
    search s = {.model = model, .graph = model->graph, .counting = true};
    if (channel < 0 || channel >= layer->channels)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "layer '%s': no channel %d: it has channels 0 to %d",
                       layer->name, channel, layer->channels - 1);
    if (layer->view != layer->value)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s': its channels are not the second dimension",
                       layer->name);
    fs_status status = prepare(&s, err);
    if (status == FS_OK)
        status = run(&s, layer, channel, direction, err);
    if (status == FS_OK && s.found.n == 0)
        status = fail_none(&s, layer, direction, err);
    if (status == FS_OK) {
        s.found.items = fs_calloc((size_t)s.found.n, sizeof *s.found.items);
        s.found.numbers = fs_alloc_array(s.numbers, sizeof *s.found.numbers);
        s.counting = false;
        status = s.found.items && s.found.numbers ? run(&s, layer, channel, direction, err)
                                                  : fs_fail_memory(err, "neighbouring weights");
    }
    if (status == FS_OK) {
        qsort(s.found.items, (size_t)s.found.n, sizeof *s.found.items, by_sum);
        *out = s.found;
    } else {
        fs_neighbour_weights_free(&s.found);
    }
    fs_free(s.shapes);
    fs_free(s.layers);
    return status;
}

void fs_neighbour_weights_free(fs_neighbour_weights *weights) {
    fs_free(weights->items);
    fs_free(weights->numbers);
    memset(weights, 0, sizeof *weights);
}
