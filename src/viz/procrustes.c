#include "viz/procrustes.h"

#include <math.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "viz/lapack.h"

/* A cloud in LAPACK's order, one column of `wide` numbers a picture; `wide` is reduced to n by reduce(). */
typedef struct cloud {
    double *values; /* [n][wide] row by row, wide x n column by column */
    int n, wide;
    bool varies;
} cloud;

static fs_status centred(cloud *out, const float *rows, int n, int wide, fs_error *err) {
    double *x = fs_alloc_array((size_t)n * (size_t)wide, sizeof *x), squares = 0;
    if (!x)
        return fs_fail_memory(err, "a Procrustes distance");
    for (int c = 0; c < wide; c++) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += (double)rows[(size_t)i * (size_t)wide + (size_t)c];
        for (int i = 0; i < n; i++) {
            const size_t at = (size_t)i * (size_t)wide + (size_t)c;
            x[at] = (double)rows[at] - sum / n;
            squares += x[at] * x[at];
        }
    }
    const double scale = squares > 0 ? 1 / sqrt(squares) : 0;
    for (size_t i = 0; i < (size_t)n * (size_t)wide; i++)
        x[i] *= scale;
    *out = (cloud){x, n, wide, squares > 0};
    return FS_OK;
}

/* Wider than there are pictures: X^T = Q R, and Q does not change the singular values of X^T Y. */
static fs_status reduce(cloud *c, fs_error *err) {
    const int n = c->n;
    int size = 64 * n, info = 0;
    if (c->wide <= n)
        return FS_OK;
    double *tau = fs_alloc_array((size_t)n, sizeof *tau), *work = fs_alloc_array((size_t)size, sizeof *work);
    fs_status status = tau && work ? FS_OK : fs_fail_memory(err, "a Procrustes distance");
    if (status == FS_OK) {
        dgeqrf_(&c->wide, &n, c->values, &c->wide, tau, work, &size, &info);
        for (int i = 0; i < n; i++) /* the columns of R, one behind the other; in place, since n < wide */
            for (int k = 0; k < n; k++)
                c->values[(size_t)i * (size_t)n + (size_t)k] =
                    k <= i ? c->values[(size_t)i * (size_t)c->wide + (size_t)k] : 0;
        c->wide = n;
    }
    fs_free(tau);
    fs_free(work);
    return status;
}

/* product = X^T Y: [a->wide] x [b->wide], column by column. */
static void multiply(const cloud *a, const cloud *b, double *product) {
    const double one = 1, zero = 0;
    dgemm_("N", "T", &a->wide, &b->wide, &a->n, &one, a->values, &a->wide, b->values, &b->wide, &zero,
           product, &a->wide);
}

static fs_status nuclear_norm(double *matrix, int rows, int columns, double *out, fs_error *err) {
    const int rank = rows < columns ? rows : columns, one = 1;
    int size = -1, info = 0;
    double best = 0, sum = 0;
    double *values = fs_alloc_array((size_t)rank, sizeof *values), *work = NULL;
    int *whole = fs_alloc_array((size_t)rank * 8, sizeof *whole);
    fs_status status = values && whole ? FS_OK : fs_fail_memory(err, "a Procrustes distance");
    if (status == FS_OK) {
        dgesdd_("N", &rows, &columns, matrix, &rows, values, NULL, &one, NULL, &one, &best, &size, whole,
                &info);
        size = (int)best;
        work = fs_alloc_array((size_t)size, sizeof *work);
        status = work ? FS_OK : fs_fail_memory(err, "a Procrustes distance");
    }
    if (status == FS_OK) {
        dgesdd_("N", &rows, &columns, matrix, &rows, values, NULL, &one, NULL, &one, work, &size, whole,
                &info);
        if (info != 0)
            status = fs_fail(err, FS_ERROR_DIVERGED, "singular values do not converge");
    }
    for (int i = 0; status == FS_OK && i < rank; i++)
        sum += values[i];
    if (status == FS_OK)
        *out = sum;
    fs_free(values);
    fs_free(work);
    fs_free(whole);
    return status;
}

fs_status fs_procrustes(const float *a, const float *b, int n, int wide_a, int wide_b, double *out,
                        fs_error *err) {
    cloud x = {0}, y = {0};
    double *product = NULL, norm = 0;
    fs_status status = centred(&x, a, n, wide_a, err);
    if (status == FS_OK)
        status = centred(&y, b, n, wide_b, err);
    if (status == FS_OK)
        status = reduce(&x, err);
    if (status == FS_OK)
        status = reduce(&y, err);
    if (status == FS_OK) {
        product = fs_alloc_array((size_t)x.wide * (size_t)y.wide, sizeof *product);
        status = product ? FS_OK : fs_fail_memory(err, "a Procrustes distance");
    }
    if (status == FS_OK) {
        multiply(&x, &y, product);
        status = nuclear_norm(product, x.wide, y.wide, &norm, err);
    }
    if (status == FS_OK)
        *out = x.varies && y.varies ? fmax(0, 2 - 2 * norm) : (double)NAN;
    fs_free(x.values);
    fs_free(y.values);
    fs_free(product);
    return status;
}
