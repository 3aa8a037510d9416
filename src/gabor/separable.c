#include "gabor/separable.h"

#include <cminpack-1/cminpack.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

struct fs_separable {
    fs_grid grid;
    const fs_separable_model *model;
    const fs_bound *bounds;
    const double *data;
    int channels;
    double *columns;  /* [MAX_LINEAR][samples], turned into Q in place */
    double *slopes;   /* [MAX_SHAPE][samples] */
    double *residual; /* [MAX_CHANNELS][samples] */
    double *trial;    /* likewise, lmder's */
    double *jacobian; /* [MAX_SHAPE][MAX_CHANNELS * samples], lmder's columns */
    double triangle[FS_SEPARABLE_MAX_LINEAR][FS_SEPARABLE_MAX_LINEAR]; /* columns = Q triangle */
    double coefficients[FS_SEPARABLE_MAX_CHANNELS * FS_SEPARABLE_MAX_LINEAR];
    double shape[FS_SEPARABLE_MAX_SHAPE]; /* where Q and the coefficients were made */
};

static fs_status allocate(fs_separable *s, size_t n, fs_error *err) {
    s->grid.x = fs_alloc_array(n, sizeof(double));
    s->grid.y = fs_alloc_array(n, sizeof(double));
    s->columns = fs_alloc_array(n * FS_SEPARABLE_MAX_LINEAR, sizeof(double));
    s->slopes = fs_alloc_array(n * FS_SEPARABLE_MAX_SHAPE, sizeof(double));
    s->residual = fs_alloc_array(n * FS_SEPARABLE_MAX_CHANNELS, sizeof(double));
    s->trial = fs_alloc_array(n * FS_SEPARABLE_MAX_CHANNELS, sizeof(double));
    s->jacobian = fs_alloc_array(n * FS_SEPARABLE_MAX_CHANNELS * FS_SEPARABLE_MAX_SHAPE, sizeof(double));
    bool complete =
        s->grid.x && s->grid.y && s->columns && s->slopes && s->residual && s->trial && s->jacobian;
    return complete ? FS_OK : fs_fail_memory(err, "a fit");
}

fs_status fs_separable_create(fs_separable **out, int height, int width, fs_error *err) {
    fs_separable *s = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "a fit");
    s->grid.height = height;
    s->grid.width = width;
    s->grid.samples = height * width;
    fs_status status = allocate(s, (size_t)s->grid.samples, err);
    if (status != FS_OK) {
        fs_separable_destroy(s);
        return status;
    }
    for (int i = 0; i < s->grid.samples; i++) {
        s->grid.x[i] = i % width - (width - 1) / 2.0;
        s->grid.y[i] = i / width - (height - 1) / 2.0;
    }
    *out = s;
    return FS_OK;
}

void fs_separable_destroy(fs_separable *s) {
    if (!s)
        return;
    fs_free(s->grid.x);
    fs_free(s->grid.y);
    fs_free(s->columns);
    fs_free(s->slopes);
    fs_free(s->residual);
    fs_free(s->trial);
    fs_free(s->jacobian);
    fs_free(s);
}

const fs_grid *fs_separable_grid(const fs_separable *s) {
    return &s->grid;
}

void fs_separable_set(fs_separable *s, const fs_separable_model *model, const fs_bound *bounds,
                      const double *data, int channels) {
    s->model = model;
    s->bounds = bounds;
    s->data = data;
    s->channels = channels;
}

/* -- bounds -- */

static const double furthest = 30; /* of u: the parameter is then at its bound to the last bits */

/* The parameter, and its derivative with respect to u. */
static double bounded(const fs_bound *b, double u, double *slope) {
    if (b->kind == FS_BOUND_NONE) {
        *slope = 1;
        return u;
    }
    const double share = 1 / (1 + exp(-fmax(-furthest, fmin(furthest, u)))), rise = share * (1 - share);
    if (b->kind == FS_BOUND_LINEAR) {
        *slope = (b->high - b->low) * rise;
        return b->low + (b->high - b->low) * share;
    }
    const double range = log(b->high / b->low), value = b->low * exp(range * share);
    *slope = value * range * rise;
    return value;
}

static double unbounded(const fs_bound *b, double value) {
    static const double border = 0.02; /* starts keep this share of the range from the bounds */
    if (b->kind == FS_BOUND_NONE)
        return value;
    double share = b->kind == FS_BOUND_LINEAR ? (value - b->low) / (b->high - b->low)
                                              : log(fmax(value, b->low) / b->low) / log(b->high / b->low);
    share = fmax(border, fmin(1 - border, share));
    return log(share / (1 - share));
}

/* -- the linear part -- */

/* Four sums at a time, which the processor adds side by side. */
static double dot(const double *a, const double *b, int n) {
    double sum[4] = {0};
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void subtract(double *a, double factor, const double *b, int n) {
    for (int i = 0; i < n; i++)
        a[i] -= factor * b[i];
}

/* Gram-Schmidt, a second time where the first cancelled digits, which is as good as reflections. A column
 * that the ones before it make up becomes zero and gets no coefficient. */
static void orthogonalise(fs_separable *s) {
    const int n = s->grid.samples, count = s->model->n_linear;
    for (int l = 0; l < count; l++) {
        double *column = s->columns + (size_t)l * (size_t)n;
        const double before = sqrt(dot(column, column, n));
        for (int k = 0; k < l; k++)
            s->triangle[k][l] = 0;
        double length = before;
        for (int pass = 0; pass < 2 && (pass == 0 || length < 0.5 * before); pass++) {
            for (int k = 0; k < l; k++) {
                const double *q = s->columns + (size_t)k * (size_t)n;
                double share = dot(q, column, n);
                subtract(column, share, q, n);
                s->triangle[k][l] += share;
            }
            length = sqrt(dot(column, column, n));
        }
        const bool independent = length > 1e-9 * before;
        s->triangle[l][l] = independent ? length : 0;
        for (int i = 0; i < n; i++)
            column[i] = independent ? column[i] / length : 0;
    }
}

static void project_off(const fs_separable *s, double *vector, double *shares) {
    const int n = s->grid.samples;
    for (int l = 0; l < s->model->n_linear; l++) {
        const double *q = s->columns + (size_t)l * (size_t)n;
        double share = dot(q, vector, n);
        subtract(vector, share, q, n);
        if (shares)
            shares[l] = share;
    }
}

static void back_substitute(const fs_separable *s, const double *shares, double *coefficients) {
    for (int l = s->model->n_linear - 1; l >= 0; l--) {
        double rest = shares[l];
        for (int k = l + 1; k < s->model->n_linear; k++)
            rest -= s->triangle[l][k] * coefficients[k];
        coefficients[l] = s->triangle[l][l] > 0 ? rest / s->triangle[l][l] : 0;
    }
}

/* Fills residual, Q and coefficients for a shape. */
static double solve_at(fs_separable *s, const double *shape, double *residual) {
    const int n = s->grid.samples, linear = s->model->n_linear;
    double shares[FS_SEPARABLE_MAX_LINEAR], rss = 0;
    memcpy(s->shape, shape, (size_t)s->model->n_shape * sizeof *shape);
    s->model->columns(&s->grid, shape, s->columns);
    orthogonalise(s);
    for (int c = 0; c < s->channels; c++) {
        double *r = residual + (size_t)c * (size_t)n;
        memcpy(r, s->data + (size_t)c * (size_t)n, (size_t)n * sizeof *r);
        project_off(s, r, shares);
        back_substitute(s, shares, s->coefficients + c * linear);
        rss += dot(r, r, n);
    }
    return rss;
}

double fs_separable_solve(fs_separable *s, const double *shape, double *coefficients) {
    double rss = solve_at(s, shape, s->residual);
    if (coefficients)
        memcpy(coefficients, s->coefficients,
               (size_t)(s->channels * s->model->n_linear) * sizeof *coefficients);
    return rss;
}

/* -- the shape -- */

static void fill_jacobian(fs_separable *s, const double *slope_of_u, double *jacobian, int rows) {
    const int n = s->grid.samples;
    for (int c = 0; c < s->channels; c++) {
        s->model->slopes(&s->grid, s->shape, s->coefficients + c * s->model->n_linear, s->slopes);
        for (int j = 0; j < s->model->n_shape; j++) {
            double *slope = s->slopes + (size_t)j * (size_t)n;
            double *column = jacobian + (size_t)j * (size_t)rows + (size_t)c * (size_t)n;
            project_off(s, slope, NULL);
            for (int i = 0; i < n; i++)
                column[i] = -slope_of_u[j] * slope[i];
        }
    }
}

/* lmder asks for the Jacobian only where it asked for the residual last. */
static int evaluate(void *context, int m, int n, const double *u, double *residual, double *jacobian,
                    int rows, int what) {
    fs_separable *s = context;
    double shape[FS_SEPARABLE_MAX_SHAPE], slope[FS_SEPARABLE_MAX_SHAPE];
    (void)m;
    for (int j = 0; j < n; j++)
        shape[j] = bounded(&s->bounds[j], u[j], &slope[j]);
    if (what == 1)
        solve_at(s, shape, residual);
    else
        fill_jacobian(s, slope, jacobian, rows);
    return 0;
}

double fs_separable_improve(fs_separable *s, double *shape, int evaluations) {
    static const double tolerance = 1e-10, first_step = 10;
    double u[FS_SEPARABLE_MAX_SHAPE], diagonal[FS_SEPARABLE_MAX_SHAPE], qtf[FS_SEPARABLE_MAX_SHAPE],
        w1[FS_SEPARABLE_MAX_SHAPE], w2[FS_SEPARABLE_MAX_SHAPE], w3[FS_SEPARABLE_MAX_SHAPE], slope;
    int pivots[FS_SEPARABLE_MAX_SHAPE], n_residuals = 0, n_jacobians = 0;
    const int n = s->model->n_shape, m = s->grid.samples * s->channels;
    for (int j = 0; j < n; j++)
        u[j] = unbounded(&s->bounds[j], shape[j]);
    if (n > 0)
        lmder(evaluate, s, m, n, u, s->trial, s->jacobian, m, tolerance, tolerance, 0, evaluations, diagonal,
              1, first_step, 0, &n_residuals, &n_jacobians, pivots, qtf, w1, w2, w3, s->residual);
    for (int j = 0; j < n; j++)
        shape[j] = bounded(&s->bounds[j], u[j], &slope);
    return fs_separable_solve(s, shape, NULL);
}
