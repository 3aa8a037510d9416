/* Resize and Upsample: nearest neighbours or linear interpolation, axis after axis.
 *
 * Each axis that changes has a table: the one or two source places of every output place and their weights,
 * made once, when the plan is. The dimensions in front of the first such axis only count planes; the pool
 * shares them out. Inside a plane the axes that shrink go first, so that nothing between is larger than both
 * ends. Backward is the transpose: the same passes in the opposite order.
 *
 * Places follow the ONNX operator specification (Resize), in float arithmetic as other programs have it, so
 * that what lies halfway is rounded alike. Opset 10 and Upsample know only "asymmetric" places, rounded down.
 */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/resize.h"

typedef enum places {
    HALF_PIXEL,
    PYTORCH_HALF_PIXEL,
    ALIGN_CORNERS,
    ASYMMETRIC,
    TF_HALF_PIXEL_FOR_NN,
    HALF_PIXEL_SYMMETRIC
} places;
typedef enum rounding { ROUND_PREFER_FLOOR, ROUND_PREFER_CEIL, FLOOR, CEIL } rounding;

typedef struct params {
    bool linear;
    places places;
    rounding rounding;
    const float *scales; /* Upsample's attribute; count -1 where they are an input */
    int n_scales;
    float own_scales[2];           /* of opset 1 */
    int scales_input, sizes_input; /* -1: none */
    const int64_t *axes;           /* count -1: all */
    int n_axes;
} params;

/* ---- attributes ---- */

/* The number of a word in a list; an error that names attribute and word. */
static fs_status read_word(const fs_node *node, const char *name, const char *const *words, int count,
                           int fallback, int *out, fs_error *err) {
    const char *text = fs_node_string(node, name, words[fallback]);
    for (int i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0) {
            *out = i;
            return FS_OK;
        }
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s '%s' is not supported", name, text);
}

static fs_status read_mode(const fs_node *node, params *p, fs_error *err) {
    static const char *const modes[] = {"nearest", "linear", "bilinear"};
    int mode;
    fs_status status = read_word(node, "mode", modes, 3, 0, &mode, err);
    p->linear = status == FS_OK && mode > 0;
    return status;
}

static fs_status read_places(const fs_node *node, params *p, fs_error *err) {
    static const char *const names[] = {
        "half_pixel", "pytorch_half_pixel",   "align_corners",
        "asymmetric", "tf_half_pixel_for_nn", "half_pixel_symmetric",
    };
    static const char *const roundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
    int name, round;
    fs_status status = read_word(node, "coordinate_transformation_mode", names, 6, HALF_PIXEL, &name, err);
    if (status == FS_OK)
        status = read_word(node, "nearest_mode", roundings, 4, ROUND_PREFER_FLOOR, &round, err);
    if (status != FS_OK)
        return status;
    p->places = (places)name;
    p->rounding = (rounding)round;
    return FS_OK;
}

/* What changes the result of an interpolation that is done here. exclude_outside and cubic_coeff_a do not. */
static fs_status refuse_rest(const fs_node *node, fs_error *err) {
    static const char *const policies[] = {"stretch"};
    int ignored;
    int64_t antialias;
    fs_status status = fs_op_int(node, "antialias", 0, 0, 1, &antialias, err);
    if (status == FS_OK && antialias)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "antialias 1 is not supported");
    return status == FS_OK ? read_word(node, "keep_aspect_ratio_policy", policies, 1, 0, &ignored, err)
                           : status;
}

static fs_status parse_resize(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    *p = (params){.n_scales = -1,
                  .n_axes = -1,
                  .places = ASYMMETRIC,
                  .rounding = FLOOR,
                  .scales_input = 1,
                  .sizes_input = -1};
    if ((status = read_mode(node, p, err)) != FS_OK)
        return status;
    *out = p;
    if (graph->opset < 11)
        return FS_OK;
    p->scales_input = 2;
    p->sizes_input = 3;
    if ((status = read_places(node, p, err)) != FS_OK || (status = refuse_rest(node, err)) != FS_OK)
        return status;
    return fs_op_int_list(node, "axes", &p->axes, &p->n_axes, err);
}

/* Factors are an attribute before opset 9; opset 1 had one for the height and one for the width. */
static fs_status parse_upsample(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    static const int64_t last_two[] = {-2, -1};
    void *block;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK)
        return status;
    params *p = block;
    *p = (params){.n_scales = -1,
                  .n_axes = -1,
                  .places = ASYMMETRIC,
                  .rounding = FLOOR,
                  .scales_input = graph->opset < 9 ? -1 : 1,
                  .sizes_input = -1};
    const fs_attribute *scales = fs_node_attribute(node, "scales");
    if (scales && scales->kind == FS_ATTRIBUTE_FLOATS) {
        p->scales = scales->floats;
        p->n_scales = scales->count;
    } else if (fs_node_attribute(node, "height_scale")) {
        p->own_scales[0] = fs_node_float(node, "height_scale", 0);
        p->own_scales[1] = fs_node_float(node, "width_scale", 0);
        p->scales = p->own_scales;
        p->n_scales = p->n_axes = 2;
        p->axes = last_two;
    }
    *out = p;
    return read_mode(node, p, err);
}

/* ---- shapes ---- */

/* What becomes of each axis: its output size, and the scale that places are computed with. */
typedef struct target {
    int64_t size[FS_MAX_RANK];
    float scale[FS_MAX_RANK];
} target;

static bool has_numbers(const fs_tensor *in, const bool *present, int n_in, int index) {
    return index >= 0 && index < n_in && present[index] && fs_tensor_count(&in[index]) != 0;
}

/* The axis that number i of the scales or sizes is for; false when there is none. */
static bool axis_of(const params *p, int rank, int i, int *axis) {
    if (p->n_axes >= 0)
        return fs_axis_normalise(p->axes[i], rank, axis);
    *axis = i;
    return i < rank;
}

static fs_status apply_scales(const params *p, const fs_shape *x, const float *scales, int64_t count,
                              target *t, fs_error *err) {
    if (count != (p->n_axes >= 0 ? p->n_axes : x->rank))
        return fs_fail(err, FS_ERROR_FORMAT, "%lld scales for %d axes", (long long)count,
                       p->n_axes >= 0 ? p->n_axes : x->rank);
    for (int i = 0; i < count; i++) {
        int axis;
        if (!axis_of(p, x->rank, i, &axis))
            return fs_fail(err, FS_ERROR_FORMAT, "attribute 'axes' names an axis that does not exist");
        if (!(scales[i] > 0) || !(scales[i] <= 65536))
            return fs_fail(err, FS_ERROR_FORMAT, "a scale of %g is not supported", (double)scales[i]);
        t->scale[axis] = scales[i];
        t->size[axis] = (int64_t)floorf((float)x->dim[axis] * scales[i]);
    }
    return FS_OK;
}

static fs_status apply_sizes(const params *p, const fs_shape *x, const int64_t *sizes, int64_t count,
                             target *t, fs_error *err) {
    if (count != (p->n_axes >= 0 ? p->n_axes : x->rank))
        return fs_fail(err, FS_ERROR_FORMAT, "%lld sizes for %d axes", (long long)count,
                       p->n_axes >= 0 ? p->n_axes : x->rank);
    for (int i = 0; i < count; i++) {
        int axis;
        if (!axis_of(p, x->rank, i, &axis))
            return fs_fail(err, FS_ERROR_FORMAT, "attribute 'axes' names an axis that does not exist");
        t->size[axis] = sizes[i];
        t->scale[axis] = (float)sizes[i] / (float)x->dim[axis];
    }
    return FS_OK;
}

/* The scales or sizes must be known: in infer because shapes follow from them, later because they were. */
static fs_status target_of(const params *p, const fs_tensor *in, const bool *present, int n_in, target *t,
                           fs_error *err) {
    const fs_shape *x = &in[0].shape;
    for (int i = 0; i < x->rank; i++) {
        t->size[i] = x->dim[i];
        t->scale[i] = 1;
    }
    if (p->n_scales >= 0)
        return apply_scales(p, x, p->scales, p->n_scales, t, err);
    const bool sizes = has_numbers(in, present, n_in, p->sizes_input);
    if (!sizes && !has_numbers(in, present, n_in, p->scales_input))
        return fs_fail(err, FS_ERROR_FORMAT, "there are neither scales nor sizes");
    const fs_tensor *list = &in[sizes ? p->sizes_input : p->scales_input];
    if (list->dtype != (sizes ? FS_I64 : FS_F32))
        return fs_fail(err, FS_ERROR_FORMAT, "the %s have the wrong type", sizes ? "sizes" : "scales");
    if (!list->data)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "the %s depend on the image; they must be constants",
                       sizes ? "sizes" : "scales");
    const int64_t count = fs_tensor_count(list);
    return sizes ? apply_sizes(p, x, fs_i64(list), count, t, err)
                 : apply_scales(p, x, fs_f32(list), count, t, err);
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status;
    if ((status = fs_op_need_f32(s, 0, err)) != FS_OK ||
        (status = fs_op_need_rank(s, 0, 1, FS_MAX_RANK, err)) != FS_OK)
        return status;
    const fs_shape *x = &s->in[0].shape;
    if (fs_shape_count(x) < 1)
        return fs_fail(err, FS_ERROR_ARGUMENT, "an empty input cannot be resized");
    target t;
    if ((status = target_of(p, s->in, s->present, s->n_in, &t, err)) != FS_OK)
        return status;
    fs_shape y = {.rank = x->rank};
    for (int i = 0; i < x->rank; i++) {
        if (t.size[i] < 1 || t.size[i] > INT32_MAX / 2 || x->dim[i] > INT32_MAX / 2)
            return fs_fail(err, FS_ERROR_ARGUMENT, "axis %d of %lld cannot be resized to %lld", i,
                           (long long)x->dim[i], (long long)t.size[i]);
        y.dim[i] = t.size[i];
    }
    return fs_op_output(s, 0, &y, FS_F32, err);
}

/* ---- tables ---- */

/* Output place o is left * in[from[0]] + right * in[from[1]]; right is 0 for the nearest neighbour. */
typedef struct entry {
    int32_t from[2];
    float left, right;
} entry;

/* One axis of a plane: [outer, in, inner] -> [outer, out, inner]. */
typedef struct pass {
    int axis;
    int64_t outer, in, out, inner;
    entry *table;
} pass;

/* What pack leaves in front of the tables. */
typedef struct passes {
    int count;
    pass pass[FS_MAX_RANK];
    int64_t planes, in, out; /* numbers in a plane before and after */
    int64_t between;         /* the most numbers between two passes */
    int64_t entries;         /* of all tables */
} passes;

static float place_of(const params *p, int64_t o, int64_t in, int64_t out, float scale) {
    const float at = (float)o;
    switch (p->places) {
    case ALIGN_CORNERS:
        return out == 1 ? 0 : at * (float)(in - 1) / (float)(out - 1);
    case ASYMMETRIC:
        return at / scale;
    case TF_HALF_PIXEL_FOR_NN:
        return (at + 0.5f) / scale;
    case PYTORCH_HALF_PIXEL:
        return out == 1 ? 0 : (at + 0.5f) / scale - 0.5f;
    case HALF_PIXEL_SYMMETRIC: {
        const float stretch = (float)out / (scale * (float)in);
        return (float)in / 2 * (1 - stretch) + (at + 0.5f) / scale - 0.5f;
    }
    default:
        return (at + 0.5f) / scale - 0.5f;
    }
}

static float rounded(rounding how, float x) {
    switch (how) {
    case FLOOR:
        return floorf(x);
    case CEIL:
        return ceilf(x);
    case ROUND_PREFER_CEIL:
        return floorf(x + 0.5f);
    default:
        return ceilf(x - 0.5f);
    }
}

static void fill_table(const params *p, int64_t in, int64_t out, float scale, entry *table) {
    const float last = (float)(in - 1);
    for (int64_t o = 0; o < out; o++) {
        const float place = place_of(p, o, in, out, scale);
        float x = p->linear ? place : rounded(p->rounding, place);
        x = x > 0 ? x < last ? x : last : 0;
        int64_t left = (int64_t)x;
        left = left < in - 1 ? left : in - 1; /* large sizes are not whole floats */
        const float weight = p->linear && left < in - 1 ? x - (float)left : 0;
        const int64_t right = weight > 0 ? left + 1 : left;
        table[o] = (entry){{(int32_t)left, (int32_t)right}, 1 - weight, weight};
    }
}

void fs_resize_reach(const fs_node *node, int64_t in, int64_t out, int64_t o, int64_t *first, int64_t *last) {
    const params *p = node->params;
    const float place = place_of(p, o, in, out, (float)out / (float)in);
    *first = (int64_t)(p->linear ? floorf(place) : rounded(p->rounding, place));
    *last = *first + (p->linear && place > (float)*first);
}

static bool changes(const fs_shape *x, const target *t, int axis) {
    return x->dim[axis] != t->size[axis] || t->scale[axis] != 1;
}

/* dim: the plane as the passes before left it. */
static void add_pass(passes *s, int64_t dim[FS_MAX_RANK], const target *t, int first, int rank, int axis) {
    if (s->count > 0) {
        const int64_t made =
            s->pass[s->count - 1].outer * s->pass[s->count - 1].out * s->pass[s->count - 1].inner;
        s->between = made > s->between ? made : s->between;
    }
    pass *p = &s->pass[s->count++];
    *p = (pass){.axis = axis, .outer = 1, .in = dim[axis], .out = t->size[axis], .inner = 1};
    for (int i = first; i < axis; i++)
        p->outer *= dim[i];
    for (int i = axis + 1; i < rank; i++)
        p->inner *= dim[i];
    dim[axis] = p->out;
    s->entries += p->out;
}

/* The passes in the order of forward: those that shrink, the outermost first, then those that grow, the
 * innermost first, so that the innermost axis, which is the slow one, meets few rows. */
static passes passes_of(const fs_shape *x, const target *t) {
    passes s = {.planes = 1, .in = 1, .out = 1};
    int64_t dim[FS_MAX_RANK];
    memcpy(dim, x->dim, sizeof dim);
    int first = 0;
    while (first < x->rank && !changes(x, t, first))
        s.planes *= x->dim[first++];
    for (int i = first; i < x->rank; i++) {
        s.in *= x->dim[i];
        s.out *= t->size[i];
    }
    for (int i = first; i < x->rank; i++)
        if (changes(x, t, i) && t->size[i] <= x->dim[i])
            add_pass(&s, dim, t, first, x->rank, i);
    for (int i = x->rank - 1; i >= first; i--)
        if (changes(x, t, i) && t->size[i] > x->dim[i])
            add_pass(&s, dim, t, first, x->rank, i);
    return s;
}

/* ---- running ---- */

/* An axis that others lie behind: whole rows at a time. */
FS_SIMD
static void mix_rows(const pass *p, const float *in, float *out) {
    for (int64_t o = 0; o < p->out; o++) {
        const entry e = p->table[o];
        const float *restrict left = in + e.from[0] * p->inner, *restrict right = in + e.from[1] * p->inner;
        float *restrict to = out + o * p->inner;
        if (e.right == 0)
            memcpy(to, left, (size_t)p->inner * sizeof *to);
        else
            for (int64_t i = 0; i < p->inner; i++)
                to[i] = left[i] * e.left + right[i] * e.right;
    }
}

FS_SIMD
static void mix_row(const pass *p, const float *in, float *out) {
    for (int64_t o = 0; o < p->out; o++) {
        const entry *e = &p->table[o];
        out[o] = in[e->from[0]] * e->left + in[e->from[1]] * e->right;
    }
}

/* The transpose: adds. */
FS_SIMD
static void give_rows(const pass *p, const float *g, float *d) {
    for (int64_t o = 0; o < p->out; o++) {
        const entry e = p->table[o];
        const float *restrict from = g + o * p->inner;
        float *restrict left = d + e.from[0] * p->inner;
        for (int64_t i = 0; i < p->inner; i++)
            left[i] += from[i] * e.left;
        float *restrict right = d + e.from[1] * p->inner;
        for (int64_t i = 0; i < p->inner && e.right != 0; i++)
            right[i] += from[i] * e.right;
    }
}

static void give_row(const pass *p, const float *g, float *d) {
    for (int64_t o = 0; o < p->out; o++) {
        const entry *e = &p->table[o];
        d[e->from[0]] += g[o] * e->left;
        d[e->from[1]] += g[o] * e->right;
    }
}

typedef struct job {
    const passes *s;
    const float *in;
    float *out, *workspace;
    bool accumulate;
} job;

static void forward_planes(void *context, int64_t first, int64_t last, int thread) {
    const job *j = context;
    const passes *s = j->s;
    float *between = j->workspace + thread * 2 * s->between;
    for (int64_t plane = first; plane < last; plane++) {
        const float *in = j->in + plane * s->in;
        for (int k = 0; k < s->count; k++) {
            const pass *p = &s->pass[k];
            float *out = k + 1 == s->count ? j->out + plane * s->out : between + k % 2 * s->between;
            for (int64_t o = 0; o < p->outer; o++) {
                const float *from = in + o * p->in * p->inner;
                float *to = out + o * p->out * p->inner;
                if (p->inner > 1)
                    mix_rows(p, from, to);
                else
                    mix_row(p, from, to);
            }
            in = out;
        }
    }
}

static void backward_planes(void *context, int64_t first, int64_t last, int thread) {
    const job *j = context;
    const passes *s = j->s;
    float *between = j->workspace + thread * 2 * s->between;
    for (int64_t plane = first; plane < last; plane++) {
        const float *g = j->in + plane * s->out;
        for (int k = s->count - 1; k >= 0; k--) {
            const pass *p = &s->pass[k];
            float *d = k == 0 ? j->out + plane * s->in : between + k % 2 * s->between;
            fs_grad_clear(d, p->outer * p->in * p->inner, k == 0 && j->accumulate);
            for (int64_t o = 0; o < p->outer; o++) {
                const float *from = g + o * p->out * p->inner;
                float *to = d + o * p->in * p->inner;
                if (p->inner > 1)
                    give_rows(p, from, to);
                else
                    give_row(p, from, to);
            }
            g = d;
        }
    }
}

static void forward(const fs_op_run *run) {
    const passes *s = run->packed;
    if (s->count == 0) {
        fs_copy_kernel.forward(run);
        return;
    }
    job j = {s, fs_f32(&run->in[0]), fs_f32(&run->out[0]), run->workspace, false};
    fs_span_for(run->pool, s->planes, 1 + FS_SPAN_GRAIN / 2 / (s->in + s->out), forward_planes, &j);
}

static void backward(const fs_op_run *run) {
    const passes *s = run->packed;
    if (s->count == 0) {
        fs_copy_kernel.backward(run);
        return;
    }
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    job j = {s, run->out_grad[0], run->in_grad[0], run->workspace, run->accumulate[0]};
    fs_span_for(run->pool, s->planes, 1 + FS_SPAN_GRAIN / 2 / (s->in + s->out), backward_planes, &j);
}

/* ---- planning ---- */

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    target t;
    fs_status status = target_of(setup->node->params, setup->in, setup->present, setup->n_in, &t, err);
    if (status != FS_OK)
        return status;
    const passes s = passes_of(&setup->in[0].shape, &t);
    setup->packed_bytes = sizeof(passes) + (size_t)s.entries * sizeof(entry);
    setup->workspace_bytes = (size_t)setup->threads * 2 * (size_t)s.between * sizeof(float);
    return FS_OK;
}

static void pack(const fs_op_run *run) {
    const params *p = run->node->params;
    target t;
    (void)target_of(p, run->in, run->present, run->n_in, &t, NULL); /* infer did the same */
    passes *s = run->packed;
    *s = passes_of(&run->in[0].shape, &t);
    entry *table = (entry *)(s + 1);
    for (int i = 0; i < s->count; i++) {
        pass *step = &s->pass[i];
        step->table = table;
        fill_table(p, step->in, step->out, t.scale[step->axis], table);
        table += step->out;
    }
}

static const fs_kernel kernel = {
    .name = "separable",
    .accumulates = true,
    .prepare = prepare,
    .pack = pack,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_resize = {
    .type = "Resize",
    .min_inputs = 1,
    .max_inputs = 4,
    .parse = parse_resize,
    .infer = infer,
    .limits = "modes nearest and linear; no `antialias`, no `tf_crop_and_resize`; stretching only",
    .kernels = kernels,
};
const fs_operator fs_op_upsample = {
    .type = "Upsample",
    .min_inputs = 1,
    .max_inputs = 2,
    .parse = parse_upsample,
    .infer = infer,
    .limits = "modes nearest and linear",
    .kernels = kernels,
};
