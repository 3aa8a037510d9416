/* Gabor functions fitted to the same kernels before and after, and how far their parameters drifted.
 *
 *     fs_gabor_drifts_of(&drifts, &before, &after, pool, progress, &err);
 *     for (int i = 0; i < drifts.count; i++)
 *         show(drifts.items[i].lambda, drifts.items[i].theta);
 *     fs_gabor_drifts_free(&drifts);
 *
 * Of many versions each is fitted once, and any two of them are compared:
 *
 *     fs_gabor_fits_of(&first, &before, pool, progress, &err);
 *     fs_gabor_fits_of(&later, &after, pool, progress, &err);
 *     fs_gabor_mean_drift_of(&mean, &first, &later, &err);
 *
 * A drift means something where both fits explain their kernel: fs_gabor_drift_counts. The result does not
 * depend on the number of threads. */
#ifndef FS_GABOR_DRIFT_H
#define FS_GABOR_DRIFT_H

#include "base/pool.h"
#include "base/progress.h"
#include "gabor/fit.h"

typedef struct fs_gabor_drift {
    fs_gabor_fit before, after; /* of the kernels' profiles */
    double lambda, sigma;       /* after - before, pixels */
    double theta;               /* after - before, of the line: in (-pi/2, pi/2] */
} fs_gabor_drift;

typedef struct fs_gabor_drifts {
    int count;
    fs_gabor_drift *items; /* [count], in the order of the kernels */
} fs_gabor_drifts;

typedef struct fs_gabor_fits {
    int count;
    int height, width;   /* of the kernels */
    fs_gabor_fit *items; /* [count], of the kernels' profiles */
} fs_gabor_fits;

/* Of one parameter, over the kernels whose drift counts and where neither fit has it at its bound or without
 * an error of its own. A fit that found another minimum is a large drift, which means follow and medians do
 * not. */
typedef struct fs_drift_summary {
    int kernels;         /* all else is NaN when there are none */
    double mean, median; /* of the drifts' magnitudes */
    double signed_mean;  /* of the drifts: which way, on average */
} fs_drift_summary;

typedef struct fs_gabor_mean_drift {
    int count;                             /* of the kernels whose drift counts */
    fs_drift_summary lambda, theta, sigma; /* pixels, radians, pixels */
} fs_gabor_mean_drift;

/* Whether both R2 are at least 1/2, what analysis.h asks of a fit that explains. */
bool fs_gabor_drift_counts(const fs_gabor_drift *drift);
/* The angle between two lines, radians: theta is known up to half a turn. */
double fs_gabor_theta_difference(double before, double after);

fs_gabor_drift fs_gabor_drift_between(const fs_gabor_fit *before, const fs_gabor_fit *after);

/* Sizes as fs_fitter_create takes them. */
fs_status fs_gabor_fits_of(fs_gabor_fits *out, const fs_kernels *kernels, fs_pool *pool,
                           const fs_progress *progress, fs_error *err);
void fs_gabor_fits_free(fs_gabor_fits *fits);
/* Of as many kernels: before->count and after->count are the same. */
fs_status fs_gabor_mean_drift_of(fs_gabor_mean_drift *out, const fs_gabor_fits *before,
                                 const fs_gabor_fits *after, fs_error *err);

/* FS_ERROR_UNSUPPORTED when number or size of the kernels differ; sizes as fs_fitter_create takes them. */
fs_status fs_gabor_drifts_of(fs_gabor_drifts *out, const fs_kernels *before, const fs_kernels *after,
                             fs_pool *pool, const fs_progress *progress, fs_error *err);
void fs_gabor_drifts_free(fs_gabor_drifts *drifts);

#endif
