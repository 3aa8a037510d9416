#include "gabor/starts.h"

#include <math.h>

/* Adds to the family that was opened last. */
static void add(fs_starts *out, int count, const double *shape) {
    if (out->count == FS_STARTS_MAX)
        return;
    for (int j = 0; j < count; j++)
        out->shape[out->count][j] = shape[j];
    out->family[out->count++] = out->n_families - 1;
}

static void open_family(fs_starts *out, int tries) {
    out->tries[out->n_families++] = tries;
}

static double longer_side(const fs_grid *grid) {
    return grid->height > grid->width ? grid->height : grid->width;
}

/* Digit reversal of n in a base: the van der Corput sequence, whose bases 2, 3, 5, ... together are Halton's
 * points, spread evenly without any random numbers. */
static double spread(int n, int base) {
    double result = 0, weight = 1.0 / base;
    for (; n > 0; n /= base, weight /= base)
        result += n % base * weight;
    return result;
}

static void gabor_at_peaks(fs_starts *out, const fs_profile_view *view, double k) {
    static const double sigmas[] = {0.12, 0.2, 0.35}, gammas[] = {0.6, 1.2};
    for (int p = 0; p < view->n_peaks; p++) {
        open_family(out, 3);
        for (int c = 0; c < FS_STARTS_MAX_CENTRES; c++)
            for (int s = 0; s < 3; s++)
                for (int g = 0; g < 2; g++)
                    add(out, 6,
                        (double[]){view->centre[c][0], view->centre[c][1], view->angle[p],
                                   view->wavelength[p], fmax(0.55, sigmas[s] * k), gammas[g]});
    }
}

static void gabor_spread(fs_starts *out, const fs_grid *grid, double k) {
    enum { POINTS = 120 };
    open_family(out, 20);
    for (int n = 1; n <= POINTS; n++)
        add(out, 6,
            (double[]){(spread(n, 2) - 0.5) * 0.6 * grid->width, (spread(n, 3) - 0.5) * 0.6 * grid->height,
                       M_PI * spread(n, 5), 2.2 * pow(1.5 * k / 2.2, spread(n, 7)),
                       0.6 * pow(0.6 * k / 0.6, spread(n, 11)), 0.35 * pow(8, spread(n, 13))});
}

static void gaussian_at_centres(fs_starts *out, const fs_profile_view *view, double k) {
    static const double sigmas[] = {0.12, 0.22, 0.4};
    enum { ANGLES = 6 };
    for (int a = 0; a < ANGLES; a++)
        for (int c = 0; c < FS_STARTS_MAX_CENTRES; c++)
            for (int s = 0; s < 3; s++)
                add(out, 5,
                    (double[]){view->centre[c][0], view->centre[c][1], M_PI * (a + 0.1) / ANGLES,
                               fmax(0.55, sigmas[s] * k), 0.8});
}

static void gaussian_spread(fs_starts *out, const fs_grid *grid, double k) {
    enum { POINTS = 60 };
    for (int n = 1; n <= POINTS; n++)
        add(out, 5,
            (double[]){(spread(n, 2) - 0.5) * 0.9 * grid->width, (spread(n, 3) - 0.5) * 0.9 * grid->height,
                       M_PI * spread(n, 5), 0.6 * pow(0.6 * k / 0.6, spread(n, 7)),
                       0.35 * pow(8, spread(n, 11))});
}

/* Edges and patches whose centre lies on the border: the kernel shows one side of them. */
enum { BORDER_POINTS = 8 };
static void border_point(const fs_grid *grid, int number, double out[2]) {
    static const int steps[BORDER_POINTS][2] = {{-1, -1}, {0, -1}, {1, -1}, {1, 0},
                                                {1, 1},   {0, 1},  {-1, 1}, {-1, 0}};
    out[0] = 0.45 * steps[number][0] * grid->width;
    out[1] = 0.45 * steps[number][1] * grid->height;
}

static void gaussian_at_border(fs_starts *out, const fs_grid *grid, double k) {
    enum { ANGLES = 6 };
    double at[2];
    for (int b = 0; b < BORDER_POINTS; b++)
        for (int a = 0; a < ANGLES; a++) {
            border_point(grid, b, at);
            add(out, 5, (double[]){at[0], at[1], M_PI * a / ANGLES, 0.45 * k, 2});
        }
}

static void dog_at_border(fs_starts *out, const fs_grid *grid, double k) {
    double at[2];
    for (int b = 0; b < BORDER_POINTS; b++) {
        border_point(grid, b, at);
        add(out, 4, (double[]){at[0], at[1], 0.25 * k, 0.45 * k});
        add(out, 4, (double[]){at[0], at[1], 0.4 * k, 0.8 * k});
    }
}

static void dog_at_centres(fs_starts *out, const fs_profile_view *view, double k) {
    static const double pairs[][2] = {{0.1, 0.2}, {0.15, 0.25}, {0.15, 0.4}, {0.25, 0.5}};
    for (int c = 0; c < FS_STARTS_MAX_CENTRES; c++)
        for (int p = 0; p < 4; p++)
            add(out, 4,
                (double[]){view->centre[c][0], view->centre[c][1], fmax(0.55, pairs[p][0] * k),
                           fmax(0.8, pairs[p][1] * k)});
}

static void dog_spread(fs_starts *out, const fs_grid *grid, double k) {
    enum { POINTS = 40 };
    for (int n = 1; n <= POINTS; n++)
        add(out, 4,
            (double[]){(spread(n, 2) - 0.5) * 0.9 * grid->width, (spread(n, 3) - 0.5) * 0.9 * grid->height,
                       0.55 * pow(0.4 * k / 0.55, spread(n, 5)), 0.8 * pow(0.9 * k / 0.8, spread(n, 7))});
}

static void propose_grating(fs_starts *out, const fs_profile_view *view, double k) {
    enum { POINTS = 24 };
    for (int p = 0; p < view->n_peaks; p++)
        add(out, 2, (double[]){view->wavelength[p], view->angle[p]});
    for (int n = 1; n <= POINTS; n++)
        add(out, 2, (double[]){2.2 * pow(1.7 * k / 2.2, spread(n, 2)), M_PI * spread(n, 3)});
}

static void propose_crossed(fs_starts *out, const fs_profile_view *view, double k) {
    enum { POINTS = 40 };
    for (int p = 0; p < view->n_peaks; p++) {
        const double l = view->wavelength[p], t = view->angle[p];
        for (int q = 0; q < p; q++) {
            double between = t - view->angle[q];
            add(out, 4,
                (double[]){view->wavelength[q], view->angle[q], l, between - M_PI * floor(between / M_PI)});
        }
        for (int a = 4; a <= 8; a++)
            add(out, 4, (double[]){l, t, l, M_PI * a / 12});
    }
    for (int n = 1; n <= POINTS; n++)
        add(out, 4,
            (double[]){2.2 * pow(1.5 * k / 2.2, spread(n, 2)), M_PI * spread(n, 3),
                       2.2 * pow(1.5 * k / 2.2, spread(n, 5)), M_PI * (0.25 + 0.5 * spread(n, 7))});
}

void fs_starts_propose(fs_starts *out, fs_kernel_model model, const fs_profile_view *view,
                       const fs_grid *grid) {
    const double k = longer_side(grid);
    out->count = out->n_families = 0;
    switch (model) {
    case FS_MODEL_BLOB:
    case FS_MODEL_FIRST_DERIVATIVE:
    case FS_MODEL_SECOND_DERIVATIVE:
        open_family(out, 6);
        gaussian_at_centres(out, view, k);
        open_family(out, 8);
        gaussian_spread(out, grid, k);
        open_family(out, 5);
        gaussian_at_border(out, grid, k);
        break;
    case FS_MODEL_ROUND_BLOB: /* the first three of a difference's four numbers */
        open_family(out, 3);
        dog_at_centres(out, view, k);
        open_family(out, 3);
        dog_spread(out, grid, k);
        break;
    case FS_MODEL_DOG:
        open_family(out, 4);
        dog_at_centres(out, view, k);
        open_family(out, 6);
        dog_spread(out, grid, k);
        open_family(out, 4);
        dog_at_border(out, grid, k);
        break;
    case FS_MODEL_GRATING:
        open_family(out, 6);
        propose_grating(out, view, k);
        break;
    case FS_MODEL_CROSSED:
        open_family(out, 12);
        propose_crossed(out, view, k);
        break;
    case FS_MODEL_GABOR:
        gabor_at_peaks(out, view, k);
        gabor_spread(out, grid, k);
        break;
    case FS_MODEL_CONSTANT:
    case FS_MODEL_PLANE:
    case FS_MODELS:
        break;
    }
}
