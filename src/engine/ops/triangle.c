/* Trilu (a triangle of each matrix, the rest zero) and EyeLike (ones on a diagonal). */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"

/* ---- Trilu ---- */

typedef struct trilu_params {
    int64_t upper;
} trilu_params;

static fs_status trilu_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(trilu_params), &block, err);
    if (status != FS_OK)
        return status;
    trilu_params *p = block;
    *out = p;
    return fs_op_int(node, "upper", 1, 0, 1, &p->upper, err);
}

static fs_status trilu_infer(const fs_op_shapes *s, fs_error *err) {
    int64_t diagonal;
    fs_status status = fs_op_need_rank(s, 0, 2, FS_MAX_RANK, err);
    if (status == FS_OK)
        status = fs_op_known_int(s, 1, "the diagonal", &diagonal, err);
    return status == FS_OK ? fs_op_infer_same(s, err) : status;
}

typedef struct trilu_job {
    const char *in;
    char *out;
    size_t size;
    int64_t rows, columns, diagonal;
    bool upper, add;
} trilu_job;

/* The columns [*first, *last) of a row that stay. */
static void kept(const trilu_job *j, int64_t row, int64_t *first, int64_t *last) {
    /* A diagonal outside the matrix is as good as one just outside; nothing overflows then. */
    int64_t k = j->diagonal < -j->rows ? -j->rows : j->diagonal;
    k = k > j->columns ? j->columns : k;
    int64_t edge = row + k + (j->upper ? 0 : 1);
    edge = edge < 0 ? 0 : edge > j->columns ? j->columns : edge;
    *first = j->upper ? edge : 0;
    *last = j->upper ? j->columns : edge;
}

static void trilu_rows(void *context, int64_t first_row, int64_t last_row, int thread) {
    (void)thread;
    const trilu_job *j = context;
    for (int64_t row = first_row; row < last_row; row++) {
        int64_t first, last;
        kept(j, row % j->rows, &first, &last);
        const size_t start = (size_t)(row * j->columns) * j->size, at = start + (size_t)first * j->size;
        if (j->add) {
            fs_copy_f32(NULL, (float *)(j->out + at), (const float *)(j->in + at), last - first, true);
            continue;
        }
        memset(j->out + start, 0, (size_t)j->columns * j->size);
        memcpy(j->out + at, j->in + at, (size_t)(last - first) * j->size);
    }
}

static void run_trilu(const fs_op_run *run, trilu_job j) {
    const fs_shape *x = &run->in[0].shape;
    j.upper = ((const trilu_params *)run->node->params)->upper != 0;
    if (run->n_in > 1 && run->present[1])
        j.diagonal = fs_i64(&run->in[1])[0];
    j.rows = x->dim[x->rank - 2];
    j.columns = x->dim[x->rank - 1];
    if (fs_shape_count(x) > 0)
        fs_span_for(run->pool, fs_shape_span(x, 0, x->rank - 1), 1 + FS_SPAN_GRAIN / j.columns, trilu_rows,
                    &j);
}

static void trilu_forward(const fs_op_run *run) {
    run_trilu(run, (trilu_job){.in = run->in[0].data,
                               .out = run->out[0].data,
                               .size = fs_dtype_size(run->out[0].dtype)});
}

static void trilu_backward(const fs_op_run *run) {
    fs_grad_clear_rest(run, 1);
    if (!run->in_grad[0] || fs_grad_nothing(run))
        return;
    run_trilu(run, (trilu_job){.in = (const char *)run->out_grad[0],
                               .out = (char *)run->in_grad[0],
                               .size = sizeof(float),
                               .add = run->accumulate[0]});
}

static fs_status trilu_prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (fs_op_wants_gradient(setup) && setup->n_in > 1 && setup->present[1])
        setup->keep_in = fs_op_bit(1);
    return FS_OK;
}

/* ---- EyeLike ---- */

typedef struct eye_params {
    int64_t diagonal, type; /* type 0: the input's */
} eye_params;

static fs_status eye_parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    fs_status status = fs_op_params(graph, sizeof(eye_params), &block, err);
    if (status != FS_OK)
        return status;
    eye_params *p = block;
    *out = p;
    if ((status = fs_op_int(node, "k", 0, INT32_MIN, INT32_MAX, &p->diagonal, err)) != FS_OK)
        return status;
    return fs_op_int(node, "dtype", 0, 1, 16, &p->type, err);
}

static fs_status eye_infer(const fs_op_shapes *s, fs_error *err) {
    const eye_params *p = s->node->params;
    fs_status status = fs_op_need_rank(s, 0, 2, 2, err);
    fs_dtype dtype = FS_F32;
    if (status == FS_OK && p->type)
        status = fs_op_dtype(p->type, &dtype, err);
    else if (status == FS_OK)
        dtype = s->in[0].dtype;
    return status == FS_OK ? fs_op_output(s, 0, &s->in[0].shape, dtype, err) : status;
}

static void eye_forward(const fs_op_run *run) {
    const eye_params *p = run->node->params;
    const fs_tensor *y = &run->out[0];
    memset(y->data, 0, (size_t)fs_tensor_count(y) * fs_dtype_size(y->dtype));
    for (int64_t row = 0; row < y->shape.dim[0]; row++) {
        const int64_t column = row + p->diagonal, at = row * y->shape.dim[1] + column;
        if (column < 0 || column >= y->shape.dim[1])
            continue;
        if (y->dtype == FS_I64)
            fs_i64(y)[at] = 1;
        else
            fs_f32(y)[at] = 1;
    }
}

static const fs_kernel trilu_kernel = {
    .name = "plain",
    .accumulates = true,
    .prepare = trilu_prepare,
    .forward = trilu_forward,
    .backward = trilu_backward,
};
static const fs_kernel *const trilu_kernels[] = {&trilu_kernel, NULL};
static const fs_kernel eye_kernel = {
    .name = "plain",
    .accumulates = true,
    .forward = eye_forward,
    .backward = fs_backward_flat,
};
static const fs_kernel *const eye_kernels[] = {&eye_kernel, NULL};

const fs_operator fs_op_trilu = {
    .type = "Trilu",
    .min_inputs = 1,
    .max_inputs = 2,
    .parse = trilu_parse,
    .infer = trilu_infer,
    .kernels = trilu_kernels,
};
const fs_operator fs_op_eye_like = {
    .type = "EyeLike",
    .min_inputs = 1,
    .max_inputs = 1,
    .parse = eye_parse,
    .infer = eye_infer,
    .kernels = eye_kernels,
    .shape_only = true,
};
