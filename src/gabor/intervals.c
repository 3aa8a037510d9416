#include "gabor/intervals.h"

#include <float.h>
#include <math.h>

#include "gabor/lapack.h"

/* The expansion about the normal quantile in powers of 1 / degrees (Abramowitz and Stegun, 26.7.5); within
 * 1e-3 from 4 degrees on. */
double fs_student_95(int degrees) {
    const double z = 1.959963984540054, z2 = z * z, v = degrees;
    const double g1 = z * (z2 + 1) / 4, g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    const double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
    return z + g1 / v + g2 / (v * v) + g3 / (v * v * v) + g4 / (v * v * v * v);
}

/* Columns of the Jacobian that are not fixed, scaled to length one; false when one of them is zero. */
static bool fill_jacobian(const fs_gabor *g, const fs_grid *grid, const int *index, int count,
                          double *jacobian, double *length) {
    const int n = grid->samples;
    double *places[FS_GABOR_PARAMETERS] = {NULL};
    for (int j = 0; j < count; j++)
        places[index[j]] = jacobian + j * n;
    fs_gabor_gradients(g, grid->x, grid->y, n, places);
    for (int j = 0; j < count; j++) {
        double sum = 0;
        for (int i = 0; i < n; i++)
            sum += jacobian[j * n + i] * jacobian[j * n + i];
        length[j] = sqrt(sum);
        if (!(length[j] > 0) || !isfinite(length[j]))
            return false;
        for (int i = 0; i < n; i++)
            jacobian[j * n + i] /= length[j];
    }
    return true;
}

/* J = QR in place, then R turned into its inverse; false when J is singular to working precision. */
static bool invert_triangle(double *jacobian, int samples, int count) {
    enum { WORK = 64 * FS_GABOR_PARAMETERS };
    double tau[FS_GABOR_PARAMETERS], work[WORK];
    const int work_size = WORK;
    int info = 0;
    dgeqrf_(&samples, &count, jacobian, &samples, tau, work, &work_size, &info);
    for (int j = 0; j < count; j++)
        if (fabs(jacobian[j * samples + j]) < 1e-10)
            return false;
    dtrtri_("U", "N", &count, jacobian, &samples, &info);
    return info == 0;
}

void fs_gabor_intervals(fs_gabor_fit *fit, const fs_grid *grid, const bool fixed[FS_GABOR_PARAMETERS],
                        double *work) {
    int index[FS_GABOR_PARAMETERS], count = 0;
    double length[FS_GABOR_PARAMETERS];
    for (int p = 0; p < FS_GABOR_PARAMETERS; p++) {
        fit->stderror[p] = fit->low[p] = fit->high[p] = (double)NAN;
        if (!fixed[p])
            index[count++] = p;
    }
    const int degrees = grid->samples - FS_GABOR_PARAMETERS;
    if (!fill_jacobian(&fit->gabor, grid, index, count, work, length) ||
        !invert_triangle(work, grid->samples, count))
        return;
    const double variance = fit->rss / degrees, quantile = fs_student_95(degrees);
    for (int j = 0; j < count; j++) {
        double sum = 0; /* the row of the inverse: its square is the diagonal of (J'J)^-1 */
        for (int l = j; l < count; l++)
            sum += work[l * grid->samples + j] * work[l * grid->samples + j];
        const int p = index[j];
        const double value = fs_gabor_get(&fit->gabor, (fs_gabor_parameter)p);
        fit->stderror[p] = sqrt(variance * sum) / length[j];
        fit->low[p] = value - quantile * fit->stderror[p];
        fit->high[p] = value + quantile * fit->stderror[p];
    }
}
