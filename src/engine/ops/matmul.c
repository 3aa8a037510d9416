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

typedef struct job {
    const fs_op_run *run;
    dims d;
    fs_pool *pool; /* for the single product; NULL inside a loop over batches */
    int side;      /* 0, 1: gradient of that operand; -1: forward */
} job;

/* One product of the batch. Gradients are always added: who calls has cleared them. */
static void multiply(const job *j, int64_t index, int64_t ia, int64_t ib) {
    const dims *d = &j->d;
    const fs_op_run *run = j->run;
    fs_sgemm p = {.m = d->m, .n = d->n, .k = d->k, .alpha = 1, .lda = d->k, .ldb = d->n, .ldc = d->n};
    const int64_t a = ia * d->m * d->k, b = ib * d->k * d->n, y = index * d->m * d->n;
    if (j->side < 0) {
        p.a = fs_f32(&run->in[0]) + a;
        p.b = fs_f32(&run->in[1]) + b;
        p.c = fs_f32(&run->out[0]) + y;
    } else if (j->side == 0) { /* dA = G B^T */
        p = (fs_sgemm){.tb = true, .m = d->m, .n = d->k, .k = d->n, .alpha = 1, .beta = 1};
        p.a = run->out_grad[0] + y, p.lda = d->n;
        p.b = fs_f32(&run->in[1]) + b, p.ldb = d->n;
        p.c = run->in_grad[0] + a, p.ldc = d->k;
    } else { /* dB = A^T G */
        p = (fs_sgemm){.ta = true, .m = d->k, .n = d->n, .k = d->m, .alpha = 1, .beta = 1};
        p.a = fs_f32(&run->in[0]) + a, p.lda = d->k;
        p.b = run->out_grad[0] + y, p.ldb = d->n;
        p.c = run->in_grad[1] + b, p.ldc = d->n;
    }
    fs_sgemm_run(j->pool, &p);
}

static void batch_row(void *context, const fs_walk_row *r) {
    for (int64_t i = 0; i < r->length; i++)
        multiply(context, r->first + i, r->offset[0] + i * r->step[0], r->offset[1] + i * r->step[1]);
}

/* Over the batch, each product split over the pool. */
static void run_batch(const fs_op_run *run, int side) {
    job j = {.run = run, .d = dims_of(run->in), .pool = run->pool, .side = side};
    fs_shape batch;
    (void)fs_shape_broadcast(&j.d.a_batch, &j.d.b_batch, &batch);
    fs_walk walk;
    fs_walk_begin(&walk, &batch, 2);
    fs_walk_broadcast(&walk, 0, &j.d.a_batch);
    fs_walk_broadcast(&walk, 1, &j.d.b_batch);
    fs_walk_run(&walk, NULL, batch_row, &j);
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
