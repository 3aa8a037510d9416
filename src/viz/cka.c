#include "viz/cka.h"

#include <math.h>

#include "base/alloc.h"
#include "engine/ops/sgemm.h"

enum { COLUMNS_A_PIECE = 4096 };

struct fs_cka {
    int layers_a, layers_b, batches;
    double *cross;         /* [layers_a][layers_b] sums of HSIC_1 over minibatches */
    double *own_a, *own_b; /* of each layer with itself */
};

fs_status fs_cka_create(fs_cka **out, int layers_a, int layers_b, fs_error *err) {
    fs_cka *cka = fs_calloc(1, sizeof *cka);
    if (!cka)
        return fs_fail_memory(err, "a CKA");
    cka->layers_a = layers_a;
    cka->layers_b = layers_b;
    cka->cross = fs_calloc((size_t)layers_a * (size_t)layers_b, sizeof *cka->cross);
    cka->own_a = fs_calloc((size_t)layers_a, sizeof *cka->own_a);
    cka->own_b = fs_calloc((size_t)layers_b, sizeof *cka->own_b);
    if (!cka->cross || !cka->own_a || !cka->own_b) {
        fs_cka_destroy(cka);
        return fs_fail_memory(err, "a CKA");
    }
    *out = cka;
    return FS_OK;
}

void fs_cka_destroy(fs_cka *cka) {
    if (!cka)
        return;
    fs_free(cka->cross);
    fs_free(cka->own_a);
    fs_free(cka->own_b);
    fs_free(cka);
}

int fs_cka_batch_size(int left, int most) {
    const int batches = (left + most - 1) / most;
    return (left + batches - 1) / batches;
}

/* ---- one layer ---- */

typedef struct columns {
    float *features;
    int n;
    int64_t count;
} columns;

static void centre_columns(void *context, int first, int last, int thread) {
    const columns *c = context;
    const int64_t from = (int64_t)first * COLUMNS_A_PIECE;
    int64_t to = (int64_t)last * COLUMNS_A_PIECE;
    to = to < c->count ? to : c->count;
    (void)thread;
    for (int64_t k = from; k < to; k++) {
        double sum = 0;
        for (int i = 0; i < c->n; i++)
            sum += (double)c->features[i * c->count + k];
        const double mean = sum / c->n;
        for (int i = 0; i < c->n; i++)
            c->features[i * c->count + k] = (float)((double)c->features[i * c->count + k] - mean);
    }
}

/* Takes the means of rows and columns off what is beside the diagonal, in the unbiased proportions. */
static void centre_gram(double *gram, int n, double *row) {
    double all = 0;
    for (int i = 0; i < n; i++) {
        gram[i * n + i] = 0;
        row[i] = 0;
        for (int j = 0; j < n; j++)
            row[i] += gram[i * n + j];
        all += row[i];
    }
    const double share = all / ((n - 1.0) * (n - 2.0));
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (i != j)
                gram[i * n + j] += share - (row[i] + row[j]) / (n - 2.0);
}

fs_status fs_cka_gram(float *features, int n, int64_t count, double *gram, fs_pool *pool, fs_error *err) {
    float *product = fs_alloc_array((size_t)n * (size_t)n, sizeof *product);
    double *row = fs_alloc_array((size_t)n, sizeof *row);
    fs_status status = product && row ? FS_OK : fs_fail_memory(err, "a Gram matrix");
    if (status != FS_OK)
        goto out;
    columns c = {features, n, count};
    fs_pool_for(pool, (int)((count + COLUMNS_A_PIECE - 1) / COLUMNS_A_PIECE), 1, centre_columns, &c);
    const fs_sgemm multiply = {.tb = true,
                               .m = n,
                               .n = n,
                               .k = count,
                               .alpha = 1,
                               .a = features,
                               .lda = count,
                               .b = features,
                               .ldb = count,
                               .c = product,
                               .ldc = n};
    fs_sgemm_run(pool, &multiply);
    for (int i = 0; i < n * n && status == FS_OK; i++) {
        gram[i] = (double)product[i];
        if (!isfinite(product[i]))
            status = fs_fail(err, FS_ERROR_DIVERGED, "a layer's values are not finite, or too large");
    }
    if (status == FS_OK)
        centre_gram(gram, n, row);
out:
    fs_free(product);
    fs_free(row);
    return status;
}

/* ---- a minibatch ---- */

static double hsic(const double *k, const double *l, int n) {
    double sum = 0;
    for (int i = 0; i < n * n; i++)
        sum += k[i] * l[i];
    return sum / ((double)n * (n - 3));
}

void fs_cka_add(fs_cka *cka, const double *grams_a, const double *grams_b, int n) {
    const size_t each = (size_t)n * (size_t)n;
    for (int a = 0; a < cka->layers_a; a++) {
        const double *k = grams_a + (size_t)a * each;
        cka->own_a[a] += hsic(k, k, n);
        for (int b = 0; b < cka->layers_b; b++)
            cka->cross[(size_t)a * (size_t)cka->layers_b + (size_t)b] +=
                hsic(k, grams_b + (size_t)b * each, n);
    }
    for (int b = 0; b < cka->layers_b; b++)
        cka->own_b[b] += hsic(grams_b + (size_t)b * each, grams_b + (size_t)b * each, n);
    cka->batches++;
}

int fs_cka_batches(const fs_cka *cka) {
    return cka->batches;
}

double fs_cka_value(const fs_cka *cka, int a, int b) {
    const double scale = sqrt(cka->own_a[a]) * sqrt(cka->own_b[b]);
    return scale > 0 ? cka->cross[(size_t)a * (size_t)cka->layers_b + (size_t)b] / scale : (double)NAN;
}
