#include "engine/receptive_field.h"

#include <math.h>
#include <string.h>

#include "engine/channel_axis.h"
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

/* A value as a map of rank 4 or more: its last two dimensions are H and W, or the two before its channels. */
typedef struct map {
    const fs_shape *shape;
    int channels; /* axis */
} map;

static int64_t extent(map m, int axis) {
    return m.shape->dim[m.shape->rank - 2 + axis - (m.channels == m.shape->rank - 1)];
}

static bool is_map(map m) {
    return m.shape->rank >= 4;
}

static bool same_extent(map a, map b) {
    return is_map(a) && is_map(b) && extent(a, 0) == extent(b, 0) && extent(a, 1) == extent(b, 1);
}

static void unite(fs_field *into, const fs_field *other) {
    into->whole = into->whole || other->whole;
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
static fs_field gather(const fs_node *node, const fs_tensor *shapes, const fs_field *fields, map out,
                       int *main_input) {
    fs_field result = {0};
    *main_input = FS_NO_VALUE;
    for (int pass = 0; pass < 2 && !result.from_image; pass++) {
        for (int i = 0; i < node->n_inputs; i++) {
            const int v = node->inputs[i];
            if (v == FS_NO_VALUE || !fields[v].from_image)
                continue;
            if (pass == 0 && !same_extent((map){&shapes[v].shape, fields[v].axis}, out))
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

static void apply_resize(fs_field *field, const fs_node *node, map in, map out) {
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
static void apply_blocks(fs_field *field, map in, map out) {
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

/* Operators that normalise or sum along an axis, or from an axis on: whether positions are among what they
 * mix. */
static bool mixes_positions(const fs_graph *graph, const fs_node *node, map in) {
    static const char *const along[] = {"Softmax", "LogSoftmax", "LpNormalization", "LayerNormalization",
                                        NULL};
    static const char *const always[] = {"InstanceNormalization",
                                         "GroupNormalization",
                                         "CumSum",
                                         "GatherElements",
                                         "GatherND",
                                         "Einsum",
                                         "Trilu",
                                         NULL};
    if (is_any(node, always))
        return true;
    if (!is_any(node, along))
        return false;
    const bool flattens = strcmp(node->op->type, "LayerNormalization") == 0 ||
                          (graph->opset < 13 && strcmp(node->op->type, "LpNormalization") != 0);
    const int64_t usual = graph->opset < 13 && flattens ? 1 : -1;
    int64_t axis = fs_node_int(node, "axis", usual);
    axis += axis < 0 ? in.shape->rank : 0;
    return axis != in.channels || (flattens && axis != in.shape->rank - 1);
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

/* A product with a weight looks at one position, where the channels are last. */
static bool is_pointwise(const fs_node *node, const fs_field *fields, map in, map out) {
    int from_image = 0;
    for (int i = 0; i < node->n_inputs; i++)
        from_image += node->inputs[i] != FS_NO_VALUE && fields[node->inputs[i]].from_image;
    return strcmp(node->op->type, "MatMul") == 0 && from_image == 1 && same_extent(in, out) &&
           in.channels == in.shape->rank - 1;
}

/* Channels moved behind the positions or back; other Transposes mix up what is where. */
static bool keeps_positions(const fs_node *node, map in) {
    const fs_attribute *perm = fs_node_attribute(node, "perm");
    int64_t before = -1;
    if (!perm || perm->kind != FS_ATTRIBUTE_INTS)
        return false;
    for (int i = 0; i < perm->count; i++) {
        if (perm->ints[i] == in.channels)
            continue;
        if (perm->ints[i] < before)
            return false;
        before = perm->ints[i];
    }
    return true;
}

static void apply(fs_field *field, const fs_graph *graph, const fs_node *node, const fs_field *fields, map in,
                  map out) {
    static const char *const resizing[] = {"Resize", "Upsample", NULL};
    static const char *const blocks[] = {"DepthToSpace", "SpaceToDepth", NULL};
    static const char *const mixing[] = {"Gemm",          "MatMul",       "GlobalAveragePool",
                                         "GlobalMaxPool", "GlobalLpPool", NULL};
    if (field->whole || is_pointwise(node, fields, in, out))
        return;
    if (node->op->parse == fs_window_parse && node->params)
        apply_window(field, graph, node, in.shape);
    else if (!is_map(in) || !is_map(out) || is_any(node, mixing) || mixes_positions(graph, node, in))
        field->whole = true;
    else if (strcmp(node->op->type, "ConvTranspose") == 0)
        apply_transposed(field, graph, node);
    else if (is_any(node, resizing))
        apply_resize(field, node, in, out);
    else if (is_any(node, blocks))
        apply_blocks(field, in, out);
    else if (strcmp(node->op->type, "Pad") == 0)
        apply_pad(field, graph, node);
    else if (strcmp(node->op->type, "Transpose") == 0)
        field->whole = !keeps_positions(node, in);
    else if (!same_extent(in, out) && strcmp(node->op->type, "Slice") != 0)
        field->whole = true;
}

static int64_t count_positions(const fs_shape *shape, int axis) {
    return shape->rank < 2 ? 1 : fs_shape_span(shape, 1, axis) * fs_shape_span(shape, axis + 1, shape->rank);
}

void fs_fields_compute(const fs_graph *graph, const fs_tensor *shapes, fs_field *out) {
    const fs_shape *image = &shapes[graph->input].shape;
    memset(out, 0, (size_t)graph->n_values * sizeof *out);
    out[graph->input] = (fs_field){.from_image = true,
                                   .axis = 1,
                                   .positions = count_positions(image, 1),
                                   .size = {1, 1},
                                   .stride = {1, 1}};
    for (int n = 0; n < graph->n_nodes; n++) {
        const fs_node *node = &graph->nodes[n];
        int in;
        if (node->op->shape_only || node->outputs[0] == FS_NO_VALUE ||
            shapes[node->outputs[0]].shape.rank < 0)
            continue;
        const fs_shape *shape = &shapes[node->outputs[0]].shape;
        const map made = {shape, fs_channel_axis(node, shape, shapes, out)};
        fs_field field = gather(node, shapes, out, made, &in);
        if (!field.from_image)
            continue;
        apply(&field, graph, node, out, (map){&shapes[in].shape, out[in].axis}, made);
        field.axis = made.channels;
        field.positions = count_positions(shape, made.channels);
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
