#include "engine/ops/common.h"

#include <string.h>

#include "base/arena.h"

fs_status fs_op_params(const fs_graph *graph, size_t size, void **out, fs_error *err) {
    *out = fs_arena_alloc(graph->arena, 1, size);
    return *out ? FS_OK : fs_fail_memory(err, "operator parameters");
}

fs_status fs_op_int_list(const fs_node *node, const char *name, const int64_t **ints, int *count,
                         fs_error *err) {
    const fs_attribute *attribute = fs_node_attribute(node, name);
    *ints = NULL;
    *count = -1;
    if (!attribute)
        return FS_OK;
    if (attribute->kind == FS_ATTRIBUTE_INT) {
        *ints = &attribute->i;
        *count = 1;
        return FS_OK;
    }
    /* An empty list has no elements to tell integers from floats by. */
    const bool empty = attribute->kind == FS_ATTRIBUTE_FLOATS && attribute->count == 0;
    if (attribute->kind != FS_ATTRIBUTE_INTS && !empty)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' is not a list of integers", name);
    *ints = attribute->ints;
    *count = attribute->count;
    return FS_OK;
}

fs_status fs_op_int(const fs_node *node, const char *name, int64_t fallback, int64_t low, int64_t high,
                    int64_t *out, fs_error *err) {
    const fs_attribute *attribute = fs_node_attribute(node, name);
    *out = fallback;
    if (!attribute)
        return FS_OK;
    if (attribute->kind != FS_ATTRIBUTE_INT)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' is not an integer", name);
    if (attribute->i < low || attribute->i > high)
        return fs_fail(err, FS_ERROR_FORMAT, "attribute '%s' is %lld, outside %lld..%lld", name,
                       (long long)attribute->i, (long long)low, (long long)high);
    *out = attribute->i;
    return FS_OK;
}

/* TensorProto.DataType of the ONNX format. */
static const struct {
    int64_t number;
    const char *name;
    fs_dtype dtype;
} types[] = {
    {1, "FLOAT", FS_F32},     {2, "UINT8", FS_I64},   {3, "INT8", FS_I64},    {4, "UINT16", FS_I64},
    {5, "INT16", FS_I64},     {6, "INT32", FS_I64},   {7, "INT64", FS_I64},   {FS_ONNX_BOOL, "BOOL", FS_I64},
    {10, "FLOAT16", FS_F32},  {11, "DOUBLE", FS_F32}, {12, "UINT32", FS_I64}, {13, "UINT64", FS_I64},
    {16, "BFLOAT16", FS_F32},
};

fs_status fs_op_dtype(int64_t number, fs_dtype *out, fs_error *err) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].number == number) {
            *out = types[i].dtype;
            return FS_OK;
        }
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "data type %lld is not supported", (long long)number);
}

fs_status fs_op_type_number(const char *name, int64_t *out, fs_error *err) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) {
            *out = types[i].number;
            return FS_OK;
        }
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "data type '%s' is not supported", name);
}

fs_status fs_op_need(const fs_op_shapes *s, int index, fs_error *err) {
    if (!fs_op_has(s, index))
        return fs_fail(err, FS_ERROR_FORMAT, "input %d is missing", index);
    return FS_OK;
}

fs_status fs_op_need_f32(const fs_op_shapes *s, int index, fs_error *err) {
    fs_status status = fs_op_need(s, index, err);
    if (status == FS_OK && s->in[index].dtype != FS_F32)
        status = fs_fail(err, FS_ERROR_UNSUPPORTED,
                         "input %d holds integers; only floating point is supported", index);
    return status;
}

fs_status fs_op_need_rank(const fs_op_shapes *s, int index, int low, int high, fs_error *err) {
    fs_status status = fs_op_need(s, index, err);
    if (status != FS_OK)
        return status;
    const int rank = s->in[index].shape.rank;
    if (rank >= low && rank <= high)
        return FS_OK;
    char text[FS_SHAPE_TEXT];
    fs_shape_text(&s->in[index].shape, text);
    if (low == high)
        return fs_fail(err, FS_ERROR_FORMAT, "input %d (%s) has %d dimensions, %d are needed", index, text,
                       rank, low);
    return fs_fail(err, FS_ERROR_FORMAT, "input %d (%s) has %d dimensions, %d to %d are needed", index, text,
                   rank, low, high);
}

fs_status fs_op_known_ints(const fs_op_shapes *s, int index, const char *what, const int64_t **ints,
                           int *count, fs_error *err) {
    *ints = NULL;
    *count = -1;
    if (!fs_op_has(s, index))
        return FS_OK;
    const fs_tensor *t = &s->in[index];
    const int64_t n = fs_tensor_count(t);
    if (n == 0) { /* an empty list may come with any type and without data */
        *count = 0;
        return FS_OK;
    }
    if (t->dtype != FS_I64)
        return fs_fail(err, FS_ERROR_FORMAT, "%s is not made of integers", what);
    if (t->shape.rank > 1 || n < 0 || n > INT32_MAX)
        return fs_fail(err, FS_ERROR_FORMAT, "%s is not a list", what);
    if (!t->data)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s depends on the image; it must be a constant", what);
    *ints = fs_i64(t);
    *count = (int)n;
    return FS_OK;
}

fs_status fs_op_need_known_ints(const fs_op_shapes *s, int index, const char *what, fs_error *err) {
    fs_status status = fs_op_need(s, index, err);
    if (status != FS_OK)
        return status;
    const fs_tensor *t = &s->in[index];
    if (t->dtype != FS_I64)
        return fs_fail(err, FS_ERROR_FORMAT, "%s are not integers", what);
    if (!t->data && fs_tensor_count(t) > 0)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s depend on the image; they must be constants", what);
    return FS_OK;
}

fs_status fs_op_known_int(const fs_op_shapes *s, int index, const char *what, int64_t *out, fs_error *err) {
    const int64_t *ints;
    int count;
    fs_status status = fs_op_known_ints(s, index, what, &ints, &count, err);
    if (status != FS_OK || count < 0)
        return status;
    if (count != 1)
        return fs_fail(err, FS_ERROR_FORMAT, "%s is not a single number", what);
    *out = ints[0];
    return FS_OK;
}

fs_status fs_op_output(const fs_op_shapes *s, int index, const fs_shape *shape, fs_dtype dtype,
                       fs_error *err) {
    if (index >= s->n_out)
        return FS_OK;
    char text[FS_SHAPE_TEXT];
    if (fs_shape_count(shape) < 0)
        return fs_fail(err, FS_ERROR_LIMIT, "the output would be %s, which is too large",
                       fs_shape_text(shape, text));
    s->out[index].shape = *shape;
    s->out[index].dtype = dtype;
    return FS_OK;
}

fs_status fs_op_infer_same(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need(s, 0, err);
    return status == FS_OK ? fs_op_output(s, 0, &s->in[0].shape, s->in[0].dtype, err) : status;
}

fs_status fs_op_infer_same_f32(const fs_op_shapes *s, fs_error *err) {
    fs_status status = fs_op_need_f32(s, 0, err);
    return status == FS_OK ? fs_op_output(s, 0, &s->in[0].shape, FS_F32, err) : status;
}

fs_status fs_op_axis(int64_t axis, int rank, int *out, fs_error *err) {
    if (fs_axis_normalise(axis, rank, out))
        return FS_OK;
    return fs_fail(err, FS_ERROR_FORMAT, "axis %lld does not exist in a tensor of %d dimensions",
                   (long long)axis, rank);
}

fs_lines fs_lines_along(const fs_shape *shape, int64_t axis) {
    int at = 0;
    (void)fs_axis_normalise(axis, shape->rank, &at);
    fs_lines lines = {.length = shape->dim[at], .inner = fs_shape_span(shape, at + 1, shape->rank)};
    lines.count = fs_shape_span(shape, 0, at) * lines.inner;
    return lines;
}

bool fs_op_wants_gradient(const fs_op_setup *setup) {
    for (int i = 0; i < setup->n_in; i++)
        if (setup->want_grad[i])
            return true;
    return false;
}

/* ---- run ---- */

typedef struct span_job {
    fs_span_body body;
    void *context;
    int64_t count, grain;
} span_job;

static void span_pieces(void *context, int first, int last, int thread) {
    const span_job *job = context;
    const int64_t begin = first * job->grain;
    const int64_t end = last * job->grain < job->count ? last * job->grain : job->count;
    job->body(job->context, begin, end, thread);
}

void fs_span_for(fs_pool *pool, int64_t count, int64_t grain, fs_span_body body, void *context) {
    if (count <= 0)
        return;
    if (grain < 1)
        grain = 1;
    if (count / grain >= INT32_MAX)
        grain = count / (INT32_MAX / 2) + 1;
    const int64_t pieces = (count + grain - 1) / grain;
    if (pieces < 2 || fs_pool_threads(pool) < 2) {
        body(context, 0, count, 0);
        return;
    }
    span_job job = {body, context, count, grain};
    fs_pool_for(pool, (int)pieces, 1, span_pieces, &job);
}

typedef struct copy_job {
    char *out;
    const char *in;
} copy_job;

static void copy_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const copy_job *job = context;
    memcpy(job->out + first, job->in + first, (size_t)(last - first));
}

void fs_copy_bytes(fs_pool *pool, void *out, const void *in, size_t size) {
    if (size == 0 || out == in)
        return;
    copy_job job = {out, in};
    fs_span_for(pool, (int64_t)size, 4 * FS_SPAN_GRAIN, copy_span, &job);
}

FS_SIMD
static void add_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const copy_job *job = context;
    float *restrict out = (float *)job->out;
    const float *restrict in = (const float *)job->in;
    for (int64_t i = first; i < last; i++)
        out[i] += in[i];
}

void fs_copy_f32(fs_pool *pool, float *out, const float *in, int64_t count, bool add) {
    if (!add) {
        fs_copy_bytes(pool, out, in, (size_t)count * sizeof(float));
        return;
    }
    copy_job job = {(char *)out, (const char *)in};
    fs_span_for(pool, count, FS_SPAN_GRAIN, add_span, &job);
}

typedef struct scale_job {
    float *x;
    float by;
} scale_job;

FS_SIMD
static void scale_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const scale_job *job = context;
    for (int64_t i = first; i < last; i++)
        job->x[i] *= job->by;
}

void fs_scale_f32(fs_pool *pool, float *x, int64_t count, float by) {
    scale_job job = {x, by};
    fs_span_for(pool, count, FS_SPAN_GRAIN, scale_span, &job);
}

void fs_grad_clear(float *grad, int64_t count, bool accumulate) {
    if (!accumulate && count > 0)
        memset(grad, 0, (size_t)count * sizeof(float));
}

bool fs_grad_nothing(const fs_op_run *run) {
    for (int i = 0; i < run->n_out; i++)
        if (run->out_grad[i])
            return false;
    for (int i = 0; i < run->n_in; i++)
        if (run->in_grad[i])
            fs_grad_clear(run->in_grad[i], fs_tensor_count(&run->in[i]), run->accumulate[i]);
    return true;
}

void fs_grad_clear_rest(const fs_op_run *run, int first) {
    for (int i = first; i < run->n_in; i++)
        if (run->in_grad[i])
            fs_grad_clear(run->in_grad[i], fs_tensor_count(&run->in[i]), run->accumulate[i]);
}

void fs_backward_flat(const fs_op_run *run) {
    fs_grad_clear_rest(run, 0);
}

/* Lanes let the compiler use vectors without changing the order of additions behind our back. */
enum { LANES = 16, BLOCK = 1024 };

FS_SIMD
double fs_sum_f32(const float *x, int64_t count) {
    double total = 0;
    for (int64_t start = 0; start < count; start += BLOCK) {
        const int64_t n = count - start < BLOCK ? count - start : BLOCK;
        float lane[LANES] = {0};
        int64_t i = 0;
        for (; i + LANES <= n; i += LANES)
            for (int k = 0; k < LANES; k++)
                lane[k] += x[start + i + k];
        double sum = 0;
        for (; i < n; i++)
            sum += (double)x[start + i];
        for (int k = 0; k < LANES; k++)
            sum += (double)lane[k];
        total += sum;
    }
    return total;
}

FS_SIMD
double fs_dot_f32(const float *x, const float *y, int64_t count) {
    double total = 0;
    for (int64_t start = 0; start < count; start += BLOCK) {
        const int64_t n = count - start < BLOCK ? count - start : BLOCK;
        float lane[LANES] = {0};
        int64_t i = 0;
        for (; i + LANES <= n; i += LANES)
            for (int k = 0; k < LANES; k++)
                lane[k] += x[start + i + k] * y[start + i + k];
        double sum = 0;
        for (; i < n; i++)
            sum += (double)x[start + i] * (double)y[start + i];
        for (int k = 0; k < LANES; k++)
            sum += (double)lane[k];
        total += sum;
    }
    return total;
}

/* ---- the copying kernel ---- */

static void copy_forward(const fs_op_run *run) {
    const size_t size = (size_t)fs_tensor_count(&run->out[0]) * fs_dtype_size(run->out[0].dtype);
    fs_copy_bytes(run->pool, run->out[0].data, run->in[0].data, size);
}

static void copy_backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    if (!run->out_grad[0]) {
        fs_grad_clear(run->in_grad[0], fs_tensor_count(&run->in[0]), run->accumulate[0]);
        return;
    }
    fs_copy_f32(run->pool, run->in_grad[0], run->out_grad[0], fs_tensor_count(&run->out[0]),
                run->accumulate[0]);
}

const fs_kernel fs_copy_kernel = {
    .name = "copy",
    .accumulates = true,
    .forward = copy_forward,
    .backward = copy_backward,
};
const fs_kernel *const fs_copy_kernels[] = {&fs_copy_kernel, NULL};
