#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/passes/layout_private.h"

/* How an operator moves: fills the copies in *out, or sets *moves to false. */
typedef fs_status mover(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err);

static bool is_last(const fs_layout *layout, int value) {
    return layout->first[value] != FS_NO_VALUE;
}

static const fs_tensor *constant_of(const fs_layout *layout, int value) {
    const fs_tensor *constant = &layout->graph->values[layout->same[value]].constant;
    return constant->data ? constant : NULL;
}

/* ---- constants and attributes, changed ---- */

/* Integers of an attribute or of a constant input, whichever the operator's version uses. */
typedef struct int_list {
    const int64_t *values;
    int count;     /* -1: neither is there */
    int attribute; /* its index, or -1 */
    int input;     /* its index, or -1 */
} int_list;

/* False when the list is computed: then nobody knows it yet. */
static bool find_list(int_list *out, const fs_layout *layout, const fs_node *node, const char *name,
                      int input) {
    *out = (int_list){.count = -1, .attribute = -1, .input = -1};
    for (int a = 0; a < node->n_attributes; a++) {
        const fs_attribute *attribute = &node->attributes[a];
        if (strcmp(attribute->name, name) == 0 && attribute->kind == FS_ATTRIBUTE_INTS)
            *out = (int_list){attribute->ints, attribute->count, a, -1};
    }
    if (out->attribute >= 0 || input < 0 || input >= node->n_inputs || node->inputs[input] == FS_NO_VALUE)
        return true;
    const fs_tensor *constant = constant_of(layout, node->inputs[input]);
    if (!constant || constant->dtype != FS_I64 || constant->shape.rank > 1)
        return false;
    *out = (int_list){fs_i64(constant), (int)fs_tensor_count(constant), -1, input};
    return true;
}

static fs_status new_constant(int *out, const fs_layout *layout, int like, const fs_tensor *tensor,
                              fs_error *err) {
    char name[1100];
    int number = 1;
    do
        snprintf(name, sizeof name, "%.1024s:nchw%d", layout->graph->values[like].name, number++);
    while (fs_graph_find(layout->graph, name) != FS_NO_VALUE);
    *out = fs_graph_value(layout->graph, name);
    if (*out == FS_NO_VALUE)
        return fs_fail_memory(err, "a tensor");
    layout->graph->values[*out].element_type = layout->graph->values[layout->same[like]].element_type;
    return fs_graph_set_constant(layout->graph, *out, tensor, false, err);
}

static fs_status set_list(fs_layout_node *node, const fs_layout *layout, const int_list *list,
                          const int64_t *values, fs_error *err) {
    if (list->input >= 0) {
        const fs_tensor tensor = {{1, {list->count}}, FS_I64, (void *)values};
        return new_constant(&node->inputs[list->input], layout, node->node->inputs[list->input], &tensor,
                            err);
    }
    int64_t *copy = fs_arena_alloc(layout->graph->arena, (size_t)list->count + 1, sizeof *copy);
    if (!copy)
        return fs_fail_memory(err, "an attribute");
    memcpy(copy, values, (size_t)list->count * sizeof *copy);
    node->attributes[list->attribute].ints = copy;
    return FS_OK;
}

/* Rank 4 by leading ones, then channels first; the bytes of one element are `size`. */
static void permute(void *to, const void *from, const int64_t dim[4], size_t size) {
    const int64_t pixels = dim[1] * dim[2], channels = dim[3];
    for (int64_t n = 0; n < dim[0]; n++)
        for (int64_t p = 0; p < pixels; p++)
            for (int64_t c = 0; c < channels; c++)
                memcpy((char *)to + (size_t)((n * channels + c) * pixels + p) * size,
                       (const char *)from + (size_t)((n * pixels + p) * channels + c) * size, size);
}

/* A constant operand that is broadcast against an image. Single numbers stay as they are. */
static fs_status permute_constant(int *out, const fs_layout *layout, int value, fs_error *err) {
    const fs_tensor *constant = constant_of(layout, value);
    const int64_t count = fs_tensor_count(constant);
    *out = value;
    if (count == 1)
        return FS_OK;
    int64_t dim[4] = {1, 1, 1, 1};
    for (int i = 0; i < constant->shape.rank; i++)
        dim[4 - constant->shape.rank + i] = constant->shape.dim[i];
    fs_tensor turned = {{4, {dim[0], dim[3], dim[1], dim[2]}}, constant->dtype, NULL};
    turned.data = fs_alloc_array((size_t)count + 1, fs_dtype_size(constant->dtype));
    if (!turned.data)
        return fs_fail_memory(err, "a tensor");
    permute(turned.data, constant->data, dim, fs_dtype_size(constant->dtype));
    fs_status status = new_constant(out, layout, value, &turned, err);
    fs_free(turned.data);
    return status;
}

/* ---- operators ---- */

/* All inputs broadcast against each other: each is an image or a constant of rank 4 at most. */
static fs_status move_operands(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    const fs_node *node = out->node;
    if (node->n_outputs != 1 || fs_node_attribute(node, "broadcast"))
        return FS_OK;
    for (int i = 0; i < node->n_inputs; i++) {
        const int value = node->inputs[i];
        if (value == FS_NO_VALUE || is_last(layout, value))
            continue;
        const fs_tensor *constant = constant_of(layout, value);
        if (!constant || constant->shape.rank > 4)
            return FS_OK;
    }
    *moves = out->makes_last = true;
    fs_status status = FS_OK;
    for (int i = 0; i < node->n_inputs && status == FS_OK; i++)
        if (node->inputs[i] != FS_NO_VALUE && !is_last(layout, node->inputs[i]))
            status = permute_constant(&out->inputs[i], layout, node->inputs[i], err);
    return status;
}

/* The attribute "axis" renumbered; operands other than the first may be settings (sizes of a Split). */
static void move_axis(fs_layout_node *out, bool *moves) {
    for (int a = 0; a < out->node->n_attributes; a++) {
        fs_attribute *attribute = &out->attributes[a];
        if (strcmp(attribute->name, "axis") != 0 || attribute->kind != FS_ATTRIBUTE_INT)
            continue;
        const int64_t axis = attribute->i < 0 ? attribute->i + 4 : attribute->i;
        if (axis < 0 || axis > 3)
            return;
        attribute->i = fs_layout_axis[axis];
        *moves = out->makes_last = true;
    }
}

static fs_status move_concat(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    const fs_node *node = out->node;
    for (int i = 0; i < node->n_inputs; i++) {
        const fs_tensor *constant = constant_of(layout, node->inputs[i]);
        if (!is_last(layout, node->inputs[i]) && !(constant && constant->shape.rank == 4))
            return FS_OK;
    }
    move_axis(out, moves);
    fs_status status = FS_OK;
    for (int i = 0; i < node->n_inputs && *moves && status == FS_OK; i++)
        if (!is_last(layout, node->inputs[i]))
            status = permute_constant(&out->inputs[i], layout, node->inputs[i], err);
    return status;
}

static fs_status move_split(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    (void)layout;
    (void)err;
    move_axis(out, moves);
    return FS_OK;
}

/* Before version 13 a Softmax flattens all that follows its axis. */
static fs_status move_softmax(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    (void)err;
    if (layout->graph->opset >= 13)
        move_axis(out, moves);
    return FS_OK;
}

/* Axes of [N,H,W,C] as axes of [N,C,H,W]; false when one is none. */
static bool renumber(int64_t *out, const int_list *axes, bool taken[4]) {
    for (int i = 0; i < axes->count; i++) {
        const int64_t axis = axes->values[i] < 0 ? axes->values[i] + 4 : axes->values[i];
        if (axis < 0 || axis > 3)
            return false;
        out[i] = fs_layout_axis[axis];
        taken[out[i]] = true;
    }
    return true;
}

/* What is left when the axes are gone has the same order in both layouts, unless C and one of H and W stay.
 */
static bool order_remains(const bool taken[4]) {
    return taken[1] || (taken[2] && taken[3]);
}

static fs_status move_axes(fs_layout_node *out, bool *moves, const fs_layout *layout, bool keep,
                           fs_error *err) {
    int_list axes;
    int64_t renumbered[4];
    bool taken[4] = {false};
    if (!find_list(&axes, layout, out->node, "axes", 1) || axes.count < 1 || axes.count > 4 ||
        !renumber(renumbered, &axes, taken) || (!keep && !order_remains(taken)))
        return FS_OK;
    *moves = true;
    out->makes_last = keep;
    return set_list(out, layout, &axes, renumbered, err);
}

static fs_status move_reduction(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    return move_axes(out, moves, layout, fs_node_int(out->node, "keepdims", 1) != 0, err);
}

static fs_status move_squeeze(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    return move_axes(out, moves, layout, false, err);
}

static fs_status move_slice(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    int_list axes;
    int64_t renumbered[4];
    bool taken[4] = {false};
    if (!find_list(&axes, layout, out->node, "axes", 3) || axes.count < 1 || axes.count > 4 ||
        !renumber(renumbered, &axes, taken))
        return FS_OK;
    *moves = out->makes_last = true;
    return set_list(out, layout, &axes, renumbered, err);
}

/* Before and after each axis: eight numbers. */
static fs_status move_pad(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    int_list pads;
    int64_t turned[8];
    const bool axes_given = out->node->n_inputs > 3 && out->node->inputs[3] != FS_NO_VALUE;
    if (axes_given || !find_list(&pads, layout, out->node, "pads", 1) || pads.count != 8)
        return FS_OK;
    for (int i = 0; i < 8; i++)
        turned[(i & 4) + fs_layout_axis[i & 3]] = pads.values[i];
    *moves = out->makes_last = true;
    return set_list(out, layout, &pads, turned, err);
}

static fs_status turn_four(int *out, const fs_layout *layout, int value, const fs_tensor *constant,
                           fs_error *err) {
    double turned[4]; /* room for four numbers of either type */
    const size_t size = fs_dtype_size(constant->dtype);
    for (int i = 0; i < 4; i++)
        memcpy((char *)turned + (size_t)fs_layout_axis[i] * size, (char *)constant->data + (size_t)i * size,
               size);
    const fs_tensor tensor = {{1, {4}}, constant->dtype, turned};
    return new_constant(out, layout, value, &tensor, err);
}

/* Factors or sizes of the four axes as constants; a region of interest is not moved. */
static fs_status move_resize(fs_layout_node *out, bool *moves, const fs_layout *layout, fs_error *err) {
    const fs_node *node = out->node;
    int turned = 0;
    if (fs_node_attribute(node, "axes"))
        return FS_OK;
    for (int i = 1; i < node->n_inputs; i++) {
        const fs_tensor *constant =
            node->inputs[i] == FS_NO_VALUE ? NULL : constant_of(layout, node->inputs[i]);
        if (node->inputs[i] == FS_NO_VALUE || (constant && fs_tensor_count(constant) == 0))
            continue;
        if (!constant || fs_tensor_count(constant) != 4)
            return FS_OK;
        turned = i;
    }
    if (!turned)
        return FS_OK;
    *moves = out->makes_last = true;
    return turn_four(&out->inputs[turned], layout, node->inputs[turned],
                     constant_of(layout, node->inputs[turned]), err);
}

static const struct {
    const char *type;
    mover *move;
} movers[] = {
    {"Abs", move_operands},         {"Add", move_operands},
    {"Cast", move_operands},        {"Ceil", move_operands},
    {"Celu", move_operands},        {"Clip", move_operands},
    {"Concat", move_concat},        {"Div", move_operands},
    {"Dropout", move_operands},     {"Elu", move_operands},
    {"Erf", move_operands},         {"Exp", move_operands},
    {"Floor", move_operands},       {"Gelu", move_operands},
    {"HardSigmoid", move_operands}, {"HardSwish", move_operands},
    {"Identity", move_operands},    {"LeakyRelu", move_operands},
    {"Log", move_operands},         {"LogSoftmax", move_softmax},
    {"Max", move_operands},         {"Mean", move_operands},
    {"Min", move_operands},         {"Mish", move_operands},
    {"Mul", move_operands},         {"Neg", move_operands},
    {"PRelu", move_operands},       {"Pad", move_pad},
    {"Pow", move_operands},         {"Reciprocal", move_operands},
    {"ReduceL1", move_reduction},   {"ReduceL2", move_reduction},
    {"ReduceMax", move_reduction},  {"ReduceMean", move_reduction},
    {"ReduceMin", move_reduction},  {"ReduceProd", move_reduction},
    {"ReduceSum", move_reduction},  {"ReduceSumSquare", move_reduction},
    {"Relu", move_operands},        {"Resize", move_resize},
    {"Round", move_operands},       {"Selu", move_operands},
    {"Sigmoid", move_operands},     {"Slice", move_slice},
    {"Softmax", move_softmax},      {"Softplus", move_operands},
    {"Softsign", move_operands},    {"Split", move_split},
    {"Sqrt", move_operands},        {"Squeeze", move_squeeze},
    {"Sub", move_operands},         {"Sum", move_operands},
    {"Tanh", move_operands},        {"ThresholdedRelu", move_operands},
    {"Where", move_operands},
};

static mover *find_mover(const char *type) {
    for (size_t i = 0; i < sizeof movers / sizeof *movers; i++)
        if (strcmp(movers[i].type, type) == 0)
            return movers[i].move;
    return NULL;
}

fs_status fs_layout_move(fs_layout_node *out, bool *moves, const fs_layout *layout, const fs_node *node,
                         fs_error *err) {
    mover *move = find_mover(node->op->type);
    const bool image_first = node->inputs[0] != FS_NO_VALUE && is_last(layout, node->inputs[0]);
    *moves = false;
    *out = (fs_layout_node){.node = node};
    if (!move || (!image_first && move != move_operands))
        return FS_OK;
    out->attributes =
        fs_arena_alloc(layout->graph->arena, (size_t)node->n_attributes + 1, sizeof *out->attributes);
    if (!out->attributes)
        return fs_fail_memory(err, "a node");
    if (node->n_attributes)
        memcpy(out->attributes, node->attributes, (size_t)node->n_attributes * sizeof *out->attributes);
    for (int i = 0; i < node->n_inputs; i++) {
        const int value = node->inputs[i];
        out->inputs[i] = value != FS_NO_VALUE && is_last(layout, value) ? layout->first[value] : value;
    }
    return move(out, moves, layout, err);
}
