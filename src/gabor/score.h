/* How well a Gabor function that somebody has chosen describes a kernel: what sliders are moved against.
 *
 *     fs_gabor_score score = fs_gabor_score_of(&gabor, profile, 7, 7, fitted, residual);
 *     ... score.r2 ...
 *
 * Amplitude and offset enter linearly, so the best ones are found exactly for whatever the other seven
 * parameters are; those of the argument are ignored. An amplitude below zero says that the phase is half a
 * turn off. Costs two evaluations of the function at every pixel and allocates nothing. Any thread. */
#ifndef FS_GABOR_SCORE_H
#define FS_GABOR_SCORE_H

#include "gabor/gabor.h"

typedef struct fs_gabor_score {
    double amplitude, offset; /* in the kernel's unit */
    double rss, r2;           /* as in gabor/fit.h; r2 is 0 for a constant kernel */
} fs_gabor_score;

/* profile: [height][width]. fitted and residual, of the same size, may be NULL: the function with the solved
 * amplitude and offset, and the profile without it. */
fs_gabor_score fs_gabor_score_of(const fs_gabor *gabor, const double *profile, int height, int width,
                                 double *fitted, double *residual);

/* Where a parameter of the shape may go for a kernel of this size: the bounds of the fits, half a turn for
 * theta, a whole one for psi. Amplitude and offset have none: 0, 0. */
typedef struct fs_gabor_range {
    double low, high;
} fs_gabor_range;
fs_gabor_range fs_gabor_range_of(fs_gabor_parameter parameter, int height, int width);

#endif
