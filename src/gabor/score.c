#include "gabor/score.h"

#include <math.h>

#include "gabor/models.h"

/* The line that leads from the function of amplitude 1 to the profile: profile = amplitude shape + offset. */
typedef struct line {
    double shape_mean, profile_mean, shape_squares, product, profile_squares;
} line;

static double shape_at(const fs_gabor *unit, int i, int height, int width) {
    return fs_gabor_value(unit, i % width - (width - 1) / 2.0, i / width - (height - 1) / 2.0);
}

/* Means first, then sums about them: no digits cancel where the offset is large. */
static line sums_of(const fs_gabor *unit, const double *profile, int height, int width) {
    const int n = height * width;
    line l = {0};
    for (int i = 0; i < n; i++) {
        l.shape_mean += shape_at(unit, i, height, width) / n;
        l.profile_mean += profile[i] / n;
    }
    for (int i = 0; i < n; i++) {
        const double s = shape_at(unit, i, height, width) - l.shape_mean, p = profile[i] - l.profile_mean;
        l.shape_squares += s * s;
        l.product += s * p;
        l.profile_squares += p * p;
    }
    return l;
}

fs_gabor_score fs_gabor_score_of(const fs_gabor *gabor, const double *profile, int height, int width,
                                 double *fitted, double *residual) {
    static const double flat = 1e-24; /* squares below this are rounding: such a function is a constant */
    fs_gabor unit = *gabor;
    unit.amplitude = 1;
    unit.offset = 0;
    const line l = sums_of(&unit, profile, height, width);
    fs_gabor_score score = {.offset = l.profile_mean};
    if (l.shape_squares > flat) {
        score.amplitude = l.product / l.shape_squares;
        score.offset = l.profile_mean - score.amplitude * l.shape_mean;
    }
    for (int i = 0; i < height * width; i++) {
        const double value = score.amplitude * shape_at(&unit, i, height, width) + score.offset;
        const double rest = profile[i] - value;
        score.rss += rest * rest;
        if (fitted)
            fitted[i] = value;
        if (residual)
            residual[i] = rest;
    }
    score.r2 = l.profile_squares > 0 ? 1 - score.rss / l.profile_squares : 0;
    return score;
}

fs_gabor_range fs_gabor_range_of(fs_gabor_parameter parameter, int height, int width) {
    /* Where the fits keep the parameter among those that are moved; docs of gabor/models.h. */
    static const int place[FS_GABOR_PARAMETERS] = {[FS_GABOR_X0] = 0,
                                                   [FS_GABOR_Y0] = 1,
                                                   [FS_GABOR_LAMBDA] = 3,
                                                   [FS_GABOR_SIGMA] = 4,
                                                   [FS_GABOR_GAMMA] = 5};
    fs_bound bounds[FS_SEPARABLE_MAX_SHAPE];
    if (parameter == FS_GABOR_THETA)
        return (fs_gabor_range){0, M_PI};
    if (parameter == FS_GABOR_PSI)
        return (fs_gabor_range){-M_PI, M_PI};
    if (parameter == FS_GABOR_AMPLITUDE || parameter == FS_GABOR_OFFSET)
        return (fs_gabor_range){0, 0};
    fs_model_bounds(FS_MODEL_GABOR, height, width, bounds);
    return (fs_gabor_range){bounds[place[parameter]].low, bounds[place[parameter]].high};
}
