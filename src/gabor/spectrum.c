#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "gabor/spectrum.h"
#include "gabor/starts.h"

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER; /* FFTW's planner is for one thread at a time */

struct fs_spectrum {
    int height, width; /* of the profiles */
    int side, columns; /* of the padded square; columns of its half spectrum */
    double *padded, *power;
    fftw_complex *values;
    fftw_plan plan;
};

/* A power of two, at least four times the kernel: frequencies then lie a quarter of its resolution apart. */
static int padded_side(int height, int width) {
    int side = 32;
    while (side < 4 * height || side < 4 * width)
        side *= 2;
    return side;
}

fs_status fs_spectrum_create(fs_spectrum **out, int height, int width, fs_error *err) {
    fs_spectrum *s = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "a spectrum");
    s->height = height;
    s->width = width;
    s->side = padded_side(height, width);
    s->columns = s->side / 2 + 1;
    s->padded = fs_alloc_array((size_t)s->side * (size_t)s->side, sizeof *s->padded);
    s->power = fs_alloc_array((size_t)s->side * (size_t)s->columns, sizeof *s->power);
    s->values = fs_alloc_array((size_t)s->side * (size_t)s->columns, sizeof *s->values);
    if (s->padded && s->power && s->values) {
        pthread_mutex_lock(&planner);
        s->plan = fftw_plan_dft_r2c_2d(s->side, s->side, s->padded, s->values, FFTW_ESTIMATE);
        pthread_mutex_unlock(&planner);
    }
    if (!s->plan) {
        fs_spectrum_destroy(s);
        return fs_fail_memory(err, "a spectrum");
    }
    *out = s;
    return FS_OK;
}

void fs_spectrum_destroy(fs_spectrum *s) {
    if (!s)
        return;
    if (s->plan) {
        pthread_mutex_lock(&planner);
        fftw_destroy_plan(s->plan);
        pthread_mutex_unlock(&planner);
    }
    fs_free(s->padded);
    fs_free(s->power);
    fs_free(s->values);
    fs_free(s);
}

/* Power of the profile without its mean: that would hide long waves. */
static void transform(fs_spectrum *s, const double *profile) {
    const int samples = s->height * s->width;
    double mean = 0;
    for (int i = 0; i < samples; i++)
        mean += profile[i] / samples;
    memset(s->padded, 0, (size_t)s->side * (size_t)s->side * sizeof *s->padded);
    for (int i = 0; i < samples; i++)
        s->padded[i / s->width * s->side + i % s->width] = profile[i] - mean;
    fftw_execute(s->plan);
    for (int i = 0; i < s->side * s->columns; i++)
        s->power[i] = s->values[i][0] * s->values[i][0] + s->values[i][1] * s->values[i][1];
}

static double power_at(const fs_spectrum *s, int row, int column) {
    row = (row + s->side) % s->side;
    if (column < 0 || column >= s->columns) { /* the other half is this one turned by pi */
        row = (s->side - row) % s->side;
        column = column < 0 ? -column : s->side - column;
    }
    return s->power[row * s->columns + column];
}

int fs_spectrum_side(const fs_spectrum *s) {
    return s->side;
}

void fs_spectrum_power(fs_spectrum *s, const double *profile, double *out) {
    transform(s, profile);
    for (int y = 0; y < s->side; y++)
        for (int x = 0; x < s->side; x++)
            out[y * s->side + x] = power_at(s, y - s->side / 2, x - s->side / 2);
}

static bool is_peak(const fs_spectrum *s, int row, int column) {
    const double here = power_at(s, row, column);
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            if ((dy || dx) && power_at(s, row + dy, column + dx) > here)
                return false;
    return here > 0;
}

static void insert_peak(fs_profile_view *view, double power[FS_STARTS_MAX_PEAKS], double value, double fx,
                        double fy) {
    int at = view->n_peaks;
    while (at > 0 && power[at - 1] < value)
        at--;
    if (at == FS_STARTS_MAX_PEAKS)
        return;
    if (view->n_peaks < FS_STARTS_MAX_PEAKS)
        view->n_peaks++;
    for (int i = view->n_peaks - 1; i > at; i--) {
        power[i] = power[i - 1];
        view->wavelength[i] = view->wavelength[i - 1];
        view->angle[i] = view->angle[i - 1];
    }
    power[at] = value;
    view->wavelength[at] = 1 / hypot(fx, fy);
    view->angle[at] = atan2(fy, fx);
}

static void find_peaks(const fs_spectrum *s, fs_profile_view *view) {
    double power[FS_STARTS_MAX_PEAKS];
    for (int row = 0; row < s->side; row++)
        for (int column = 0; column < s->columns; column++) {
            bool twice = column == 0 && row > s->side / 2; /* stands on the other side of row 0 too */
            if ((row == 0 && column == 0) || twice || !is_peak(s, row, column))
                continue;
            double fy = (double)(row <= s->side / 2 ? row : row - s->side) / s->side;
            insert_peak(view, power, power_at(s, row, column), (double)column / s->side, fy);
        }
}

/* The middle, the centre of energy, and the pixel furthest from the mean. */
static void find_centres(const fs_grid *grid, const double *profile, fs_profile_view *view) {
    double mean = 0, sum = 0, x = 0, y = 0, greatest = -1;
    for (int i = 0; i < grid->samples; i++)
        mean += profile[i] / grid->samples;
    for (int i = 0; i < grid->samples; i++) {
        double energy = (profile[i] - mean) * (profile[i] - mean);
        sum += energy;
        x += energy * grid->x[i];
        y += energy * grid->y[i];
        if (energy > greatest) {
            greatest = energy;
            view->centre[2][0] = grid->x[i];
            view->centre[2][1] = grid->y[i];
        }
    }
    view->centre[0][0] = view->centre[0][1] = 0;
    view->centre[1][0] = sum > 0 ? x / sum : 0;
    view->centre[1][1] = sum > 0 ? y / sum : 0;
}

fs_profile_view fs_profile_look(fs_spectrum *s, const fs_grid *grid, const double *profile) {
    fs_profile_view view = {0};
    transform(s, profile);
    find_peaks(s, &view);
    find_centres(grid, profile, &view);
    return view;
}
