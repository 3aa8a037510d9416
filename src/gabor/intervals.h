/* Standard errors and confidence intervals of a Gabor fit. */
#ifndef FS_GABOR_INTERVALS_H
#define FS_GABOR_INTERVALS_H

#include "gabor/fit.h"
#include "gabor/separable.h"

/* Fills stderror, low and high from gabor and rss. `fixed` marks parameters that are taken as given. work:
 * [FS_GABOR_PARAMETERS][samples]. */
void fs_gabor_intervals(fs_gabor_fit *fit, const fs_grid *grid, const bool fixed[FS_GABOR_PARAMETERS],
                        double *work);

/* The two-sided 95 % quantile of Student's t. */
double fs_student_95(int degrees);

#endif
