#include "gabor/models.h"

#include <math.h>

/* -- the constant and the plane -- */

static void constant_columns(const fs_grid *grid, const double *shape, double *out) {
    (void)shape;
    for (int i = 0; i < grid->samples; i++)
        out[i] = 1;
}

static void plane_columns(const fs_grid *grid, const double *shape, double *out) {
    const int n = grid->samples;
    for (int i = 0; i < n; i++) {
        out[i] = grid->x[i];
        out[n + i] = grid->y[i];
    }
    constant_columns(grid, shape, out + 2 * n);
}

/* -- Gaussians and their derivatives along an axis: polynomial(across / sigma) envelope -- */

typedef struct oriented {
    double cosine, sine, x0, y0, sigma, gamma2;
} oriented;

static oriented oriented_of(const double *shape, double sigma, double gamma) {
    return (oriented){cos(shape[2]), sin(shape[2]), shape[0], shape[1], sigma, gamma * gamma};
}

static double across_of(const oriented *o, double x, double y) {
    return (x - o->x0) * o->cosine + (y - o->y0) * o->sine;
}

static double along_of(const oriented *o, double x, double y) {
    return (y - o->y0) * o->cosine - (x - o->x0) * o->sine;
}

static double envelope_of(const oriented *o, double across, double along) {
    return exp(-(across * across + o->gamma2 * along * along) / (2 * o->sigma * o->sigma));
}

/* In t = across / sigma: 1, t, t^2 - 1, and its derivative. */
static double polynomial(int order, double t, double *slope) {
    *slope = order == 0 ? 0 : order == 1 ? 1 : 2 * t;
    return order == 0 ? 1 : order == 1 ? t : t * t - 1;
}

static void gaussian_columns(const fs_grid *grid, const double *shape, int order, double *out) {
    const oriented o = oriented_of(shape, shape[3], shape[4]);
    double unused;
    for (int i = 0; i < grid->samples; i++) {
        double across = across_of(&o, grid->x[i], grid->y[i]), along = along_of(&o, grid->x[i], grid->y[i]);
        out[i] = polynomial(order, across / o.sigma, &unused) * envelope_of(&o, across, along);
    }
    constant_columns(grid, shape, out + grid->samples);
}

static void gaussian_slopes(const fs_grid *grid, const double *shape, const double *coefficients, int order,
                            double *out) {
    const oriented o = oriented_of(shape, shape[3], shape[4]);
    const int n = grid->samples;
    const double square = o.sigma * o.sigma;
    for (int i = 0; i < n; i++) {
        double across = across_of(&o, grid->x[i], grid->y[i]), along = along_of(&o, grid->x[i], grid->y[i]);
        double rise, p = polynomial(order, across / o.sigma, &rise);
        double envelope = coefficients[0] * envelope_of(&o, across, along), value = p * envelope;
        double by_across = envelope * rise / o.sigma - value * across / square;
        double by_along = -value * o.gamma2 * along / square;
        out[i] = -by_across * o.cosine + by_along * o.sine;
        out[n + i] = -by_across * o.sine - by_along * o.cosine;
        out[2 * n + i] = by_across * along - by_along * across;
        out[3 * n + i] = -(by_across * across + by_along * along) / o.sigma;
        out[4 * n + i] = -value * shape[4] * along * along / square;
    }
}

static void blob_columns(const fs_grid *grid, const double *shape, double *out) {
    gaussian_columns(grid, shape, 0, out);
}
static void blob_slopes(const fs_grid *grid, const double *shape, const double *coefficients, double *out) {
    gaussian_slopes(grid, shape, coefficients, 0, out);
}
static void first_columns(const fs_grid *grid, const double *shape, double *out) {
    gaussian_columns(grid, shape, 1, out);
}
static void first_slopes(const fs_grid *grid, const double *shape, const double *coefficients, double *out) {
    gaussian_slopes(grid, shape, coefficients, 1, out);
}
static void second_columns(const fs_grid *grid, const double *shape, double *out) {
    gaussian_columns(grid, shape, 2, out);
}
static void second_slopes(const fs_grid *grid, const double *shape, const double *coefficients, double *out) {
    gaussian_slopes(grid, shape, coefficients, 2, out);
}

/* -- one or two round Gaussians: x0, y0, and a sigma each -- */

static void round_columns(const fs_grid *grid, const double *shape, int count, double *out) {
    const int n = grid->samples;
    for (int k = 0; k < count; k++)
        for (int i = 0; i < n; i++) {
            double x = grid->x[i] - shape[0], y = grid->y[i] - shape[1];
            out[k * n + i] = exp(-(x * x + y * y) / (2 * shape[2 + k] * shape[2 + k]));
        }
    constant_columns(grid, shape, out + count * n);
}

static void round_slopes(const fs_grid *grid, const double *shape, const double *coefficients, int count,
                         double *out) {
    const int n = grid->samples;
    for (int i = 0; i < n; i++) {
        double x = grid->x[i] - shape[0], y = grid->y[i] - shape[1], square = x * x + y * y;
        out[i] = out[n + i] = 0;
        for (int k = 0; k < count; k++) {
            double sigma = shape[2 + k], value = coefficients[k] * exp(-square / (2 * sigma * sigma));
            out[i] += value * x / (sigma * sigma);
            out[n + i] += value * y / (sigma * sigma);
            out[(2 + k) * n + i] = value * square / (sigma * sigma * sigma);
        }
    }
}

static void round_blob_columns(const fs_grid *grid, const double *shape, double *out) {
    round_columns(grid, shape, 1, out);
}
static void round_blob_slopes(const fs_grid *grid, const double *shape, const double *coefficients,
                              double *out) {
    round_slopes(grid, shape, coefficients, 1, out);
}
static void dog_columns(const fs_grid *grid, const double *shape, double *out) {
    round_columns(grid, shape, 2, out);
}
static void dog_slopes(const fs_grid *grid, const double *shape, const double *coefficients, double *out) {
    round_slopes(grid, shape, coefficients, 2, out);
}

/* -- gratings: lambda, theta -- */

/* cos and sin of a x + b y + c at all pixels, from those of its two parts: a sum for each pixel instead of a
 * sine. */
static void carrier(const fs_grid *grid, double a, double b, double c, double *cosine, double *sine) {
    double cx[FS_PATCH_MAX_SIDE], sx[FS_PATCH_MAX_SIDE], cy, sy;
    for (int column = 0; column < grid->width; column++)
        sincos(a * grid->x[column], &sx[column], &cx[column]);
    for (int row = 0; row < grid->height; row++) {
        const int first = row * grid->width;
        sincos(b * grid->y[first] + c, &sy, &cy);
        for (int column = 0; column < grid->width; column++) {
            cosine[first + column] = cx[column] * cy - sx[column] * sy;
            sine[first + column] = sx[column] * cy + cx[column] * sy;
        }
    }
}

static void waves(const fs_grid *grid, const double *shape, double *out) {
    const double wave = 2 * M_PI / shape[0];
    carrier(grid, wave * cos(shape[1]), wave * sin(shape[1]), 0, out, out + grid->samples);
}

static void waves_slopes(const fs_grid *grid, const double *shape, const double *coefficients, double *out) {
    const double wave = 2 * M_PI / shape[0], c = cos(shape[1]), s = sin(shape[1]);
    double *by_lambda = out, *by_theta = out + grid->samples;
    waves(grid, shape, out);
    for (int i = 0; i < grid->samples; i++) {
        double across = grid->x[i] * c + grid->y[i] * s, along = grid->y[i] * c - grid->x[i] * s;
        double by_phase =
            coefficients[1] * by_lambda[i] - coefficients[0] * by_theta[i]; /* still cos and sin */
        by_lambda[i] = -by_phase * wave * across / shape[0];
        by_theta[i] = by_phase * wave * along;
    }
}

static void grating_columns(const fs_grid *grid, const double *shape, double *out) {
    waves(grid, shape, out);
    constant_columns(grid, shape, out + 2 * grid->samples);
}

/* The second one lies at an angle to the first that is bounded away from zero. */
static void second_grating(const double *shape, double out[2]) {
    out[0] = shape[2];
    out[1] = shape[1] + shape[3];
}

static void crossed_columns(const fs_grid *grid, const double *shape, double *out) {
    double second[2];
    second_grating(shape, second);
    waves(grid, shape, out);
    waves(grid, second, out + 2 * grid->samples);
    constant_columns(grid, shape, out + 4 * grid->samples);
}

static void crossed_slopes(const fs_grid *grid, const double *shape, const double *coefficients,
                           double *out) {
    const int n = grid->samples;
    double second[2];
    second_grating(shape, second);
    waves_slopes(grid, shape, coefficients, out);
    waves_slopes(grid, second, coefficients + 2, out + 2 * n);
    for (int i = 0; i < n; i++)
        out[n + i] += out[3 * n + i];
}

/* -- Gabor -- */

fs_gabor fs_model_gabor(const double *shape, const double *coefficients) {
    return (fs_gabor){.x0 = shape[0],
                      .y0 = shape[1],
                      .theta = shape[2],
                      .lambda = shape[3],
                      .sigma = shape[4],
                      .gamma = shape[5],
                      .amplitude = hypot(coefficients[0], coefficients[1]),
                      .psi = atan2(-coefficients[1], coefficients[0]),
                      .offset = coefficients[2]};
}

fs_gabor fs_model_gabor_in_colour(const double *shape, const double *coefficients) {
    return (fs_gabor){.x0 = shape[0],
                      .y0 = shape[1],
                      .theta = shape[2],
                      .lambda = shape[3],
                      .sigma = shape[4],
                      .gamma = shape[5],
                      .psi = shape[6],
                      .amplitude = coefficients[0],
                      .offset = coefficients[1]};
}

static const fs_gabor_parameter gabor_order[] = {
    FS_GABOR_X0, FS_GABOR_Y0, FS_GABOR_THETA, FS_GABOR_LAMBDA, FS_GABOR_SIGMA, FS_GABOR_GAMMA, FS_GABOR_PSI};

static void gabor_columns(const fs_grid *grid, const double *shape, double *out) {
    const oriented o = oriented_of(shape, shape[4], shape[5]);
    const double wave = 2 * M_PI / shape[3], start = -wave * (o.x0 * o.cosine + o.y0 * o.sine);
    const int n = grid->samples;
    carrier(grid, wave * o.cosine, wave * o.sine, start, out, out + n);
    for (int i = 0; i < n; i++) {
        double across = across_of(&o, grid->x[i], grid->y[i]), along = along_of(&o, grid->x[i], grid->y[i]);
        double envelope = envelope_of(&o, across, along);
        out[i] *= envelope;
        out[n + i] *= envelope;
    }
    constant_columns(grid, shape, out + 2 * n);
}

static void gabor_in_colour_columns(const fs_grid *grid, const double *shape, double *out) {
    const double unit[] = {1, 0};
    const fs_gabor g = fs_model_gabor_in_colour(shape, unit);
    fs_gabor_sample(&g, grid->height, grid->width, out);
    constant_columns(grid, shape, out + grid->samples);
}

static void slopes_of(const fs_grid *grid, const fs_gabor *g, int count, double *out) {
    double *places[FS_GABOR_PARAMETERS] = {NULL};
    for (int j = 0; j < count; j++)
        places[gabor_order[j]] = out + j * grid->samples;
    fs_gabor_gradients(g, grid->x, grid->y, grid->samples, places);
}

static void gabor_slopes(const fs_grid *grid, const double *shape, const double *coefficients, double *out) {
    const fs_gabor g = fs_model_gabor(shape, coefficients);
    slopes_of(grid, &g, 6, out);
}

static void gabor_in_colour_slopes(const fs_grid *grid, const double *shape, const double *coefficients,
                                   double *out) {
    const fs_gabor g = fs_model_gabor_in_colour(shape, coefficients);
    slopes_of(grid, &g, 7, out);
}

const fs_model_info fs_model_table[FS_MODELS_FITTED] = {
    [FS_MODEL_CONSTANT] = {"constant", {0, 1, constant_columns, NULL}},
    [FS_MODEL_PLANE] = {"plane", {0, 3, plane_columns, NULL}},
    [FS_MODEL_BLOB] = {"blob", {5, 2, blob_columns, blob_slopes}},
    [FS_MODEL_ROUND_BLOB] = {"round_blob", {3, 2, round_blob_columns, round_blob_slopes}},
    [FS_MODEL_DOG] = {"difference_of_gaussians", {4, 3, dog_columns, dog_slopes}},
    [FS_MODEL_FIRST_DERIVATIVE] = {"first_derivative", {5, 2, first_columns, first_slopes}},
    [FS_MODEL_SECOND_DERIVATIVE] = {"second_derivative", {5, 2, second_columns, second_slopes}},
    [FS_MODEL_GRATING] = {"grating", {2, 3, grating_columns, waves_slopes}},
    [FS_MODEL_CROSSED] = {"crossed_gratings", {4, 5, crossed_columns, crossed_slopes}},
    [FS_MODEL_GABOR] = {"gabor", {6, 3, gabor_columns, gabor_slopes}},
    [FS_MODEL_GABOR_IN_COLOUR] = {"gabor_in_colour",
                                  {7, 2, gabor_in_colour_columns, gabor_in_colour_slopes}}};

const char *fs_kernel_model_name(fs_kernel_model model) {
    return fs_model_table[model].name;
}

/* -- bounds -- */

void fs_model_bounds(int model, int height, int width, fs_bound out[FS_SEPARABLE_MAX_SHAPE]) {
    const double k = height > width ? height : width;
    const fs_bound x = {FS_BOUND_LINEAR, -width / 2.0, width / 2.0};
    const fs_bound y = {FS_BOUND_LINEAR, -height / 2.0, height / 2.0};
    const fs_bound angle = {FS_BOUND_NONE, 0, 0}, lambda = {FS_BOUND_LOGARITHMIC, 2, 2 * k};
    const fs_bound sigma = {FS_BOUND_LOGARITHMIC, 0.5, k}, gamma = {FS_BOUND_LOGARITHMIC, 0.2, 5};
    const fs_bound gaussian[] = {x, y, angle, sigma, gamma}, round_ones[] = {x, y, sigma, sigma};
    const fs_bound crossing = {FS_BOUND_LINEAR, M_PI / 4, 3 * M_PI / 4};
    const fs_bound gratings[] = {lambda, angle, lambda, crossing};
    const fs_bound gabor[] = {x, y, angle, lambda, sigma, gamma, angle};
    const fs_bound *chosen = gaussian;
    if (model == FS_MODEL_DOG || model == FS_MODEL_ROUND_BLOB)
        chosen = round_ones;
    else if (model == FS_MODEL_GRATING || model == FS_MODEL_CROSSED)
        chosen = gratings;
    else if (model == FS_MODEL_GABOR || model == FS_MODEL_GABOR_IN_COLOUR)
        chosen = gabor;
    for (int j = 0; j < fs_model_table[model].separable.n_shape; j++)
        out[j] = chosen[j];
}
