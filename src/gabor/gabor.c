#include "gabor/gabor.h"

#include <math.h>

const char *fs_gabor_parameter_name(fs_gabor_parameter parameter) {
    static const char *const names[] = {"lambda_px", "theta_rad", "psi_rad",   "sigma_px", "gamma",
                                        "x0_px",     "y0_px",     "amplitude", "offset"};
    return names[parameter];
}

double fs_gabor_get(const fs_gabor *g, fs_gabor_parameter parameter) {
    const double values[] = {g->lambda, g->theta, g->psi,       g->sigma, g->gamma,
                             g->x0,     g->y0,    g->amplitude, g->offset};
    return values[parameter];
}

double fs_gabor_value(const fs_gabor *g, double x, double y) {
    const double c = cos(g->theta), s = sin(g->theta);
    const double across = (x - g->x0) * c + (y - g->y0) * s, along = (y - g->y0) * c - (x - g->x0) * s;
    const double distance = across * across + g->gamma * g->gamma * along * along;
    return g->amplitude * exp(-distance / (2 * g->sigma * g->sigma)) *
               cos(2 * M_PI * across / g->lambda + g->psi) +
           g->offset;
}

double fs_gabor_gradient(const fs_gabor *g, double x, double y, double out[FS_GABOR_PARAMETERS]) {
    const double c = cos(g->theta), s = sin(g->theta), wave = 2 * M_PI / g->lambda;
    const double across = (x - g->x0) * c + (y - g->y0) * s, along = (y - g->y0) * c - (x - g->x0) * s;
    const double square = g->sigma * g->sigma, gamma2 = g->gamma * g->gamma;
    const double distance = across * across + gamma2 * along * along;
    const double envelope = exp(-distance / (2 * square)), phase = wave * across + g->psi;
    const double even = envelope * cos(phase), odd = g->amplitude * envelope * sin(phase);
    const double value = g->amplitude * even;
    const double by_across = -value * across / square - odd * wave,
                 by_along = -value * gamma2 * along / square;
    out[FS_GABOR_LAMBDA] = odd * wave * across / g->lambda;
    out[FS_GABOR_THETA] = by_across * along - by_along * across;
    out[FS_GABOR_PSI] = -odd;
    out[FS_GABOR_SIGMA] = value * distance / (square * g->sigma);
    out[FS_GABOR_GAMMA] = -value * g->gamma * along * along / square;
    out[FS_GABOR_X0] = -by_across * c + by_along * s;
    out[FS_GABOR_Y0] = -by_across * s - by_along * c;
    out[FS_GABOR_AMPLITUDE] = even;
    out[FS_GABOR_OFFSET] = 1;
    return value + g->offset;
}

/* The angle plus whole periods, in [low, low + period). */
static double wrap(double angle, double low, double period) {
    double moved = angle - period * floor((angle - low) / period);
    return moved < low + period ? moved : low; /* rounding may end on the far border */
}

fs_gabor fs_gabor_canonical(fs_gabor g) {
    g.lambda = fabs(g.lambda);
    g.sigma = fabs(g.sigma);
    g.gamma = fabs(g.gamma);
    if (g.amplitude < 0) {
        g.amplitude = -g.amplitude;
        g.psi += M_PI;
    }
    g.theta = wrap(g.theta, 0, 2 * M_PI);
    if (g.theta >= M_PI) {
        g.theta -= M_PI;
        g.psi = -g.psi;
    }
    g.psi = -wrap(-g.psi, -M_PI, 2 * M_PI);
    return g;
}

void fs_gabor_sample(const fs_gabor *g, int height, int width, double *out) {
    for (int row = 0; row < height; row++)
        for (int column = 0; column < width; column++)
            *out++ = fs_gabor_value(g, column - (width - 1) / 2.0, row - (height - 1) / 2.0);
}
