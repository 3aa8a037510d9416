#include "engine/receptive_field.h"

#include <math.h>
#include <string.h>

#include "engine/operator.h"
#include "engine/ops/resize.h"
#include "engine/ops/window.h"

/* Fields beyond any image stop growing here, so that nothing overflows. */
enum { FIELD_LIMIT = 1 << 28 };

static int64_t clamp(int64_t value) {
    return value > FIELD_LIMIT ? FIELD_LIMIT : value < -FIELD_LIMIT ? -FIELD_LIMIT : value;
}

static bool is_any(const fs_node *node, const char *const *types) {
    for (; *types; types++)
        if (strcmp(node->op->type, *types) == 0)
            return true;
    return false;
}

/* A map of rank 4 or more: its last two dimensions are H and W, or the two before the last. */
static int64_t extent_as(const fs_shape *shape, int axis, bool channels_last) {
    return shape->dim[shape->rank - 2 - channels_last + axis];
}

static int64_t extent(const fs_shape *shape, int axis) {
    return extent_as(shape, axis, false);
}

static bool is_map(const fs_shape *shape) {
    return shape->rank >= 4;
}

static bool same_extent(const fs_shape *a, const fs_shape *b, bool channels_last) {
    return is_map(a) && is_map(b) && extent_as(a, 0, channels_last) == extent_as(b, 0, channels_last) &&
           extent_as(a, 1, channels_last) == extent_as(b, 1, channels_last);
}

static void unite(fs_field *into, const fs_field *other) {
    into->whole = into->whole || other->whole || into->channels_last != other->channels_last;
    for (int a = 0; a < 2; a++) {
        int64_t first = into->offset[a], last = into->offset[a] + into->size[a];
        const int64_t other_last = other->offset[a] + other->size[a];
        first = other->offset[a] < first ? other->offset[a] : first;
        last = other_last > last ? other_last : last;
        into->offset[a] = first;
        into->size[a] = clamp(last - first);
        into->stride[a] = other->stride[a] > into->stride[a] ? other->stride[a] : into->stride[a];
    }
}

/* The union over inputs; inputs that are stretched over the output count only if there are no others. */
static fs_field gather(const fs_node *node, const fs_tensor *shapes, const fs_field *fields,
                       int *main_input) {
    fs_field result = {0};
    const fs_shape *out = &shapes[node->outputs[0]].shape;
    *main_input = FS_NO_VALUE;
    for (int pass = 0; pass < 2 && !result.from_image; pass++) {
        for (int i = 0; i < node->n_inputs; i++) {
            const int v = node->inputs[i];
            if (v == FS_NO_VALUE || !fields[v].from_image)
                continue;
            if (pass == 0 && !same_extent(&shapes[v].shape, out, fields[v].channels_last))
                continue;
            if (!result.from_image) {
                result = fields[v];
                *main_input = v;
            } else {
                unite(&result, &fields[v]);
            }
        }
    }
    return result;
}

static void slide(fs_field *field, int axis, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad) {
    const int64_t step = field->stride[axis];
    field->size[axis] = clamp(field->size[axis] + (kernel - 1) * dilation * step);
    field->offset[axis] = clamp(field->offset[axis] - pad * step);
    field->stride[axis] = clamp(step * stride);
}

/* Convolution and pooling: the window as their kernels resolve it. */
static void apply_window(fs_field *field, const fs_graph *graph, const fs_node *node, const fs_shape *in) {
    int kernel[2] = {0, 0};
    fs_window_at at;
    if (node->n_inputs > 1 && node->inputs[1] != FS_NO_VALUE) {
        const fs_shape *weight = &graph->values[node->inputs[1]].constant.shape;
        for (int a = 0; a < 2 && weight->rank == 4; a++)
            kernel[a] = (int)weight->dim[2 + a];
    }
    if (in->rank != 4 ||
        fs_window_resolve(node->params, kernel, in->dim[2], in->dim[3], &at, NULL) != FS_OK) {
        field->whole = true;
        return;
    }
    for (int a = 0; a < 2; a++)
        slide(field, a, at.kernel[a], at.stride[a], at.dilation[a], at.pad[a]);
}

static int64_t list_item(const fs_node *node, const char *name, int index, int64_t fallback) {
    const fs_attribute *attribute = fs_node_attribute(node, name);
    if (!attribute || attribute->kind != FS_ATTRIBUTE_INTS || index >= attribute->count)
        return fallback;
    return attribute->ints[index];
}

/* What the units of an enlarged axis see: unit o reads places first..last of its input, out units lie where
 * in units were. The field is that of all units together, as each has its own shift. */
typedef struct spread {
    int64_t in, out;
    double low, high; /* the least and most of place - o * in / out */
    bool any;
} spread;

static void take_unit(spread *s, int64_t o, int64_t first, int64_t last) {
    const double middle = (double)o * (double)s->in / (double)s->out;
    const double low = (double)first - middle, high = (double)last - middle;
    s->low = !s->any || low < s->low ? low : s->low;
    s->high = !s->any || high > s->high ? high : s->high;
    s->any = true;
}

static void apply_spread(fs_field *field, int axis, const spread *s) {
    const int64_t step = field->stride[axis];
    if (!s->any)
        return;
    const int64_t low = (int64_t)floor(s->low * (double)step), high = (int64_t)ceil(s->high * (double)step);
    field->offset[axis] = clamp(field->offset[axis] + low);
    field->size[axis] = clamp(field->size[axis] + high - low);
    field->stride[axis] = step * s->in / s->out;
    field->stride[axis] = field->stride[axis] < 1 ? 1 : clamp(field->stride[axis]);
}

/* Shifts repeat after so many units in any network that is not contrived. */
enum { SPREAD_UNITS = 256 };

/* Tap t of unit i of the input lands on i * stride - pad + t * dilation. */
static void apply_transposed(fs_field *field, const fs_graph *graph, const fs_node *node) {
    if (node->n_inputs < 2 || node->inputs[1] == FS_NO_VALUE)
        return;
    const fs_shape *weight = &graph->values[node->inputs[1]].constant.shape;
    for (int a = 0; a < 2; a++) {
        const int64_t kernel = weight->rank == 4 ? weight->dim[2 + a] : 1;
        const int64_t stride = list_item(node, "strides", a, 1),
                      dilation = list_item(node, "dilations", a, 1);
        const int64_t pad = list_item(node, "pads", a, 0);
        if (stride < 1 || stride > SPREAD_UNITS)
            continue;
        spread s = {.in = 1, .out = stride};
        for (int64_t o = 0; o < stride; o++)
            for (int64_t t = 0; t < kernel && t < SPREAD_UNITS; t++) {
                const int64_t from = o + clamp(pad) - t * clamp(dilation);
                if (from % stride == 0)
                    take_unit(&s, o, from / stride, from / stride);
            }
        apply_spread(field, a, &s);
    }
}

static void apply_resize(fs_field *field, const fs_node *node, const fs_shape *in, const fs_shape *out) {
    for (int a = 0; a < 2; a++) {
        spread s = {.in = extent(in, a), .out = extent(out, a)};
        if (s.in == s.out || s.in < 1)
            continue;
        for (int64_t o = 0; o < s.out && o < SPREAD_UNITS; o++) {
            int64_t first, last;
            fs_resize_reach(node, s.in, s.out, o, &first, &last);
            take_unit(&s, o, first, last);
        }
        apply_spread(field, a, &s);
    }
}

/* Blocks of pixels made of channels, or channels of blocks. */
static void apply_blocks(fs_field *field, const fs_shape *in, const fs_shape *out) {
    for (int a = 0; a < 2; a++) {
        spread s = {.in = extent(in, a), .out = extent(out, a)};
        if (s.in < 1 || s.out < 1)
            continue;
        const int64_t wide = s.out / s.in, narrow = s.in / s.out;
        for (int64_t o = 0; o < wide && o < SPREAD_UNITS; o++)
            take_unit(&s, o, 0, 0);
        if (narrow > 1)
            take_unit(&s, 0, 0, narrow - 1);
        apply_spread(field, a, &s);
    }
}

/* Channels moved behind the positions or back; anything else mixes up what is where. */
static void apply_transpose(fs_field *field, const fs_node *node, const fs_shape *in) {
    static const int64_t to_last[] = {0, 2, 3, 1}, to_first[] = {0, 3, 1, 2};
    const fs_attribute *perm = fs_node_attribute(node, "perm");
    const int64_t *wanted = field->channels_last ? to_first : to_last;
    const bool listed = perm && perm->kind == FS_ATTRIBUTE_INTS && perm->count == 4 && in->rank == 4;
    if (!listed || memcmp(perm->ints, wanted, sizeof to_last) != 0) {
        field->whole = true;
        return;
    }
    field->channels_last = !field->channels_last;
}

/* Operators that normalise over an axis, or from an axis on: whether H or W is among those. */
static bool mixes_positions(const fs_graph *graph, const fs_node *node, int rank, bool channels_last) {
    static const char *const along[] = {"Softmax", "LogSoftmax", "LpNormalization", "LayerNormalization",
                                        NULL};
    static const char *const always[] = {"InstanceNormalization", "GroupNormalization", "CumSum", "Einsum",
                                         "GatherElements",        "GatherND",           "Trilu",  NULL};
    if (is_any(node, always))
        return true;
    if (!is_any(node, along))
        return false;
    if (graph->opset < 13 && strstr(node->op->type, "Softmax"))
        return true; /* these flatten everything from the axis on */
    int64_t axis = fs_node_int(node, "axis", -1);
    axis = axis < 0 ? axis + rank : axis;
    if (channels_last)
        return axis != rank - 1;
    return axis >= rank - 2 || strcmp(node->op->type, "LayerNormalization") == 0;
}

/* A linear layer over the channels: the map times a matrix that does not come from the image. */
static bool is_linear_layer(const fs_node *node, const fs_tensor *shapes, const fs_field *fields) {
    if (strcmp(node->op->type, "MatMul") != 0)
        return false;
    const int map = node->inputs[0], matrix = node->inputs[1];
    return fields[map].channels_last && is_map(&shapes[map].shape) && !fields[matrix].from_image &&
           shapes[matrix].shape.rank == 2;
}

/* Pads of N, C, H, W: an attribute in old files, a constant input since. */
static void apply_pad(fs_field *field, const fs_graph *graph, const fs_node *node) {
    const fs_tensor *pads = NULL;
    if (node->n_inputs > 1 && node->inputs[1] != FS_NO_VALUE)
        pads = &graph->values[node->inputs[1]].constant;
    const bool constant = pads && pads->data && pads->dtype == FS_I64 && fs_tensor_count(pads) == 8;
    for (int a = 0; a < 2; a++) {
        const int64_t pad = constant ? fs_i64(pads)[2 + a] : list_item(node, "pads", 2 + a, 0);
        field->offset[a] = clamp(field->offset[a] - clamp(pad) * field->stride[a]);
    }
}

static void apply_geometry(fs_field *field, const fs_graph *graph, const fs_node *node, const fs_shape *in,
                           const fs_shape *out) {
    static const char *const resizing[] = {"Resize", "Upsample", NULL};
    if (strcmp(node->op->type, "ConvTranspose") == 0)
        apply_transposed(field, graph, node);
    else if (strcmp(node->op->type, "Pad") == 0)
        apply_pad(field, graph, node);
    else if (is_any(node, resizing))
        apply_resize(field, node, in, out);
    else
        apply_blocks(field, in, out);
}

static void apply(fs_field *field, const fs_graph *graph, const fs_node *node, const fs_shape *in,
                  const fs_shape *out) {
    static const char *const mixing[] = {"Gemm",          "MatMul",       "GlobalAveragePool",
                                         "GlobalMaxPool", "GlobalLpPool", NULL};
    static const char *const geometric[] = {"ConvTranspose", "Resize", "Upsample", "DepthToSpace",
                                            "SpaceToDepth",  "Pad",    NULL};
    const bool window = node->op->parse == fs_window_parse && node->params;
    if (field->whole)
        return;
    if (strcmp(node->op->type, "Transpose") == 0)
        apply_transpose(field, node, in);
    else if (field->channels_last && (window || is_any(node, geometric)))
        field->whole = true; /* they take the last two dimensions for H and W */
    else if (window)
        apply_window(field, graph, node, in);
    else if (!is_map(in) || !is_map(out) || is_any(node, mixing) ||
             mixes_positions(graph, node, out->rank, field->channels_last))
        field->whole = true;
    else if (is_any(node, geometric))
        apply_geometry(field, graph, node, in, out);
    else if (!same_extent(in, out, field->channels_last) && strcmp(node->op->type, "Slice") != 0)
        field->whole = true;
}

void fs_fields_compute(const fs_graph *graph, const fs_tensor *shapes, fs_field *out) {
    memset(out, 0, (size_t)graph->n_values * sizeof *out);
    out[graph->input] = (fs_field){.from_image = true, .size = {1, 1}, .stride = {1, 1}};
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        int in;
        if (node->op->shape_only || node->outputs[0] == FS_NO_VALUE)
            continue;
        fs_field field = gather(node, shapes, out, &in);
        if (!field.from_image)
            continue;
        if (!is_linear_layer(node, shapes, out))
            apply(&field, graph, node, &shapes[in].shape, &shapes[node->outputs[0]].shape);
        for (int o = 0; o < node->n_outputs; o++)
            if (node->outputs[o] != FS_NO_VALUE)
                out[node->outputs[o]] = field;
    }
}

fs_receptive_field fs_field_summary(const fs_field *field) {
    if (field->whole)
        return (fs_receptive_field){0, 0, 0};
    const int a = field->size[1] > field->size[0];
    return (fs_receptive_field){(int)field->size[a], (int)field->stride[a], (int)field->offset[a]};
}
