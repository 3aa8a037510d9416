/* Gemm: Y = alpha * op(A) * op(B) + beta * C, C broadcast to [m, n]. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/sgemm.h"

typedef struct params {
    float alpha, beta;
    bool ta, tb;
} params;

static fs_status parse(const fs_graph *graph, const fs_node *node, const void **out, fs_error *err) {
    void *block;
    int64_t ta, tb;
    fs_status status = fs_op_params(graph, sizeof(params), &block, err);
    if (status != FS_OK || (status = fs_op_int(node, "transA", 0, 0, 1, &ta, err)) != FS_OK ||
        (status = fs_op_int(node, "transB", 0, 0, 1, &tb, err)) != FS_OK)
        return status;
    params *p = block;
    p->alpha = fs_node_float(node, "alpha", 1);
    p->beta = fs_node_float(node, "beta", 1);
    p->ta = ta != 0;
    p->tb = tb != 0;
    *out = p;
    return FS_OK;
}

typedef struct dims {
    int64_t m, n, k;
    int64_t c_rows, c_columns; /* of C: 1 or m, 1 or n; 0 without C */
} dims;

static bool has_c(const bool *present, int n_in) {
    return n_in > 2 && present[2];
}

static dims dims_of(const params *p, const fs_tensor *in, bool c) {
    const fs_shape *a = &in[0].shape, *b = &in[1].shape;
    dims d = {a->dim[p->ta], b->dim[!p->tb], a->dim[!p->ta], 0, 0};
    if (c) {
        const fs_shape *s = &in[2].shape;
        d.c_rows = s->rank == 2 ? s->dim[0] : 1;
        d.c_columns = s->rank ? s->dim[s->rank - 1] : 1;
    }
    return d;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    const params *p = s->node->params;
    fs_status status;
    for (int i = 0; i < 2; i++)
        if ((status = fs_op_need_f32(s, i, err)) != FS_OK ||
            (status = fs_op_need_rank(s, i, 2, 2, err)) != FS_OK)
            return status;
    const bool c = fs_op_has(s, 2);
    if (c && ((status = fs_op_need_f32(s, 2, err)) != FS_OK ||
              (status = fs_op_need_rank(s, 2, 0, 2, err)) != FS_OK))
        return status;
    const dims d = dims_of(p, s->in, c);
    const int64_t kb = s->in[1].shape.dim[p->tb];
    if (d.k != kb)
        return fs_fail(err, FS_ERROR_ARGUMENT, "input has %lld features, weights want %lld", (long long)d.k,
                       (long long)kb);
    if (d.m > INT32_MAX || d.n > INT32_MAX || d.k > INT32_MAX || d.m < 1 || d.n < 1 || d.k < 1)
        return fs_fail(err, FS_ERROR_LIMIT, "a product of %lldx%lld by %lldx%lld is not supported",
                       (long long)d.m, (long long)d.k, (long long)d.k, (long long)d.n);
    if (c && ((d.c_rows != 1 && d.c_rows != d.m) || (d.c_columns != 1 && d.c_columns != d.n)))
        return fs_fail(err, FS_ERROR_ARGUMENT, "the bias (%lldx%lld) does not fit the %lldx%lld result",
                       (long long)d.c_rows, (long long)d.c_columns, (long long)d.m, (long long)d.n);
    fs_shape y = {2, {d.m, d.n}};
    return fs_op_output(s, 0, &y, FS_F32, err);
}

static void fill_with_c(const dims *d, const float *c, float *y) {
    for (int64_t i = 0; i < d->m; i++) {
        const float *row = c + (d->c_rows == 1 ? 0 : i * d->c_columns);
        if (d->c_columns == d->n)
            memcpy(y + i * d->n, row, (size_t)d->n * sizeof(float));
        else
            for (int64_t k = 0; k < d->n; k++)
                y[i * d->n + k] = row[0];
    }
}

static void forward(const fs_op_run *run) {
    const params *p = run->node->params;
    const bool c = has_c(run->present, run->n_in) && p->beta != 0;
    const dims d = dims_of(p, run->in, c);
    float *y = fs_f32(&run->out[0]);
    if (c)
        fill_with_c(&d, fs_f32(&run->in[2]), y);
    fs_sgemm product = {.ta = p->ta,
                        .tb = p->tb,
                        .m = d.m,
                        .n = d.n,
                        .k = d.k,
                        .alpha = p->alpha,
                        .beta = c ? p->beta : 0,
                        .a = fs_f32(&run->in[0]),
                        .lda = p->ta ? d.m : d.k,
                        .b = fs_f32(&run->in[1]),
                        .ldb = p->tb ? d.k : d.n,
                        .c = y,
                        .ldc = d.n};
    fs_sgemm_run(run->pool, &product);
}

/* A's gradient: alpha * G * op(B)^T, or its transpose where A is stored transposed. */
static void backward_a(const fs_op_run *run, const params *p, const dims *d) {
    const float *g = run->out_grad[0], *b = fs_f32(&run->in[1]);
    fs_sgemm product = {
        .alpha = p->alpha, .beta = run->accumulate[0] ? 1 : 0, .c = run->in_grad[0], .k = d->n};
    if (!p->ta) {
        product.m = d->m, product.n = d->k, product.ldc = d->k;
        product.a = g, product.lda = d->n;
        product.b = b, product.ldb = p->tb ? d->k : d->n, product.tb = !p->tb;
    } else {
        product.m = d->k, product.n = d->m, product.ldc = d->m;
        product.a = b, product.lda = p->tb ? d->k : d->n, product.ta = p->tb;
        product.b = g, product.ldb = d->n, product.tb = true;
    }
    fs_sgemm_run(run->pool, &product);
}

/* B's gradient: alpha * op(A)^T * G, or its transpose. */
static void backward_b(const fs_op_run *run, const params *p, const dims *d) {
    const float *g = run->out_grad[0], *a = fs_f32(&run->in[0]);
    fs_sgemm product = {
        .alpha = p->alpha, .beta = run->accumulate[1] ? 1 : 0, .c = run->in_grad[1], .k = d->m};
    if (!p->tb) {
        product.m = d->k, product.n = d->n, product.ldc = d->n;
        product.a = a, product.lda = p->ta ? d->m : d->k, product.ta = !p->ta;
        product.b = g, product.ldb = d->n;
    } else {
        product.m = d->n, product.n = d->k, product.ldc = d->k;
        product.a = g, product.lda = d->n, product.ta = true;
        product.b = a, product.ldb = p->ta ? d->m : d->k, product.tb = p->ta;
    }
    fs_sgemm_run(run->pool, &product);
}

static void backward_c(const fs_op_run *run, const params *p, const dims *d) {
    float *to = run->in_grad[2];
    fs_grad_clear(to, d->c_rows * d->c_columns, run->accumulate[2]);
    for (int64_t i = 0; i < d->m; i++) {
        const float *g = run->out_grad[0] + i * d->n;
        float *row = to + (d->c_rows == 1 ? 0 : i * d->c_columns);
        if (d->c_columns == d->n)
            for (int64_t k = 0; k < d->n; k++)
                row[k] += p->beta * g[k];
        else
            row[0] += p->beta * (float)fs_sum_f32(g, d->n);
    }
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    const params *p = run->node->params;
    const dims d = dims_of(p, run->in, has_c(run->present, run->n_in));
    if (run->in_grad[0])
        backward_a(run, p, &d);
    if (run->in_grad[1])
        backward_b(run, p, &d);
    if (run->n_in > 2 && run->in_grad[2])
        backward_c(run, p, &d);
}

static fs_status prepare(fs_op_setup *setup, fs_error *err) {
    (void)err;
    if (setup->want_grad[0])
        setup->keep_in |= fs_op_bit(1);
    if (setup->want_grad[1])
        setup->keep_in |= fs_op_bit(0);
    return FS_OK;
}

static const fs_kernel kernel = {
    .name = "blas",
    .accumulates = true,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
static const fs_kernel *const kernels[] = {&kernel, NULL};

const fs_operator fs_op_gemm = {
    .type = "Gemm",
    .min_inputs = 2,
    .max_inputs = 3,
    .parse = parse,
    .infer = infer,
    .kernels = kernels,
};
