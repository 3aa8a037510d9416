/* Separable least squares: models that are linear in some parameters and not in the others (the shape).
 *
 * For every shape the linear coefficients are solved exactly by an orthogonal basis Q of the model's columns,
 * and Levenberg-Marquardt (cminpack's lmder) moves the shape: variable projection (Golub and Pereyra, SIAM J.
 * Numer. Anal. 10, 1973). The Jacobian is Kaufman's (BIT 15, 1975): the slopes of the model at the solved
 * coefficients, projected off Q; its gradient is exact.
 *
 * Bounds hold by construction: lmder moves u in the real numbers, a bounded shape parameter is
 * low + (high - low) / (1 + exp(-u)), or the same of its logarithm. Several channels of data share shape and
 * columns and have coefficients of their own. One solver a thread. */
#ifndef FS_GABOR_SEPARABLE_H
#define FS_GABOR_SEPARABLE_H

#include "base/error.h"

enum { FS_SEPARABLE_MAX_SHAPE = 7, FS_SEPARABLE_MAX_LINEAR = 5, FS_SEPARABLE_MAX_CHANNELS = 3 };

typedef enum fs_bound_kind { FS_BOUND_NONE, FS_BOUND_LINEAR, FS_BOUND_LOGARITHMIC } fs_bound_kind;

typedef struct fs_bound {
    fs_bound_kind kind;
    double low, high;
} fs_bound;

/* Pixels of a kernel, their coordinates from its centre. */
typedef struct fs_grid {
    int height, width, samples;
    double *x, *y; /* [samples] */
} fs_grid;

typedef struct fs_separable_model {
    int n_shape, n_linear;
    /* The model's columns at a shape, [n_linear][samples]. */
    void (*columns)(const fs_grid *grid, const double *shape, double *out);
    /* Derivatives of sum(coefficients * columns) with respect to the shape, [n_shape][samples]. NULL when
     * n_shape is 0. */
    void (*slopes)(const fs_grid *grid, const double *shape, const double *coefficients, double *out);
} fs_separable_model;

typedef struct fs_separable fs_separable;

fs_status fs_separable_create(fs_separable **out, int height, int width, fs_error *err);
void fs_separable_destroy(fs_separable *solver); /* NULL is fine */
const fs_grid *fs_separable_grid(const fs_separable *solver);

/* What is solved next: model, bounds [n_shape], data [channels][samples]; all borrowed. */
void fs_separable_set(fs_separable *solver, const fs_separable_model *model, const fs_bound *bounds,
                      const double *data, int channels);
/* Residual sum of squares with the best coefficients [channels][n_linear] (NULL: not wanted) at a shape. */
double fs_separable_solve(fs_separable *solver, const double *shape, double *coefficients);
/* Moves the shape to a minimum, with at most `evaluations` of the model; returns the residual sum of squares
 * there. A shape on or beyond its bounds starts just inside. */
double fs_separable_improve(fs_separable *solver, double *shape, int evaluations);

#endif
