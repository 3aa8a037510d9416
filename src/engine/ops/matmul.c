/* MatMul as NumPy has it: matrices in the last two dimensions, the others broadcast; a vector on the left is
 * a row, on the right a column, and the dimension made up for it is dropped again. */
#include <string.h>

#include "engine/ops/common.h"
#include "engine/ops/registry.h"
#include "engine/ops/sgemm.h"
#include "engine/ops/walk.h"

typedef struct dims {
    int64_t m, n, k, kb;
    fs_shape a_batch, b_batch;
} dims;

static fs_shape batch_of(const fs_shape *s) {
    fs_shape batch = *s;
    batch.rank = s->rank > 2 ? s->rank - 2 : 0;
    return batch;
}

static dims dims_of(const fs_tensor *in) {
    const fs_shape *a = &in[0].shape, *b = &in[1].shape;
    dims d = {.a_batch = batch_of(a), .b_batch = batch_of(b)};
    d.m = a->rank > 1 ? a->dim[a->rank - 2] : 1;
    d.k = a->dim[a->rank - 1];
    d.n = b->rank > 1 ? b->dim[b->rank - 1] : 1;
    d.kb = b->rank > 1 ? b->dim[b->rank - 2] : b->dim[0];
    /* Weights shared by a batch of matrices: one tall product. */
    if (d.b_batch.rank == 0 && a->rank > 2) {
        d.m = fs_shape_span(a, 0, a->rank - 1);
        d.a_batch.rank = 0;
    }
    return d;
}

static fs_status infer(const fs_op_shapes *s, fs_error *err) {
    fs_status status;
    for (int i = 0; i < 2; i++)
        if ((status = fs_op_need_f32(s, i, err)) != FS_OK ||
            (status = fs_op_need_rank(s, i, 1, FS_MAX_RANK, err)) != FS_OK)
            return status;
    const fs_shape *a = &s->in[0].shape, *b = &s->in[1].shape;
    const dims d = dims_of(s->in);
    char ta[FS_SHAPE_TEXT], tb[FS_SHAPE_TEXT];
    const fs_shape left = batch_of(a), right = batch_of(b);
    fs_shape y;
    if (d.k != d.kb || !fs_shape_broadcast(&left, &right, &y))
        return fs_fail(err, FS_ERROR_ARGUMENT, "%s and %s cannot be multiplied", fs_shape_text(a, ta),
                       fs_shape_text(b, tb));
    if (d.m > INT32_MAX || d.n > INT32_MAX || d.k > INT32_MAX || d.k < 1 || y.rank + 2 > FS_MAX_RANK)
        return fs_fail(err, FS_ERROR_LIMIT, "a product of %s by %s is not supported", fs_shape_text(a, ta),
                       fs_shape_text(b, tb));
    if (a->rank > 1)
        y.dim[y.rank++] = a->dim[a->rank - 2];
    if (b->rank > 1)
        y.dim[y.rank++] = d.n;
    return fs_op_output(s, 0, &y, FS_F32, err);
}

/* How far the next matrix of an operand lies, along each dimension of the batch. */
static void steps_of(const fs_shape *batch, const fs_shape *own, int64_t matrix, int64_t step[FS_MAX_RANK]) {
    int64_t dense[FS_MAX_RANK];
    fs_dense_strides(own, dense);
    const int shift = batch->rank - own->rank;
    for (int i = 0; i < batch->rank; i++)
        step[i] = i < shift || own->dim[i - shift] == 1 ? 0 : dense[i - shift] * matrix;
}

/* side 0, 1: the gradient of that operand, added to what is there; -1: forward. */
static void run_batch(const fs_op_run *run, int side) {
    const dims d = dims_of(run->in);
    fs_sgemm_batch p = {.product = {.alpha = 1, .beta = side < 0 ? 0 : 1}};
    fs_sgemm *m = &p.product;
    int64_t step[3][FS_MAX_RANK];
    (void)fs_shape_broadcast(&d.a_batch, &d.b_batch, &p.batch);
    steps_of(&p.batch, &d.a_batch, d.m * d.k, step[0]);
    steps_of(&p.batch, &d.b_batch, d.k * d.n, step[1]);
    steps_of(&p.batch, &p.batch, d.m * d.n, step[2]);
    if (side < 0) {
        m->a = fs_f32(&run->in[0]), m->b = fs_f32(&run->in[1]), m->c = fs_f32(&run->out[0]);
        m->m = d.m, m->n = d.n, m->k = d.k;
        m->lda = d.k, m->ldb = d.n, m->ldc = d.n;
    } else if (side == 0) { /* dA = G B^T */
        m->a = run->out_grad[0], m->b = fs_f32(&run->in[1]), m->c = run->in_grad[0];
        m->tb = true;
        m->m = d.m, m->n = d.k, m->k = d.n;
        m->lda = d.n, m->ldb = d.n, m->ldc = d.k;
    } else { /* dB = A^T G */
        m->a = fs_f32(&run->in[0]), m->b = run->out_grad[0], m->c = run->in_grad[1];
        m->ta = true;
        m->m = d.k, m->n = d.n, m->k = d.m;
        m->lda = d.k, m->ldb = d.n, m->ldc = d.n;
    }
    memcpy(p.a_step, step[side == 0 ? 2 : 0], sizeof p.a_step);
    memcpy(p.b_step, step[side == 1 ? 2 : 1], sizeof p.b_step);
    memcpy(p.c_step, step[side < 0 ? 2 : side], sizeof p.c_step);
    fs_sgemm_batch_run(run->pool, &p);
}

static void forward(const fs_op_run *run) {
    run_batch(run, -1);
}

static void backward(const fs_op_run *run) {
    if (fs_grad_nothing(run))
        return;
    for (int side = 0; side < 2; side++) {
        if (!run->in_grad[side])
            continue;
        fs_grad_clear(run->in_grad[side], fs_tensor_count(&run->in[side]), run->accumulate[side]);
        run_batch(run, side);
    }
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

const fs_operator fs_op_matmul = {
    .type = "MatMul",
    .min_inputs = 2,
    .max_inputs = 2,
    .infer = infer,
    .kernels = kernels,
};
