#include "gabor/shape.h"

#include <math.h>

#include "gabor/classify.h"

double fs_gabor_bandwidth(const fs_gabor *g) {
    const double s = M_PI * g->sigma / g->lambda, h = sqrt(M_LN2 / 2);
    return s > h ? log2((s + h) / (s - h)) : (double)NAN;
}

double fs_gabor_nx(const fs_gabor *g) {
    return g->sigma / g->lambda;
}

double fs_gabor_ny(const fs_gabor *g) {
    return g->sigma / (g->gamma * g->lambda);
}

double fs_gabor_folded_phase(const fs_gabor *g) {
    const double phase = fabs(remainder(g->psi, 2 * M_PI));
    return phase > M_PI / 2 ? M_PI - phase : phase;
}

static double share_of_grey(const fs_colour_split *split, int channels) {
    double sum = 0;
    for (int c = 0; c < channels; c++)
        sum += split->colour[c];
    return fmin(1, sum * sum / channels);
}

double fs_colour_saturation(const fs_colour_split *split, int channels) {
    return sqrt(1 - share_of_grey(split, channels));
}

bool fs_colour_is_chromatic(const fs_colour_split *split, int channels) {
    return share_of_grey(split, channels) < FS_COLOUR_BLOB_GREY;
}
