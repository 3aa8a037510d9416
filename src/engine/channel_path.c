#include "engine/channel_path.h"

#include <math.h>
#include <string.h>

#include "engine/operator.h"
#include "engine/ops/window.h"

/* Weights may pass through a few operators before they are used, and a gate may be a few away from what it
 * gates (x * sigmoid(x), x * (1 + erf(x / sqrt(2)))). */
enum { MAX_WEIGHT_STEPS = 8, MAX_GATE_STEPS = 8 };

static bool is_any(const fs_node *node, const char *const *names) {
    for (; *names; names++)
        if (strcmp(node->op->type, *names) == 0)
            return true;
    return false;
}

static bool is(const fs_node *node, const char *name) {
    return strcmp(node->op->type, name) == 0;
}

/* ---- weights ---- */

typedef struct strided {
    const float *data; /* NULL: not constant */
    int rank;
    int64_t dim[FS_MAX_RANK], step[FS_MAX_RANK];
} strided;

static strided of_constant(const fs_tensor *tensor) {
    strided s = {.rank = tensor->shape.rank};
    int64_t step = 1;
    if (tensor->dtype != FS_F32)
        return s;
    for (int i = s.rank; i-- > 0; step *= tensor->shape.dim[i]) {
        s.dim[i] = tensor->shape.dim[i];
        s.step[i] = step;
    }
    s.data = fs_f32(tensor);
    return s;
}

static bool permute(strided *s, const fs_node *node) {
    const fs_attribute *order = fs_node_attribute(node, "perm");
    strided from = *s;
    for (int i = 0; i < s->rank; i++) {
        const int64_t axis = order ? (order->count == s->rank ? order->ints[i] : -1) : s->rank - 1 - i;
        if (axis < 0 || axis >= s->rank)
            return false;
        s->dim[i] = from.dim[axis];
        s->step[i] = from.step[axis];
    }
    return true;
}

/* A constant, seen through identities and transpositions. */
static strided weights_of(const fs_graph *graph, int value, int steps) {
    const strided none = {0};
    if (value == FS_NO_VALUE)
        return none;
    if (graph->values[value].constant.data)
        return of_constant(&graph->values[value].constant);
    if (graph->values[value].producer < 0 || steps == 0)
        return none;
    const fs_node *node = &graph->nodes[graph->values[value].producer];
    if (!node->op->is_identity && !is(node, "Transpose"))
        return none;
    strided s = weights_of(graph, node->inputs[0], steps - 1);
    if (s.data && is(node, "Transpose") && !permute(&s, node))
        return none;
    return s;
}

static bool has_weights(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node) {
    const bool conv = is(node, "Conv") || is(node, "ConvTranspose");
    const bool product = is(node, "Gemm") || is(node, "MatMul");
    if ((!conv && !product) || node->n_inputs < 2)
        return false;
    const strided w = weights_of(graph, node->inputs[1], MAX_WEIGHT_STEPS);
    const int rank = conv ? 4 : 2;
    return w.data && w.rank == rank && shapes[node->inputs[0]].shape.rank == rank &&
           fs_node_int(node, "transA", 0) == 0;
}

static void kernels_of_product(fs_channel_kernels *out, const fs_node *node, const strided *w) {
    const bool turned = fs_node_int(node, "transB", 0) != 0;
    out->groups = 1;
    out->outputs = w->dim[!turned];
    out->inputs = w->dim[turned];
    out->output_step = w->step[!turned];
    out->input_step = w->step[turned];
    out->height = out->width = 1;
    out->scale = is(node, "Gemm") ? fs_node_float(node, "alpha", 1) : 1;
}

/* Weights [outputs][inputs of a group][h][w]; those of a transposed convolution, [inputs][outputs of a
 * group], spread what a convolution gathers and are turned round. */
void fs_channel_kernels_of(fs_channel_kernels *out, const fs_graph *graph, const fs_node *node) {
    const strided w = weights_of(graph, node->inputs[1], MAX_WEIGHT_STEPS);
    *out = (fs_channel_kernels){.data = w.data, .scale = 1};
    if (w.rank == 2) {
        kernels_of_product(out, node, &w);
        return;
    }
    const bool spread = is(node, "ConvTranspose");
    const int64_t group = fs_node_int(node, "group", 1);
    out->groups = group < 1 ? 1 : group;
    out->outputs = spread ? w.dim[1] * out->groups : w.dim[0];
    out->inputs = spread ? w.dim[0] / out->groups : w.dim[1];
    out->output_step = w.step[spread];
    out->input_step = w.step[!spread];
    out->group_step = spread ? out->inputs * w.step[0] : out->outputs / out->groups * w.step[0];
    out->height = (int)w.dim[2];
    out->width = (int)w.dim[3];
    out->row_step = spread ? -w.step[2] : w.step[2];
    out->column_step = spread ? -w.step[3] : w.step[3];
    if (spread)
        out->data += (w.dim[2] - 1) * w.step[2] + (w.dim[3] - 1) * w.step[3];
}

/* ---- steps ---- */

static bool is_constant(const fs_graph *graph, int value) {
    return value == FS_NO_VALUE || weights_of(graph, value, MAX_WEIGHT_STEPS).data != NULL;
}

static bool keeps_channels(const fs_shape *in, const fs_shape *out) {
    return in->rank >= 2 && out->rank >= 2 && in->dim[0] == out->dim[0] && in->dim[1] == out->dim[1];
}

/* Of the image: neither constant nor a gate or mean with fewer numbers than the output. */
static int full_inputs(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node, int *first) {
    const int64_t wanted = fs_tensor_count(&shapes[node->outputs[0]]);
    int count = 0;
    for (int i = 0; i < node->n_inputs; i++) {
        const int value = node->inputs[i];
        if (is_constant(graph, value) || fs_tensor_count(&shapes[value]) != wanted)
            continue;
        if (count++ == 0)
            *first = i;
    }
    return count;
}

static fs_channel_step same(int input, int64_t group, int64_t first) {
    return (fs_channel_step){.kind = FS_STEP_SAME, .input = input, .group = group, .first = first};
}

static fs_channel_step arithmetic(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node) {
    static const char *const sums[] = {"Add", "Sum", "Mean", NULL};
    int first = 0;
    const int count = full_inputs(graph, shapes, node, &first);
    if (count == 1 && keeps_channels(&shapes[node->inputs[first]].shape, &shapes[node->outputs[0]].shape))
        return same(first, 1, 0);
    return (fs_channel_step){.kind = count > 1 && is_any(node, sums) ? FS_STEP_SUM : FS_STEP_MIXED};
}

static fs_channel_step part_of_split(const fs_tensor *shapes, const fs_node *node, int output) {
    int axis = 0;
    const fs_shape *in = &shapes[node->inputs[0]].shape;
    int64_t first = 0;
    if (!fs_axis_normalise(fs_node_int(node, "axis", 0), in->rank, &axis))
        return (fs_channel_step){.kind = FS_STEP_MIXED};
    for (int o = 0; axis == 1 && o < output; o++)
        first += shapes[node->outputs[o]].shape.dim[1];
    return axis == 0 ? (fs_channel_step){.kind = FS_STEP_MIXED} : same(0, 1, first);
}

static fs_channel_step reshape(const fs_tensor *shapes, const fs_node *node) {
    const fs_shape *in = &shapes[node->inputs[0]].shape, *out = &shapes[node->outputs[0]].shape;
    if (keeps_channels(in, out))
        return same(0, 1, 0);
    if (in->rank > 2 && out->rank == 2 && in->dim[0] == out->dim[0] && in->dim[1] > 0 &&
        out->dim[1] % in->dim[1] == 0)
        return same(0, out->dim[1] / in->dim[1], 0);
    return (fs_channel_step){.kind = FS_STEP_MIXED};
}

static fs_channel_step concat(const fs_tensor *shapes, const fs_node *node) {
    int axis = 0;
    const int rank = shapes[node->outputs[0]].shape.rank;
    if (!fs_axis_normalise(fs_node_int(node, "axis", 1), rank, &axis) || axis != 1)
        return (fs_channel_step){.kind = FS_STEP_MIXED};
    return (fs_channel_step){.kind = FS_STEP_CONCAT};
}

static fs_channel_step plain_step(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node,
                                  int output) {
    static const char *const keeping[] = {"Abs",
                                          "AveragePool",
                                          "BatchNormalization",
                                          "Cast",
                                          "Celu",
                                          "Clip",
                                          "Dropout",
                                          "Elu",
                                          "Erf",
                                          "Exp",
                                          "Gelu",
                                          "GlobalAveragePool",
                                          "GlobalLpPool",
                                          "GlobalMaxPool",
                                          "HardSigmoid",
                                          "HardSwish",
                                          "Identity",
                                          "InstanceNormalization",
                                          "LRN",
                                          "LeakyRelu",
                                          "Log",
                                          "LogSoftmax",
                                          "LpPool",
                                          "MaxPool",
                                          "Mish",
                                          "Neg",
                                          "PRelu",
                                          "Pad",
                                          "ReduceMax",
                                          "ReduceMean",
                                          "ReduceSum",
                                          "Relu",
                                          "Resize",
                                          "Selu",
                                          "Sigmoid",
                                          "Slice",
                                          "Softmax",
                                          "Softplus",
                                          "Softsign",
                                          "Sqrt",
                                          "Tanh",
                                          "ThresholdedRelu",
                                          "Upsample",
                                          NULL};
    static const char *const shaping[] = {"Flatten", "Reshape", "Squeeze", "Unsqueeze", NULL};
    static const char *const arithmetics[] = {"Add", "Div", "Mean", "Mul", "Sub", "Sum", NULL};
    const fs_channel_step mixed = {.kind = FS_STEP_MIXED};
    if (node->n_inputs < 1 || node->inputs[0] == FS_NO_VALUE || shapes[node->outputs[output]].shape.rank < 2)
        return mixed;
    if (has_weights(graph, shapes, node))
        return (fs_channel_step){.kind = FS_STEP_WEIGHTS};
    if (is_any(node, arithmetics))
        return arithmetic(graph, shapes, node);
    if (is(node, "Concat"))
        return concat(shapes, node);
    if (is_constant(graph, node->inputs[0]) || shapes[node->inputs[0]].shape.rank < 2)
        return mixed;
    if (is(node, "Split"))
        return part_of_split(shapes, node, output);
    if (is_any(node, shaping))
        return reshape(shapes, node);
    const bool keeps = is_any(node, keeping) &&
                       keeps_channels(&shapes[node->inputs[0]].shape, &shapes[node->outputs[output]].shape);
    return keeps ? same(0, 1, 0) : mixed;
}

/* Whether `value` is made of `of` alone, channel by channel. */
static bool is_made_of(const fs_graph *graph, const fs_tensor *shapes, int value, int of) {
    for (int i = 0; i < MAX_GATE_STEPS && value != of; i++) {
        const int producer = graph->values[value].producer;
        if (producer < 0 || graph->nodes[producer].outputs[0] != value)
            return false;
        const fs_channel_step step = plain_step(graph, shapes, &graph->nodes[producer], 0);
        if (step.kind != FS_STEP_SAME || step.group != 1)
            return false;
        value = graph->nodes[producer].inputs[step.input];
    }
    return value == of;
}

fs_channel_step fs_channel_step_of(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node,
                                   int output) {
    const fs_channel_step step = plain_step(graph, shapes, node, output);
    if (step.kind != FS_STEP_MIXED || !is(node, "Mul") || node->n_inputs != 2 ||
        shapes[node->outputs[0]].shape.rank < 2 || is_constant(graph, node->inputs[0]) ||
        is_constant(graph, node->inputs[1]))
        return step;
    for (int i = 0; i < 2; i++)
        if (is_made_of(graph, shapes, node->inputs[!i], node->inputs[i]))
            return same(i, 1, 0);
    return step;
}

/* ---- scale ---- */

/* The number of a constant that meets a channel of an output of that rank: 1 where there is no such single
 * number. */
static double number_at(const strided *s, int rank, int64_t channel) {
    const int axis = 1 - (rank - s->rank);
    int64_t count = 1;
    for (int i = 0; i < s->rank; i++)
        count *= s->dim[i];
    if (count == 1)
        return s->data[0];
    if (axis < 0 || axis >= s->rank || s->dim[axis] != count || channel >= count)
        return 1;
    return s->data[channel * s->step[axis]];
}

static double batch_norm_scale(const fs_graph *graph, const fs_node *node, int64_t channel) {
    if (node->n_inputs < 5)
        return 1;
    const strided scale = weights_of(graph, node->inputs[1], MAX_WEIGHT_STEPS);
    const strided variance = weights_of(graph, node->inputs[4], MAX_WEIGHT_STEPS);
    if (!scale.data || !variance.data || scale.rank != 1 || variance.rank != 1 || channel >= scale.dim[0] ||
        channel >= variance.dim[0])
        return 1;
    const double root =
        sqrt(variance.data[channel * variance.step[0]] + (double)fs_node_float(node, "epsilon", 1e-5F));
    return scale.data[channel * scale.step[0]] / root;
}

double fs_channel_scale(const fs_graph *graph, const fs_tensor *shapes, const fs_node *node,
                        const fs_channel_step *step, int64_t channel) {
    if (is(node, "BatchNormalization"))
        return batch_norm_scale(graph, node, channel);
    if (is(node, "Neg") || (is(node, "Sub") && step->input == 1))
        return -1;
    const bool factor = is(node, "Mul"), divisor = is(node, "Div") && step->input == 0;
    if ((!factor && !divisor) || node->n_inputs != 2)
        return 1;
    const strided s = weights_of(graph, node->inputs[!step->input], MAX_WEIGHT_STEPS);
    if (!s.data)
        return 1;
    const double number = number_at(&s, shapes[node->outputs[0]].shape.rank, channel);
    return factor ? number : number != 0 ? 1 / number : 1;
}
