#include "engine/channel_axis.h"

#include <string.h>

#include "engine/operator.h"

/* What is known about one node: its main input (from the image) and both shapes. */
typedef struct node_axis {
    const fs_node *node;
    const fs_shape *in, *out;
    int axis;    /* of the main input */
    bool single; /* only one input comes from the image */
} node_axis;

static int first_axis(const node_axis *n) {
    (void)n;
    return 1;
}

static int last_axis(const node_axis *n) {
    return n->out->rank - 1;
}

/* With a weight: the features it makes. Of two activations: queries with keys, or weights with values; the
 * heads, where there are some. */
static int product_axis(const node_axis *n) {
    return n->single || n->out->rank < 4 ? n->out->rank - 1 : 1;
}

/* Normalised over the features of a token; over a whole map where more dimensions are included. */
static int norm_axis(const node_axis *n) {
    const int64_t axis = fs_node_int(n->node, "axis", -1);
    return axis == -1 || axis == n->in->rank - 1 ? n->out->rank - 1 : n->axis;
}

static int transpose_axis(const node_axis *n) {
    const fs_attribute *perm = fs_node_attribute(n->node, "perm");
    if (!perm || perm->kind != FS_ATTRIBUTE_INTS)
        return n->out->rank - 1 - n->axis;
    for (int i = 0; i < perm->count; i++)
        if (perm->ints[i] == n->axis)
            return i;
    return n->axis;
}

/* The output axis before which as many numbers lie as before the channels. Where channels are split into
 * heads the heads are taken. */
static int reshape_axis(const node_axis *n) {
    const int64_t before = fs_shape_span(n->in, 0, n->axis);
    int64_t product = 1;
    for (int i = 0; i < n->out->rank; i++) {
        if (product == before && i > 0 && n->out->dim[i] > 1 && n->in->dim[n->axis] % n->out->dim[i] == 0)
            return i;
        product *= n->out->dim[i];
    }
    return n->axis < n->out->rank ? n->axis : n->out->rank - 1;
}

/* Kept dimensions keep their numbers; otherwise the channels are taken to be what is left last. */
static int reduced_axis(const node_axis *n) {
    return n->out->rank == n->in->rank ? n->axis : n->out->rank - 1;
}

/* Operands are aligned at their last dimensions. */
static int aligned_axis(const node_axis *n) {
    return n->axis + n->out->rank - n->in->rank;
}

typedef int rule(const node_axis *n);

static rule *find_rule(const fs_node *node) {
    static const struct {
        const char *type;
        rule *rule;
    } rules[] = {
        {"AveragePool", first_axis},
        {"BatchNormalization", first_axis},
        {"Conv", first_axis},
        {"ConvTranspose", first_axis},
        {"DepthToSpace", first_axis},
        {"Einsum", last_axis},
        {"Flatten", first_axis},
        {"Gather", reduced_axis},
        {"Gemm", first_axis},
        {"GlobalAveragePool", first_axis},
        {"GlobalLpPool", first_axis},
        {"GlobalMaxPool", first_axis},
        {"GroupNormalization", first_axis},
        {"InstanceNormalization", first_axis},
        {"LRN", first_axis},
        {"LayerNormalization", norm_axis},
        {"LpPool", first_axis},
        {"MatMul", product_axis},
        {"MaxPool", first_axis},
        {"Reshape", reshape_axis},
        {"SpaceToDepth", first_axis},
        {"Squeeze", reshape_axis},
        {"Transpose", transpose_axis},
        {"Unsqueeze", reshape_axis},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(node->op->type, rules[i].type) == 0)
            return rules[i].rule;
    return strncmp(node->op->type, "Reduce", 6) == 0 ? reduced_axis : aligned_axis;
}

/* The input of the largest rank that comes from the image; a gate is broadcast against it. */
static bool main_input(node_axis *out, const fs_tensor *shapes, const fs_field *fields) {
    int count = 0;
    for (int i = 0; i < out->node->n_inputs; i++) {
        const int value = out->node->inputs[i];
        if (value == FS_NO_VALUE || !fields[value].from_image || shapes[value].shape.rank < 0)
            continue;
        count++;
        if (out->in && shapes[value].shape.rank <= out->in->rank)
            continue;
        out->in = &shapes[value].shape;
        out->axis = fields[value].axis;
    }
    out->single = count == 1;
    return count > 0;
}

int fs_channel_axis(const fs_node *node, const fs_shape *output, const fs_tensor *shapes,
                    const fs_field *fields) {
    node_axis n = {.node = node, .out = output};
    if (output->rank < 3 || !main_input(&n, shapes, fields))
        return 1;
    const int axis = find_rule(node)(&n);
    return axis >= 1 && axis < output->rank ? axis : 1;
}
