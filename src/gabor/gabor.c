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

void fs_gabor_set(fs_gabor *g, fs_gabor_parameter parameter, double value) {
    double *const members[] = {&g->lambda, &g->theta, &g->psi,       &g->sigma, &g->gamma,
                               &g->x0,     &g->y0,    &g->amplitude, &g->offset};
    *members[parameter] = value;
}

/* What does not change from pixel to pixel. */
typedef struct prepared {
    const fs_gabor *gabor;
    double cosine, sine, wave, square, gamma2;
} prepared;

static prepared prepare(const fs_gabor *g) {
    return (prepared){
        g, cos(g->theta), sin(g->theta), 2 * M_PI / g->lambda, g->sigma * g->sigma, g->gamma * g->gamma};
}

static inline double value_at(const prepared *p, double x, double y) {
    const fs_gabor *g = p->gabor;
    const double dx = x - g->x0, dy = y - g->y0;
    const double across = dx * p->cosine + dy * p->sine, along = dy * p->cosine - dx * p->sine;
    const double distance = across * across + p->gamma2 * along * along;
    return g->amplitude * exp(-distance / (2 * p->square)) * cos(p->wave * across + g->psi) + g->offset;
}

static inline double gradient_at(const prepared *p, double x, double y, double out[FS_GABOR_PARAMETERS]) {
    const fs_gabor *g = p->gabor;
    const double dx = x - g->x0, dy = y - g->y0;
    const double across = dx * p->cosine + dy * p->sine, along = dy * p->cosine - dx * p->sine;
    const double distance = across * across + p->gamma2 * along * along;
    double c, s;
    sincos(p->wave * across + g->psi, &s, &c);
    const double envelope = exp(-distance / (2 * p->square));
    const double value = g->amplitude * envelope * c, odd = g->amplitude * envelope * s;
    const double by_across = -value * across / p->square - odd * p->wave;
    const double by_along = -value * p->gamma2 * along / p->square;
    out[FS_GABOR_LAMBDA] = odd * p->wave * across / g->lambda;
    out[FS_GABOR_THETA] = by_across * along - by_along * across;
    out[FS_GABOR_PSI] = -odd;
    out[FS_GABOR_SIGMA] = value * distance / (p->square * g->sigma);
    out[FS_GABOR_GAMMA] = -value * g->gamma * along * along / p->square;
    out[FS_GABOR_X0] = -by_across * p->cosine + by_along * p->sine;
    out[FS_GABOR_Y0] = -by_across * p->sine - by_along * p->cosine;
    out[FS_GABOR_AMPLITUDE] = envelope * c;
    out[FS_GABOR_OFFSET] = 1;
    return value + g->offset;
}

double fs_gabor_value(const fs_gabor *gabor, double x, double y) {
    const prepared p = prepare(gabor);
    return value_at(&p, x, y);
}

double fs_gabor_gradient(const fs_gabor *gabor, double x, double y, double out[FS_GABOR_PARAMETERS]) {
    const prepared p = prepare(gabor);
    return gradient_at(&p, x, y, out);
}

void fs_gabor_gradients(const fs_gabor *gabor, const double *x, const double *y, int count,
                        double *const out[FS_GABOR_PARAMETERS]) {
    const prepared p = prepare(gabor);
    double d[FS_GABOR_PARAMETERS];
    for (int i = 0; i < count; i++) {
        gradient_at(&p, x[i], y[i], d);
        for (int k = 0; k < FS_GABOR_PARAMETERS; k++)
            if (out[k])
                out[k][i] = d[k];
    }
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

void fs_gabor_sample(const fs_gabor *gabor, int height, int width, double *out) {
    const prepared p = prepare(gabor);
    for (int row = 0; row < height; row++)
        for (int column = 0; column < width; column++)
            *out++ = value_at(&p, column - (width - 1) / 2.0, row - (height - 1) / 2.0);
}
