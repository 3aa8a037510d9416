/* Least squares fits of the Gabor function and of what could be taken for one.
 *
 *     fs_fitter *fitter = NULL;
 *     fs_fitter_create(&fitter, 7, 7, &err);
 *     double profile[49];
 *     fs_colour_split split = fs_colour_split_of(&patch, profile);
 *     fs_gabor_fit fit = fs_fitter_gabor(fitter, profile);
 *     fs_fitter_destroy(fitter);
 *
 * Method. Amplitude, phase and offset enter linearly (A cos(p + psi) = a cos p + b sin p), so for every shape
 * (centre, theta, lambda, sigma, gamma) they are solved exactly, and Levenberg-Marquardt (cminpack's lmder)
 * moves the shape alone: variable projection (Golub and Pereyra, 1973) with Kaufman's Jacobian (1975). Bounds
 * hold by construction: a shape parameter is a logistic function of the one that is moved, of its logarithm
 * for lengths. With k the kernel's longer side: lambda in [2, 2k], sigma in [1/2, k], gamma in [1/5, 5], the
 * centre inside the kernel. Start points: the peaks of the zero-padded spectrum with several envelopes, and a
 * fixed quasi-random set; all are scored, the best ones improved, the best of those brought to convergence.
 *
 * A fitter holds the memory for kernels of one size; it is for one thread at a time. Same input, same result.
 */
#ifndef FS_GABOR_FIT_H
#define FS_GABOR_FIT_H

#include <stdbool.h>

#include "gabor/gabor.h"
#include "gabor/kernels.h"

typedef struct fs_fitter fs_fitter;

/* Refuses sizes at which the models cannot be compared: the corrected information criterion needs more
 * samples than the Gabor function's parameters plus two, so 3x3 kernels (9 samples, 9 parameters) are
 * refused. */
fs_status fs_fitter_create(fs_fitter **out, int height, int width, fs_error *err);
void fs_fitter_destroy(fs_fitter *fitter); /* NULL is fine */

/* The rank-one part of a kernel seen as a matrix [channels, pixels]: a colour times a spatial profile. */
typedef struct fs_colour_split {
    double colour[FS_PATCH_MAX_CHANNELS]; /* of length one, its sum not negative; {1,0,0} for a grey kernel */
    double energy;                        /* share of the sum of squares in the rank-one part; 1 for zeros */
} fs_colour_split;
/* profile: [height][width], carries the size; the kernel's rank-one part is colour[c] * profile. */
fs_colour_split fs_colour_split_of(const fs_patch *patch, double *profile);

typedef struct fs_gabor_fit {
    fs_gabor gabor; /* canonical */
    int samples;
    double rss;             /* residual sum of squares */
    double r2, r2_adjusted; /* 1 - rss / sum of squares about the mean; 0 for a constant kernel */
    /* From the Jacobian of all nine parameters; NaN for a parameter at its bound, which the others' then take
     * as given, and for all where the Jacobian is singular. */
    double stderror[FS_GABOR_PARAMETERS];
    double low[FS_GABOR_PARAMETERS], high[FS_GABOR_PARAMETERS]; /* 95 %, Student's t */
} fs_gabor_fit;
fs_gabor_fit fs_fitter_gabor(fs_fitter *fitter, const double *profile);

/* All colour channels at once: one geometry (centre, theta, lambda, psi, sigma, gamma), an amplitude of
 * either sign and an offset for each channel. Starts from `start`, the fit of the profile. gabor/views.h
 * samples it. */
typedef struct fs_colour_fit {
    fs_gabor geometry; /* of the strongest channel: its amplitude, >= 0, and offset */
    double amplitude[FS_PATCH_MAX_CHANNELS], offset[FS_PATCH_MAX_CHANNELS];
    double rss, r2; /* over all channels, about each channel's mean */
} fs_colour_fit;
fs_colour_fit fs_fitter_colour(fs_fitter *fitter, const fs_patch *patch, const fs_gabor *start);

/* The models that are compared; docs/gabor.md has their formulas. */
typedef enum fs_kernel_model {
    FS_MODEL_CONSTANT,
    FS_MODEL_PLANE,
    FS_MODEL_BLOB,              /* an elliptic Gaussian */
    FS_MODEL_ROUND_BLOB,        /* a round one, with two parameters less */
    FS_MODEL_DOG,               /* difference of two round concentric Gaussians */
    FS_MODEL_FIRST_DERIVATIVE,  /* of an elliptic Gaussian along one of its axes */
    FS_MODEL_SECOND_DERIVATIVE, /* likewise */
    FS_MODEL_GRATING,           /* no envelope */
    FS_MODEL_CROSSED,           /* two gratings at 45 to 135 degrees */
    FS_MODEL_GABOR,
    FS_MODELS
} fs_kernel_model;
const char *fs_kernel_model_name(fs_kernel_model model); /* as in files: "first_derivative" */

typedef struct fs_model_score {
    int parameters; /* without the noise variance */
    double rss, r2; /* as above */
    double aicc;    /* n ln(rss / n) + 2 p + 2 p (p + 1) / (n - p - 1), p = parameters + 1 (Hurvich and Tsai
                       1989) */
} fs_model_score;
/* A fit of one model. For FS_MODEL_GABOR the same as fs_fitter_gabor finds. */
fs_model_score fs_fitter_score(fs_fitter *fitter, fs_kernel_model model, const double *profile);
/* The best fit of a model itself, [height][width]. */
void fs_fitter_sample(fs_fitter *fitter, fs_kernel_model model, const double *profile, double *out);
/* The score that an rss means. */
fs_model_score fs_model_score_of(fs_kernel_model model, const double *profile, int samples, double rss);

#endif
