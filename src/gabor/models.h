/* The models of gabor/fit.h as separable models. Shapes, in this order:
 *
 *     blob, derivatives   x0, y0, theta, sigma, gamma
 *     round blob          x0, y0, sigma
 *     dog                 x0, y0, sigma of the centre, sigma of the surround
 *     grating             lambda, theta
 *     crossed             lambda, theta, lambda, angle between the two
 *     gabor               x0, y0, theta, lambda, sigma, gamma            columns: cos, sin, 1
 *     gabor in colour     x0, y0, theta, lambda, sigma, gamma, psi       columns: gabor, 1
 *
 * The last column of every model is the constant. */
#ifndef FS_GABOR_MODELS_H
#define FS_GABOR_MODELS_H

#include "gabor/fit.h"
#include "gabor/separable.h"

typedef struct fs_model_info {
    const char *name;
    fs_separable_model separable;
} fs_model_info;

enum { FS_MODEL_GABOR_IN_COLOUR = FS_MODELS, FS_MODELS_FITTED };

extern const fs_model_info fs_model_table[FS_MODELS_FITTED];

/* The bounds of a model's shape at a kernel size. */
void fs_model_bounds(int model, int height, int width, fs_bound out[FS_SEPARABLE_MAX_SHAPE]);

/* Shape and coefficients of the two Gabor models as a function, not yet canonical. */
fs_gabor fs_model_gabor(const double *shape, const double *coefficients);
fs_gabor fs_model_gabor_in_colour(const double *shape, const double *coefficients);

#endif
