/* Terms that couple the items of a batch, the variants of one objective:
 *
 *     diversity of item i: sum over j != i of cos(G_i, G_j), with the Gram matrix G = A A^T of the layer's
 *         activation A [C, positions]. It is a likeness: subtracted, it makes the variants differ.
 *     alignment of item i: -1/2 sum over j = i-4 .. i+4, j != i, of mean((a_i - a_j)^2) / decay^|i-j|.
 *         Added, it keeps neighbours alike.
 *
 * Sums over the items are Lucid's objectives of these names. Sources: Gram matrices: Gatys, Ecker, Bethge,
 * "Texture Synthesis Using Convolutional Neural Networks", NeurIPS 2015; diversity: Olah, Mordvintsev,
 * Schubert, "Feature Visualization", Distill 2017; alignment: Mordvintsev et al., "Differentiable Image
 * Parameterizations", Distill 2018, doi:10.23915/distill.00012. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/ops/sgemm.h"
#include "viz/objectives/kinds.h"

enum { MAX_GRAM_CHANNELS = 8192, REACH = 4 };
#define MAX_GRAM_FLOATS ((size_t)1 << 28)

/* ---- diversity ----
 * reference: [n][C][C] Gram matrices of length 1; work: [C][C]; sums: [n] lengths, [n][n] cosines. */

static fs_status bind_diversity(fs_term *term, const fs_term_site *site, fs_error *err) {
    size_t channels = (size_t)site->shape.dim[1], n = (size_t)site->n;
    if (channels > MAX_GRAM_CHANNELS || n * channels * channels > MAX_GRAM_FLOATS) {
        fs_fail(err, FS_ERROR_LIMIT, "diversity of %zu pictures over %zu channels takes too much memory", n,
                channels);
        return fs_term_fail_at(term, "layer", FS_ERROR_LIMIT, err);
    }
    term->count = (int64_t)(channels * channels);
    term->reference = fs_alloc_array(n * channels * channels, sizeof *term->reference);
    term->work = fs_alloc_array(channels * channels, sizeof *term->work);
    term->sums = fs_alloc_array(n + n * n, sizeof *term->sums);
    return term->reference && term->work && term->sums ? FS_OK : fs_fail_memory(err, "Gram matrices");
}

static void make_gram(const fs_term *term, const fs_term_view *view, int item) {
    int64_t channels = view->shape.dim[1], positions = view->count / channels;
    const float *a = view->activation + view->count * item;
    float *gram = term->reference + term->count * item;
    fs_sgemm product = {.tb = true,
                        .m = channels,
                        .n = channels,
                        .k = positions,
                        .alpha = 1,
                        .a = a,
                        .lda = positions,
                        .b = a,
                        .ldb = positions,
                        .c = gram,
                        .ldc = channels};
    fs_sgemm_run(view->pool, &product);
    double squares = 0;
    for (int64_t k = 0; k < term->count; k++)
        squares += (double)gram[k] * gram[k];
    double length = sqrt(squares);
    float scale = length > 0 ? (float)(1 / length) : 0;
    for (int64_t k = 0; k < term->count; k++)
        gram[k] *= scale;
    term->sums[item] = length;
}

static void diversity_value(fs_term *term, const fs_term_view *view, double *values) {
    double *cosines = term->sums + view->n;
    for (int i = 0; i < view->n; i++) {
        make_gram(term, view, i);
        for (int j = 0; j < i; j++) {
            const float *a = term->reference + term->count * i, *b = term->reference + term->count * j;
            double sum = 0;
            for (int64_t k = 0; k < term->count; k++)
                sum += (double)a[k] * b[k];
            cosines[i * view->n + j] = cosines[j * view->n + i] = sum;
        }
    }
    for (int i = 0; i < view->n; i++) {
        values[i] = 0;
        for (int j = 0; j < view->n; j++)
            values[i] += j == i ? 0 : cosines[i * view->n + j];
    }
}

/* work = the gradient with respect to the Gram matrix of an item: each pair counts in the values of both. */
static void gram_gradient(const fs_term *term, int n, int i, const double *weights) {
    const double *cosines = term->sums + n;
    const float *own = term->reference + term->count * i;
    memset(term->work, 0, (size_t)term->count * sizeof *term->work);
    for (int j = 0; j < n; j++) {
        if (j == i)
            continue;
        const float *other = term->reference + term->count * j;
        float weight = (float)((weights[i] + weights[j]) / term->sums[i]);
        float back = (float)cosines[i * n + j];
        for (int64_t k = 0; k < term->count; k++)
            term->work[k] += weight * (other[k] - back * own[k]);
    }
}

static void diversity_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    int64_t channels = view->shape.dim[1], positions = view->count / channels;
    for (int i = 0; i < view->n; i++) {
        if (term->sums[i] == 0)
            continue;
        gram_gradient(term, view->n, i, weights);
        fs_sgemm product = {.m = channels, /* G = A A^T: dA = (dG + dG^T) A, and dG is symmetric */
                            .n = positions,
                            .k = channels,
                            .alpha = 2,
                            .beta = 1,
                            .a = term->work,
                            .lda = channels,
                            .b = view->activation + view->count * i,
                            .ldb = positions,
                            .c = view->gradient + view->count * i,
                            .ldc = positions};
        fs_sgemm_run(view->pool, &product);
    }
}

/* ---- alignment ---- */

static fs_status bind_alignment(fs_term *term, const fs_term_site *site, fs_error *err) {
    (void)err;
    term->count = fs_shape_span(&site->shape, 1, site->shape.rank);
    return FS_OK;
}

static double share(const fs_term *term, int i, int j) {
    return 0.5 / pow(fs_term_number(term, "decay"), abs(i - j)) / (double)term->count;
}

static void alignment_value(fs_term *term, const fs_term_view *view, double *values) {
    for (int i = 0; i < view->n; i++)
        values[i] = 0;
    for (int i = 0; i < view->n; i++)
        for (int j = i + 1; j < view->n && j <= i + REACH; j++) {
            const float *a = view->activation + view->count * i, *b = view->activation + view->count * j;
            double sum = 0;
            for (int64_t k = 0; k < term->count; k++)
                sum += ((double)a[k] - b[k]) * ((double)a[k] - b[k]);
            values[i] -= sum * share(term, i, j);
            values[j] -= sum * share(term, i, j);
        }
}

static void alignment_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    for (int i = 0; i < view->n; i++)
        for (int j = i + 1; j < view->n && j <= i + REACH; j++) {
            const float *a = view->activation + view->count * i, *b = view->activation + view->count * j;
            float *to_a = view->gradient + view->count * i, *to_b = view->gradient + view->count * j;
            double scale = 2 * (weights[i] + weights[j]) * share(term, i, j);
            for (int64_t k = 0; k < term->count; k++) {
                float step = (float)(scale * ((double)a[k] - b[k]));
                to_a[k] -= step;
                to_b[k] += step;
            }
        }
}

const fs_term_kind fs_term_diversity = {.function = {.name = "diversity", .parameters = {FS_TERM_LAYER}},
                                        .bind = bind_diversity,
                                        .value = diversity_value,
                                        .gradient = diversity_gradient};

const fs_term_kind fs_term_alignment = {
    .function =
        {.name = "alignment",
         .parameters = {FS_TERM_LAYER,
                        {.name = "decay", .type = FS_PARAMETER_NUMBER, .low = 1, .high = 100, .initial = 2}}},
    .bind = bind_alignment,
    .value = alignment_value,
    .gradient = alignment_gradient};
