#include "engine/ops/sgemm.h"

#include <cblas.h>
#include <string.h>

#include "engine/ops/common.h"

/* Below this many multiplications a split costs more than it gains. */
enum { SPLIT_WORK = 1 << 18, BLOCK = 16 };

/* K = 0 leaves only the scaling of C. */
static void scale_only(const fs_sgemm *p) {
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t j = 0; j < p->n; j++)
            p->c[i * p->ldc + j] = p->beta == 0 ? 0 : p->beta * p->c[i * p->ldc + j];
}

/* Matrix times vector: one pass over the matrix without packing it. */
static bool run_vector(const fs_sgemm *p) {
    if (p->m == 1) { /* c = op(B)^T * a; op(A) is a row, with step lda when it is stored as a column */
        const CBLAS_TRANSPOSE trans = p->tb ? CblasNoTrans : CblasTrans;
        const int64_t rows = p->tb ? p->n : p->k, columns = p->tb ? p->k : p->n;
        cblas_sgemv(CblasRowMajor, trans, (int)rows, (int)columns, p->alpha, p->b, (int)p->ldb, p->a,
                    p->ta ? (int)p->lda : 1, p->beta, p->c, 1);
        return true;
    }
    if (p->n == 1) {
        const CBLAS_TRANSPOSE trans = p->ta ? CblasTrans : CblasNoTrans;
        const int64_t rows = p->ta ? p->k : p->m, columns = p->ta ? p->m : p->k;
        cblas_sgemv(CblasRowMajor, trans, (int)rows, (int)columns, p->alpha, p->a, (int)p->lda, p->b,
                    p->tb ? 1 : (int)p->ldb, p->beta, p->c, (int)p->ldc);
        return true;
    }
    return false;
}

static void run_serial(const fs_sgemm *p) {
    if (p->m <= 0 || p->n <= 0)
        return;
    if (p->k <= 0) {
        scale_only(p);
        return;
    }
    /* gemv may read its output even when beta is 0. */
    if ((p->m == 1 || p->n == 1) && p->beta == 0)
        for (int64_t i = 0; i < p->m; i++)
            memset(p->c + i * p->ldc, 0, (size_t)p->n * sizeof(float));
    if (run_vector(p))
        return;
    cblas_sgemm(CblasRowMajor, p->ta ? CblasTrans : CblasNoTrans, p->tb ? CblasTrans : CblasNoTrans,
                (int)p->m, (int)p->n, (int)p->k, p->alpha, p->a, (int)p->lda, p->b, (int)p->ldb, p->beta,
                p->c, (int)p->ldc);
}

static void rows_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    fs_sgemm p = *(const fs_sgemm *)context;
    p.a += first * (p.ta ? 1 : p.lda);
    p.c += first * p.ldc;
    p.m = last - first;
    run_serial(&p);
}

static void columns_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    fs_sgemm p = *(const fs_sgemm *)context;
    p.b += first * (p.tb ? p.ldb : 1);
    p.c += first;
    p.n = last - first;
    run_serial(&p);
}

void fs_sgemm_run(fs_pool *pool, const fs_sgemm *product) {
    const int threads = fs_pool_threads(pool);
    const fs_sgemm *p = product;
    if (threads < 2 || (double)p->m * (double)p->n * (double)p->k < SPLIT_WORK) {
        run_serial(p);
        return;
    }
    const bool by_rows = p->m >= p->n;
    const int64_t length = by_rows ? p->m : p->n;
    const int64_t piece = (length + threads - 1) / threads;
    fs_span_for(pool, length, (piece + BLOCK - 1) / BLOCK * BLOCK, by_rows ? rows_span : columns_span,
                (void *)p);
}

typedef struct batch_job {
    const fs_sgemm_batch *b;
    fs_pool *pool; /* inside a product; NULL where the products are shared out */
} batch_job;

static void batch_span(void *context, int64_t first, int64_t last, int thread) {
    (void)thread;
    const batch_job *job = context;
    const fs_sgemm_batch *b = job->b;
    for (int64_t index = first; index < last; index++) {
        fs_sgemm p = b->product;
        int64_t rest = index;
        for (int i = b->batch.rank - 1; i >= 0; i--) {
            const int64_t at = rest % b->batch.dim[i];
            rest /= b->batch.dim[i];
            p.a += at * b->a_step[i];
            p.b += at * b->b_step[i];
            p.c += at * b->c_step[i];
        }
        fs_sgemm_run(job->pool, &p);
    }
}

void fs_sgemm_batch_run(fs_pool *pool, const fs_sgemm_batch *products) {
    const fs_sgemm *p = &products->product;
    const int64_t count = fs_shape_count(&products->batch);
    const double work = (double)p->m * (double)p->n * (double)p->k;
    bool apart = count >= fs_pool_threads(pool);
    for (int i = 0; i < products->batch.rank; i++)
        apart = apart && (products->c_step[i] != 0 || products->batch.dim[i] == 1);
    batch_job job = {products, apart ? NULL : pool};
    if (apart)
        fs_span_for(pool, count, 1 + (int64_t)(SPLIT_WORK / (work + 1)), batch_span, &job);
    else
        batch_span(&job, 0, count, 0);
}

void fs_sgemm_use_own_threads(void) {
    openblas_set_num_threads(1);
}
