/* Operators that make tensors out of attributes, shapes or single numbers: Constant, ConstantOfShape, Shape,
 * Size, Range. The plan runs them once, while it is made. */
#include <math.h>
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

/* What a file may have made out of a few bytes; no network needs a larger constant that is not in the file.
 */
#define MADE_LIMIT ((int64_t)1 << 24)

/* ---- Constant ---- */

static fs_status constant_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(fs_tensor), &block, err);
    if (status != FS_OK)
        return status;
    fs_tensor *t = block;
    const fs_attribute *a = NULL;
    for (int i = 0; i < node->n_attributes && !a; i++)
        if (strncmp(node->attributes[i].name, "value", 5) == 0)
            a = &node->attributes[i];
    if (!a)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "the constant has no value, or one of an unsupported kind");
    switch (a->kind) {
    case FS_ATTRIBUTE_TENSOR:
        *t = a->tensor;
        break;
    case FS_ATTRIBUTE_INT:
        *t = (fs_tensor){.dtype = FS_I64, .data = (void *)&a->i};
        break;
    case FS_ATTRIBUTE_FLOAT:
        *t = (fs_tensor){.dtype = FS_F32, .data = (void *)&a->f};
        break;
    case FS_ATTRIBUTE_INTS:
        *t = (fs_tensor){{1, {a->count}}, FS_I64, (void *)a->ints};
        break;
    case FS_ATTRIBUTE_FLOATS:
        *t = (fs_tensor){{1, {a->count}}, FS_F32, (void *)a->floats};
        break;
    default:
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "attribute '%s' is not supported", a->name);
    }
    if (!t->data && fs_tensor_count(t) != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' has no data", a->name);
    *out = t;
    return FS_OK;
}

static fs_status constant_infer(const fs_op_shapes *s, fs_error *err) {
    const fs_tensor *t = s->node->params;
    return fs_op_output(s, 0, &t->shape, t->dtype, err);
}

static void constant_forward(const fs_op_run *run) {
    const fs_tensor *t = run->node->params;
    fs_copy_bytes(run->pool, run->out[0].data, t->data, (size_t)fs_tensor_count(t) * fs_dtype_size(t->dtype));
}

/* ---- ConstantOfShape ---- */

typedef struct fill_params {
    fs_dtype dtype;
    float f;
    int64_t i;
} fill_params;

static fs_status fill_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(fill_params), &block, err);
    if (status != FS_OK)
        return status;
    fill_params *p = block;
    const fs_attribute *a = fs_node_attribute(node, "value");
    if (a && (a->kind != FS_ATTRIBUTE_TENSOR || fs_tensor_count(&a->tensor) != 1 || !a->tensor.data))
        return fs_fail(err, FS_ERROR_FORMAT, "attribute 'value' is not a tensor of one number");
    if (a) {
        p->dtype = a->tensor.dtype;
        if (p->dtype == FS_I64)
            p->i = fs_i64(&a->tensor)[0];
        else
            p->f = fs_f32(&a->tensor)[0];
    }
    *out = p;
    return FS_OK;
}

static fs_status fill_infer(const fs_op_shapes *s, fs_error *err) {
    const fill_params *p = s->node->params;
    const int64_t *dims;
    int count;
    fs_status status = fs_op_known_ints(s, 0, "the shape", &dims, &count, err);
    if (status != FS_OK)
        return status;
    if (count < 0 || count > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "a shape of %d dimensions is not supported", count);
    fs_shape y = {.rank = count};
    for (int i = 0; i < count; i++) {
        if (dims[i] < 0)
            return fs_fail(err, FS_ERROR_FORMAT, "the shape holds %lld", (long long)dims[i]);
        y.dim[i] = dims[i];
    }
    if (fs_shape_count(&y) > MADE_LIMIT)
        return fs_fail(err, FS_ERROR_LIMIT, "a constant of %lld numbers is too large",
                       (long long)fs_shape_count(&y));
    return fs_op_output(s, 0, &y, p->dtype, err);
}

static void fill_forward(const fs_op_run *run) {
    const fill_params *p = run->node->params;
    const int64_t count = fs_tensor_count(&run->out[0]);
    for (int64_t i = 0; i < count; i++) {
        if (p->dtype == FS_I64)
            fs_i64(&run->out[0])[i] = p->i;
        else
            fs_f32(&run->out[0])[i] = p->f;
    }
}

/* ---- Shape, Size ---- */

typedef struct shape_params {
    int64_t start, end;
} shape_params;

static fs_status shape_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(shape_params), &block, err);
    if (status != FS_OK)
        return status;
    shape_params *p = block;
    p->start = fs_node_int(node, "start", 0);
    p->end = fs_node_int(node, "end", INT32_MAX);
    *out = p;
    return FS_OK;
}

static int clamp_axis(int64_t axis, int rank) {
    axis = axis < 0 ? axis + rank : axis;
    return axis < 0 ? 0 : axis > rank ? rank : (int)axis;
}

static fs_status shape_infer(const fs_op_shapes *s, fs_error *err) {
    const shape_params *p = s->node->params;
    fs_status status = fs_op_need(s, 0, err);
    if (status != FS_OK)
        return status;
    const int rank = s->in[0].shape.rank;
    const int length = clamp_axis(p->end, rank) - clamp_axis(p->start, rank);
    fs_shape y = {1, {length > 0 ? length : 0}};
    return fs_op_output(s, 0, &y, FS_I64, err);
}

static void shape_forward(const fs_op_run *run) {
    const shape_params *p = run->node->params;
    const fs_shape *x = &run->in[0].shape;
    const int start = clamp_axis(p->start, x->rank);
    for (int64_t i = 0; i < run->out[0].shape.dim[0]; i++)
        fs_i64(&run->out[0])[i] = x->dim[start + i];
}

static fs_status size_infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need(s, 0, err);
    const fs_shape scalar = {0};
    return status == FS_OK ? fs_op_output(s, 0, &scalar, FS_I64, err) : status;
}

static void size_forward(const fs_op_run *run) {
    fs_i64(&run->out[0])[0] = fs_tensor_count(&run->in[0]);
}

/* ---- Range ---- */

/* Elements of start, start + delta, ... below (or above) limit; -1 when that is no sensible number. */
static int64_t range_count(const fs_tensor *in) {
    if (in[0].dtype == FS_I64) {
        const int64_t start = fs_i64(&in[0])[0], limit = fs_i64(&in[1])[0], delta = fs_i64(&in[2])[0];
        if (delta == 0)
            return -1;
        if (delta > 0 ? start >= limit : start <= limit)
            return 0;
        const uint64_t span =
            delta > 0 ? (uint64_t)limit - (uint64_t)start : (uint64_t)start - (uint64_t)limit;
        const uint64_t step = delta > 0 ? (uint64_t)delta : 0 - (uint64_t)delta;
        /* cppcheck-suppress zerodivcond ; delta is not 0 here */
        const uint64_t count = (span - 1) / step + 1;
        return count > MADE_LIMIT ? -1 : (int64_t)count;
    }
    const double count =
        ceil(((double)fs_f32(&in[1])[0] - (double)fs_f32(&in[0])[0]) / (double)fs_f32(&in[2])[0]);
    if (!isfinite(count) || count > MADE_LIMIT)
        return -1;
    return count > 0 ? (int64_t)count : 0;
}

static fs_status range_infer(const fs_op_shapes *s, fs_error *err) {
    for (int i = 0; i < 3; i++) {
        fs_status status = fs_op_need(s, i, err);
        if (status != FS_OK)
            return status;
        if (fs_tensor_count(&s->in[i]) != 1 || !s->in[i].data || s->in[i].dtype != s->in[0].dtype)
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "the range is not given by three constant numbers");
    }
    const int64_t count = range_count(s->in);
    if (count < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "the range never ends or is too long");
    fs_shape y = {1, {count}};
    return fs_op_output(s, 0, &y, s->in[0].dtype, err);
}

static void range_forward(const fs_op_run *run) {
    const int64_t count = run->out[0].shape.dim[0];
    for (int64_t i = 0; i < count; i++) {
        if (run->out[0].dtype == FS_I64)
            fs_i64(&run->out[0])[i] =
                (int64_t)((uint64_t)fs_i64(&run->in[0])[0] + (uint64_t)i * (uint64_t)fs_i64(&run->in[2])[0]);
        else
            fs_f32(&run->out[0])[i] =
                (float)((double)fs_f32(&run->in[0])[0] + (double)i * (double)fs_f32(&run->in[2])[0]);
    }
}

#define OPERATOR(NAME, TYPE, INPUTS, PARSE, INFER, FORWARD, SHAPE_ONLY, LIMITS)                              \
    static const fs_kernel NAME##_kernel = {.name = "plain", .forward = FORWARD};                            \
    static const fs_kernel *const NAME##_kernels[] = {&NAME##_kernel, NULL};                                 \
    const fs_operator fs_op_##NAME = {                                                                       \
        .type = TYPE,                                                                                        \
        .min_inputs = INPUTS,                                                                                \
        .max_inputs = INPUTS,                                                                                \
        .parse = PARSE,                                                                                      \
        .infer = INFER,                                                                                      \
        .kernels = NAME##_kernels,                                                                           \
        .shape_only = SHAPE_ONLY,                                                                            \
        .limits = LIMITS,                                                                                    \
    };

OPERATOR(constant, "Constant", 0, constant_parse, constant_infer, constant_forward, false,
         "no strings, no sparse tensors")
OPERATOR(constant_of_shape, "ConstantOfShape", 1, fill_parse, fill_infer, fill_forward, false,
         "the shape must be constant; at most 2^24 elements")
OPERATOR(shape, "Shape", 1, shape_parse, shape_infer, shape_forward, true, NULL)
OPERATOR(size, "Size", 1, NULL, size_infer, size_forward, true, NULL)
OPERATOR(range, "Range", 3, NULL, range_infer, range_forward, false,
         "the three numbers must be constant; at most 2^24 elements")
