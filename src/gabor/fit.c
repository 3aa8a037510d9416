#include "gabor/fit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "gabor/intervals.h"
#include "gabor/starts.h"

/* The search narrows in three rounds: of the scored starts the best of each family are improved a little, the
 * best of those some more, the best of those to convergence. */
enum {
    FIRST_EVALUATIONS = 6,
    SECOND = 8,
    SECOND_EVALUATIONS = 16,
    LAST = 2,
    LAST_EVALUATIONS = 200,
    MOST_CANDIDATES = 32 /* of all families */
};

struct fs_fitter {
    fs_separable *solver;
    fs_spectrum *spectrum;
    fs_starts starts;
    double *work; /* [FS_GABOR_PARAMETERS][samples] */
};

fs_status fs_fitter_create(fs_fitter **out, int height, int width, fs_error *err) {
    if (height < 1 || width < 1 || height > FS_PATCH_MAX_SIDE || width > FS_PATCH_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "kernels of %dx%d pixels: sides may be 1 to %d", height, width,
                       FS_PATCH_MAX_SIDE);
    if (height * width < FS_GABOR_PARAMETERS + 3)
        return fs_fail(
            err, FS_ERROR_UNSUPPORTED,
            "kernels of %dx%d pixels have %d samples, too few to judge the %d parameters of a Gabor "
            "function (at least %d)",
            height, width, height * width, FS_GABOR_PARAMETERS, FS_GABOR_PARAMETERS + 3);
    fs_fitter *f = fs_calloc(1, sizeof *f);
    if (!f)
        return fs_fail_memory(err, "a fit");
    fs_status status = fs_separable_create(&f->solver, height, width, err);
    if (status == FS_OK)
        status = fs_spectrum_create(&f->spectrum, height, width, err);
    if (status == FS_OK) {
        f->work = fs_alloc_array((size_t)(height * width) * FS_GABOR_PARAMETERS, sizeof *f->work);
        status = f->work ? FS_OK : fs_fail_memory(err, "a fit");
    }
    if (status == FS_OK)
        *out = f;
    else
        fs_fitter_destroy(f);
    return status;
}

void fs_fitter_destroy(fs_fitter *f) {
    if (!f)
        return;
    fs_separable_destroy(f->solver);
    fs_spectrum_destroy(f->spectrum);
    fs_free(f->work);
    fs_free(f);
}

/* -- the search for a model's shape -- */

typedef struct candidate {
    double rss, shape[FS_SEPARABLE_MAX_SHAPE];
} candidate;

/* Keeps the `limit` best, the best first; among equals the one that came first. */
static int keep(candidate *best, int count, int limit, const candidate *new) {
    int at = count;
    while (at > 0 && new->rss < best[at - 1].rss)
        at--;
    if (at == limit)
        return count;
    if (count < limit)
        count++;
    memmove(best + at + 1, best + at, (size_t)(count - 1 - at) * sizeof *best);
    best[at] = *new;
    return count;
}

/* The starts with the smallest residuals, of each family as many as it may try. */
static int first_round(fs_fitter *f, candidate out[MOST_CANDIDATES]) {
    int count = 0;
    for (int family = 0; family < f->starts.n_families; family++) {
        const int room = MOST_CANDIDATES - count, tries = f->starts.tries[family];
        int n = 0;
        for (int i = 0; i < f->starts.count; i++) {
            if (f->starts.family[i] != family)
                continue;
            candidate c;
            memcpy(c.shape, f->starts.shape[i], sizeof c.shape);
            c.rss = fs_separable_solve(f->solver, c.shape, NULL);
            n = keep(out + count, n, tries < room ? tries : room, &c);
        }
        count += n;
    }
    return count;
}

/* Whether two shapes are on their way to the same minimum: no parameter differs by much of its range. */
static bool near_by(const fs_separable_model *m, const fs_bound *bounds, const double *a, const double *b) {
    static const double share = 0.08, turn = 0.15;
    for (int j = 0; j < m->n_shape; j++) {
        const fs_bound *limit = &bounds[j];
        double distance = fabs(a[j] - b[j]) / (limit->high - limit->low);
        if (limit->kind == FS_BOUND_LOGARITHMIC)
            distance = fabs(log(a[j] / b[j])) / log(limit->high / limit->low);
        if (limit->kind == FS_BOUND_NONE ? fabs(remainder(a[j] - b[j], M_PI)) > turn : distance > share)
            return false;
    }
    return true;
}

/* Removes a kept candidate that the new one repeats; false when the new one is the worse of the two. */
static bool make_way(const fs_separable_model *m, const fs_bound *bounds, candidate *kept, int *count,
                     const candidate *new) {
    for (int i = 0; i < *count; i++) {
        if (!near_by(m, bounds, kept[i].shape, new->shape))
            continue;
        if (kept[i].rss <= new->rss)
            return false;
        memmove(kept + i, kept + i + 1, (size_t)(*count - i - 1) * sizeof *kept);
        (*count)--;
        i--;
    }
    return true;
}

/* Improves all and keeps the best of them that are not near each other. */
static int next_round(fs_fitter *f, const fs_separable_model *m, const fs_bound *bounds, const candidate *in,
                      int count, int evaluations, candidate *out, int limit) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
        candidate c = in[i];
        c.rss = fs_separable_improve(f->solver, c.shape, evaluations);
        if (make_way(m, bounds, out, &kept, &c))
            kept = keep(out, kept, limit, &c);
    }
    return kept;
}

/* Fits a model to the profile; the solver is left set to it. */
static double search(fs_fitter *f, fs_kernel_model model, const fs_bound *bounds, const double *profile,
                     double *shape) {
    const fs_separable_model *m = &fs_model_table[model].separable;
    const fs_grid *grid = fs_separable_grid(f->solver);
    candidate first[MOST_CANDIDATES], second[SECOND], last[LAST], best[1];
    fs_separable_set(f->solver, m, bounds, profile, 1);
    if (m->n_shape == 0)
        return fs_separable_solve(f->solver, shape, NULL);
    fs_profile_view view = fs_profile_look(f->spectrum, grid, profile);
    fs_starts_propose(&f->starts, model, &view, grid);
    int count = first_round(f, first);
    count = next_round(f, m, bounds, first, count, FIRST_EVALUATIONS, second, SECOND);
    count = next_round(f, m, bounds, second, count, SECOND_EVALUATIONS, last, LAST);
    next_round(f, m, bounds, last, count, LAST_EVALUATIONS, best, 1);
    memcpy(shape, best[0].shape, (size_t)m->n_shape * sizeof *shape);
    return best[0].rss;
}

/* -- scores -- */

static double squares_about_mean(const double *values, int n) {
    double mean = 0, sum = 0;
    for (int i = 0; i < n; i++)
        mean += values[i] / n;
    for (int i = 0; i < n; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum;
}

/* What rounding to float32 alone leaves of a sum of squares: less is as good as nothing. */
static double rounding_of(const double *values, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += values[i] * values[i];
    return sum * (double)FLT_EPSILON * (double)FLT_EPSILON;
}

static double r2_of(double rss, double total, double rounding) {
    return total > rounding ? 1 - rss / total : 0;
}

fs_model_score fs_model_score_of(fs_kernel_model model, const double *profile, int samples, double rss) {
    const fs_separable_model *m = &fs_model_table[model].separable;
    const double rounding = rounding_of(profile, samples), n = samples, p = m->n_shape + m->n_linear + 1;
    return (fs_model_score){.parameters = m->n_shape + m->n_linear,
                            .rss = rss,
                            .r2 = r2_of(rss, squares_about_mean(profile, samples), rounding),
                            .aicc = n * log(fmax(fmax(rss, rounding), DBL_MIN) / n) + 2 * p +
                                    2 * p * (p + 1) / (n - p - 1)};
}

fs_model_score fs_fitter_score(fs_fitter *f, fs_kernel_model model, const double *profile) {
    const fs_grid *grid = fs_separable_grid(f->solver);
    fs_bound bounds[FS_SEPARABLE_MAX_SHAPE];
    double shape[FS_SEPARABLE_MAX_SHAPE] = {0};
    fs_model_bounds(model, grid->height, grid->width, bounds);
    double rss = search(f, model, bounds, profile, shape);
    return fs_model_score_of(model, profile, grid->samples, rss);
}

void fs_fitter_sample(fs_fitter *f, fs_kernel_model model, const double *profile, double *out) {
    const fs_grid *grid = fs_separable_grid(f->solver);
    fs_bound bounds[FS_SEPARABLE_MAX_SHAPE];
    double shape[FS_SEPARABLE_MAX_SHAPE] = {0}, coefficients[FS_SEPARABLE_MAX_LINEAR];
    fs_model_bounds(model, grid->height, grid->width, bounds);
    search(f, model, bounds, profile, shape);
    fs_separable_solve(f->solver, shape, coefficients);
    const fs_separable_model *m = &fs_model_table[model].separable;
    m->columns(grid, shape, f->work);
    for (int i = 0; i < grid->samples; i++) {
        out[i] = 0;
        for (int k = 0; k < m->n_linear; k++)
            out[i] += coefficients[k] * f->work[k * grid->samples + i];
    }
}

/* -- the Gabor function -- */

static bool at_bound(const fs_bound *b, double value) {
    static const double share = 1e-3; /* of the range: a logistic function comes no closer in finite time */
    if (b->kind == FS_BOUND_LOGARITHMIC)
        return log(value / b->low) < share * log(b->high / b->low) ||
               log(b->high / value) < share * log(b->high / b->low);
    return b->kind == FS_BOUND_LINEAR &&
           (value - b->low < share * (b->high - b->low) || b->high - value < share * (b->high - b->low));
}

fs_gabor_fit fs_fitter_gabor(fs_fitter *f, const double *profile) {
    const fs_grid *grid = fs_separable_grid(f->solver);
    const int n = grid->samples;
    fs_bound bounds[FS_SEPARABLE_MAX_SHAPE];
    double shape[FS_SEPARABLE_MAX_SHAPE] = {0}, coefficients[FS_SEPARABLE_MAX_LINEAR];
    fs_model_bounds(FS_MODEL_GABOR, grid->height, grid->width, bounds);
    search(f, FS_MODEL_GABOR, bounds, profile, shape);
    fs_gabor_fit fit = {.samples = n, .rss = fs_separable_solve(f->solver, shape, coefficients)};
    fit.gabor = fs_gabor_canonical(fs_model_gabor(shape, coefficients));
    fit.r2 = r2_of(fit.rss, squares_about_mean(profile, n), rounding_of(profile, n));
    fit.r2_adjusted = 1 - (1 - fit.r2) * (n - 1) / (n - FS_GABOR_PARAMETERS);
    const bool fixed[FS_GABOR_PARAMETERS] = {[FS_GABOR_X0] = at_bound(&bounds[0], shape[0]),
                                             [FS_GABOR_Y0] = at_bound(&bounds[1], shape[1]),
                                             [FS_GABOR_LAMBDA] = at_bound(&bounds[3], shape[3]),
                                             [FS_GABOR_SIGMA] = at_bound(&bounds[4], shape[4]),
                                             [FS_GABOR_GAMMA] = at_bound(&bounds[5], shape[5])};
    fs_gabor_intervals(&fit, grid, fixed, f->work);
    return fit;
}

static int strongest_channel(const double *coefficients, int channels) {
    int best = 0;
    for (int c = 1; c < channels; c++)
        if (fabs(coefficients[2 * c]) > fabs(coefficients[2 * best]))
            best = c;
    return best;
}

fs_colour_fit fs_fitter_colour(fs_fitter *f, const fs_patch *patch, const fs_gabor *start) {
    const fs_grid *grid = fs_separable_grid(f->solver);
    const int n = grid->samples;
    fs_bound bounds[FS_SEPARABLE_MAX_SHAPE];
    double shape[] = {start->x0,    start->y0,    start->theta, start->lambda,
                      start->sigma, start->gamma, start->psi};
    double coefficients[FS_SEPARABLE_MAX_CHANNELS * FS_SEPARABLE_MAX_LINEAR], total = 0, rounding = 0;
    fs_colour_fit fit = {0};
    fs_model_bounds(FS_MODEL_GABOR_IN_COLOUR, grid->height, grid->width, bounds);
    fs_separable_set(f->solver, &fs_model_table[FS_MODEL_GABOR_IN_COLOUR].separable, bounds, patch->values,
                     patch->channels);
    fs_separable_improve(f->solver, shape, LAST_EVALUATIONS);
    fit.rss = fs_separable_solve(f->solver, shape, coefficients);
    int best = strongest_channel(coefficients, patch->channels);
    double sign = coefficients[2 * best] < 0 ? -1 : 1;
    for (int c = 0; c < patch->channels; c++) {
        fit.amplitude[c] = sign * coefficients[2 * c];
        fit.offset[c] = coefficients[2 * c + 1];
        total += squares_about_mean(patch->values + c * n, n);
        rounding += rounding_of(patch->values + c * n, n);
    }
    fit.geometry = fs_gabor_canonical(fs_model_gabor_in_colour(shape, coefficients + 2 * best));
    fit.r2 = r2_of(fit.rss, total, rounding);
    return fit;
}
