#include "viz/separability.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/lapack.h"

/* The ridges run from this share of the greatest squared singular value in steps of half a decade to ten. */
static const double least_ridge = 1e-6;

/* One fold's training part: `m` pictures of `channels` numbers, decomposed. */
typedef struct probe {
    const float *features;
    const int *labels, *fold; /* [n] */
    int n, channels, classes;
    int held, m, rank;         /* the fold left out, pictures left, min(m, channels) */
    double *mean, *scale;      /* [channels] of the training part; scale 0 for a channel that does not vary */
    double *x;                 /* [m][channels] standardised; destroyed by the decomposition */
    double *s, *u, *vt, *work; /* [rank], channels x rank by columns, rank x m by columns */
    int *whole;
    int work_size;
    double *target;  /* [m][classes] one-hot without its mean */
    double *share;   /* [classes] that mean */
    double *rotated; /* [rank][classes] = V^T target */
    double *weights; /* [channels][classes] */
    double *scores;  /* [classes] */
} probe;

bool fs_separability_possible(const int *labels, int n, int classes) {
    if (classes < 2 || classes > FS_SEPARABILITY_MAX_CLASSES)
        return false;
    for (int c = 0; c < classes; c++) {
        int count = 0;
        for (int i = 0; i < n && count < FS_SEPARABILITY_FOLDS; i++)
            count += labels[i] == c;
        if (count < FS_SEPARABILITY_FOLDS)
            return false;
    }
    return true;
}

static void free_probe(probe *p) {
    double *const blocks[] = {p->mean, p->scale,  p->x,     p->s,       p->u,       p->vt,
                              p->work, p->target, p->share, p->rotated, p->weights, p->scores};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        fs_free(blocks[i]);
    fs_free(p->whole);
}

static fs_status allocate(probe *p, fs_error *err) {
    const size_t n = (size_t)p->n, d = (size_t)p->channels, k = (size_t)p->classes, r = n < d ? n : d;
    const size_t work = 4 * r * r + 11 * r + (n > d ? n : d) * 64; /* dgesdd's least, and room for blocks */
    if (work > INT32_MAX)
        return fs_fail(err, FS_ERROR_LIMIT, "%d pictures of %d channels are too many for a linear probe",
                       p->n, p->channels);
    p->work_size = (int)work;
    p->mean = fs_calloc(d, sizeof *p->mean);
    p->scale = fs_calloc(d, sizeof *p->scale);
    p->x = fs_calloc(n * d, sizeof *p->x);
    p->s = fs_calloc(r, sizeof *p->s);
    p->u = fs_calloc(d * r, sizeof *p->u);
    p->vt = fs_calloc(r * n, sizeof *p->vt);
    p->work = fs_calloc(work, sizeof *p->work);
    p->whole = fs_calloc(8 * r, sizeof *p->whole);
    p->target = fs_calloc(n * k, sizeof *p->target);
    p->share = fs_calloc(k, sizeof *p->share);
    p->rotated = fs_calloc(r * k, sizeof *p->rotated);
    p->weights = fs_calloc(d * k, sizeof *p->weights);
    p->scores = fs_calloc(k, sizeof *p->scores);
    if (!p->mean || !p->scale || !p->x || !p->s || !p->u || !p->vt || !p->work || !p->whole || !p->target ||
        !p->share || !p->rotated || !p->weights || !p->scores)
        return fs_fail_memory(err, "a linear probe");
    return FS_OK;
}

/* ---- the training part ---- */

static void measure_channel(probe *p, int c) {
    double sum = 0, squares = 0;
    for (int i = 0; i < p->n; i++)
        if (p->fold[i] != p->held)
            sum += (double)p->features[(size_t)i * (size_t)p->channels + (size_t)c];
    p->mean[c] = sum / p->m;
    for (int i = 0; i < p->n; i++)
        if (p->fold[i] != p->held) {
            const double d = (double)p->features[(size_t)i * (size_t)p->channels + (size_t)c] - p->mean[c];
            squares += d * d;
        }
    p->scale[c] = squares > 0 ? 1 / sqrt(squares / p->m) : 0;
}

static void collect(probe *p) {
    p->m = 0;
    memset(p->share, 0, (size_t)p->classes * sizeof *p->share);
    for (int i = 0; i < p->n; i++)
        p->m += p->fold[i] != p->held;
    p->rank = p->m < p->channels ? p->m : p->channels;
    for (int c = 0; c < p->channels; c++)
        measure_channel(p, c);
    for (int i = 0; i < p->n; i++)
        if (p->fold[i] != p->held)
            p->share[p->labels[i]] += 1.0 / p->m;
    int row = 0;
    for (int i = 0; i < p->n; i++) {
        if (p->fold[i] == p->held)
            continue;
        const float *from = p->features + (size_t)i * (size_t)p->channels;
        for (int c = 0; c < p->channels; c++)
            p->x[(size_t)row * (size_t)p->channels + (size_t)c] =
                ((double)from[c] - p->mean[c]) * p->scale[c];
        for (int k = 0; k < p->classes; k++)
            p->target[row * p->classes + k] = (k == p->labels[i]) - p->share[k];
        row++;
    }
}

static fs_status decompose(probe *p, fs_error *err) {
    int info = 0;
    dgesdd_("S", &p->channels, &p->m, p->x, &p->channels, p->s, p->u, &p->channels, p->vt, &p->rank, p->work,
            &p->work_size, p->whole, &info);
    if (info != 0)
        return fs_fail(err, FS_ERROR_DIVERGED, "singular values do not converge");
    memset(p->rotated, 0, (size_t)p->rank * (size_t)p->classes * sizeof *p->rotated);
    for (int i = 0; i < p->m; i++)
        for (int r = 0; r < p->rank; r++)
            for (int k = 0; k < p->classes; k++)
                p->rotated[r * p->classes + k] +=
                    p->vt[(size_t)i * (size_t)p->rank + (size_t)r] * p->target[i * p->classes + k];
    return FS_OK;
}

/* Sum of squared errors when each picture in turn is left out: residual / (1 - leverage). */
static double leave_one_out(const probe *p, double ridge) {
    double sum = 0;
    for (int i = 0; i < p->m; i++) {
        const double *v = p->vt + (size_t)i * (size_t)p->rank;
        double leverage = 1.0 / p->m;
        for (int k = 0; k < p->classes; k++)
            p->scores[k] = p->target[i * p->classes + k];
        for (int r = 0; r < p->rank; r++) {
            const double kept = p->s[r] * p->s[r] / (p->s[r] * p->s[r] + ridge);
            leverage += v[r] * v[r] * kept;
            for (int k = 0; k < p->classes; k++)
                p->scores[k] -= v[r] * kept * p->rotated[r * p->classes + k];
        }
        const double left = fmax(1 - leverage, 1e-9);
        for (int k = 0; k < p->classes; k++)
            sum += p->scores[k] / left * (p->scores[k] / left);
    }
    return sum;
}

static double choose_ridge(const probe *p) {
    double best = INFINITY, chosen = 1, ridge = p->s[0] * p->s[0] * least_ridge;
    for (int i = 0; i < FS_SEPARABILITY_RIDGES && ridge > 0; i++, ridge *= sqrt(10)) {
        const double error = leave_one_out(p, ridge);
        if (error < best) {
            best = error;
            chosen = ridge;
        }
    }
    return chosen;
}

static void solve(probe *p, double ridge) {
    memset(p->weights, 0, (size_t)p->channels * (size_t)p->classes * sizeof *p->weights);
    for (int r = 0; r < p->rank; r++) {
        const double factor = p->s[r] / (p->s[r] * p->s[r] + ridge);
        const double *u = p->u + (size_t)r * (size_t)p->channels;
        for (int c = 0; c < p->channels; c++)
            for (int k = 0; k < p->classes; k++)
                p->weights[(size_t)c * (size_t)p->classes + (size_t)k] +=
                    u[c] * factor * p->rotated[r * p->classes + k];
    }
}

/* ---- the pictures left out ---- */

static int classify(const probe *p, int image) {
    const float *from = p->features + (size_t)image * (size_t)p->channels;
    memcpy(p->scores, p->share, (size_t)p->classes * sizeof *p->scores);
    for (int c = 0; c < p->channels; c++) {
        const double x = ((double)from[c] - p->mean[c]) * p->scale[c];
        for (int k = 0; k < p->classes; k++)
            p->scores[k] += x * p->weights[(size_t)c * (size_t)p->classes + (size_t)k];
    }
    int best = 0;
    for (int k = 1; k < p->classes; k++)
        best = p->scores[k] > p->scores[best] ? k : best;
    return best;
}

/* Pictures of each class take the folds in turn, and go on where the class before ended. */
static void share_out(const int *labels, int n, int classes, int *fold) {
    int next = 0;
    for (int c = 0; c < classes; c++)
        for (int i = 0; i < n; i++)
            if (labels[i] == c)
                fold[i] = next++ % FS_SEPARABILITY_FOLDS;
}

fs_status fs_separability_run(fs_separability *out, const float *features, const int *labels, int n,
                              int channels, int classes, fs_error *err) {
    if (!fs_separability_possible(labels, n, classes))
        return fs_fail(err, FS_ERROR_ARGUMENT, "a linear probe needs two classes of %d pictures",
                       FS_SEPARABILITY_FOLDS);
    int *fold = fs_calloc((size_t)n, sizeof *fold), right = 0;
    probe p = {.features = features, .labels = labels, .n = n, .channels = channels, .classes = classes};
    fs_status status = fold ? allocate(&p, err) : fs_fail_memory(err, "a linear probe");
    p.fold = fold;
    if (status == FS_OK)
        share_out(labels, n, classes, fold);
    for (p.held = 0; status == FS_OK && p.held < FS_SEPARABILITY_FOLDS; p.held++) {
        collect(&p);
        status = decompose(&p, err);
        if (status != FS_OK)
            break;
        solve(&p, choose_ridge(&p));
        for (int i = 0; i < n; i++)
            right += fold[i] == p.held && classify(&p, i) == labels[i];
    }
    free_probe(&p);
    fs_free(fold);
    if (status == FS_OK) {
        const double share = (double)right / n;
        *out = (fs_separability){share, sqrt(share * (1 - share) / n)};
    }
    return status;
}
