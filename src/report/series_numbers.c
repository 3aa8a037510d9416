#include "report/series_numbers.h"

#include <math.h>

#include "base/alloc.h"

static const double degrees = 180 / M_PI;

static fs_status allocate(fs_series_numbers *out, const fs_shift_series *series, fs_error *err) {
    const size_t layers = (size_t)series->n_layers, steps = (size_t)series->n_steps;
    out->ticks = fs_calloc(steps, sizeof *out->ticks);
    out->stages = fs_calloc(steps, sizeof *out->stages);
    out->names = fs_calloc(layers, sizeof *out->names);
    out->cka = fs_calloc(layers, sizeof *out->cka);
    out->change = fs_calloc(layers, sizeof *out->change);
    out->angle = fs_calloc(layers, sizeof *out->angle);
    out->block = fs_calloc((3 * layers + 2 * (size_t)FS_SERIES_GABOR) * steps, sizeof *out->block);
    return out->ticks && out->stages && out->names && out->cka && out->change && out->angle && out->block
               ? FS_OK
               : fs_fail_memory(err, "the charts of a report");
}

static void fill_axis(fs_series_numbers *out, const fs_series_report *report) {
    const int n = report->series->n_steps;
    for (int s = 0; s < n; s++) {
        out->ticks[s] = report->versions[s].tick;
        out->stages[s] = report->versions[s].stage;
    }
    out->axis = (fs_series_axis){.n = n,
                                 .ticks = out->ticks,
                                 .stages = out->stages,
                                 .stage_names = report->stages,
                                 .label = report->stages ? "epoch" : "network"};
}

/* The deepest ones first: what moves least stays in sight on top. */
static void fill_layer(fs_series_numbers *out, const fs_shift_series *series, int layer, int at,
                       double *next) {
    const int n = series->n_steps;
    const fs_colour colour = fs_depth_colour(out->n > 1 ? (double)at / (out->n - 1) : 0);
    double *cka = next, *change = next + n, *angle = next + 2 * n;
    bool has_weights = false;
    for (int s = 0; s < n; s++) {
        const fs_shift_step *step = &series->steps[s];
        cka[s] = step->cka[layer];
        change[s] = step->change[layer];
        angle[s] = acos(step->cosine[layer]) * degrees;
        has_weights = has_weights || isfinite(change[s]);
    }
    out->cka[out->n - 1 - at] = (fs_series_line){cka, colour};
    if (!has_weights)
        return;
    out->change[out->n_kernels] = (fs_series_line){change, colour};
    out->angle[out->n_kernels++] = (fs_series_line){angle, colour};
}

static void fill_layers(fs_series_numbers *out, const fs_shift_series *series) {
    double *next = out->block;
    for (int l = 0; l < series->n_layers; l++)
        if (fs_shift_series_has_layer(series, l))
            out->names[out->n++] = fs_shift_series_layer(series, l)->name;
    for (int l = series->n_layers - 1, at = out->n - 1; l >= 0; l--)
        if (fs_shift_series_has_layer(series, l)) {
            fill_layer(out, series, l, at--, next);
            next += 3 * series->n_steps;
        }
}

static void fill_gabor(fs_series_numbers *out, const fs_series_report *report) {
    const int n = report->series->n_steps;
    double *next = out->block + 3 * (size_t)report->series->n_layers * (size_t)n;
    for (int k = 0; k < FS_SERIES_GABOR; k++)
        for (int mean = 0; mean < 2; mean++, next += n) {
            for (int s = 0; s < n; s++) {
                const fs_gabor_mean_drift *m = &report->gabor[s];
                const fs_drift_summary *d = k == 0 ? &m->lambda : k == 1 ? &m->theta : &m->sigma;
                next[s] = (mean ? d->mean : d->median) * (k == 1 ? degrees : 1);
            }
            out->gabor[k][mean] = (fs_series_line){next, fs_theme_light()->level[mean ? 0 : 3]};
        }
}

fs_status fs_series_numbers_make(fs_series_numbers *out, const fs_series_report *report, fs_error *err) {
    fs_series_numbers numbers = {0};
    fs_status status = allocate(&numbers, report->series, err);
    if (status != FS_OK) {
        fs_series_numbers_free(&numbers);
        return status;
    }
    fill_axis(&numbers, report);
    fill_layers(&numbers, report->series);
    if (report->gabor)
        fill_gabor(&numbers, report);
    *out = numbers;
    return FS_OK;
}

void fs_series_numbers_free(fs_series_numbers *numbers) {
    fs_free(numbers->ticks);
    fs_free(numbers->stages);
    fs_free(numbers->names);
    fs_free(numbers->cka);
    fs_free(numbers->change);
    fs_free(numbers->angle);
    fs_free(numbers->block);
    *numbers = (fs_series_numbers){0};
}

void fs_series_range(const fs_series_line *lines, int n_lines, int n, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (int l = 0; l < n_lines; l++)
        for (int s = 0; s < n; s++)
            if (isfinite(lines[l].values[s])) {
                *low = fmin(*low, lines[l].values[s]);
                *high = fmax(*high, lines[l].values[s]);
            }
    if (*low > *high)
        *low = *high = 0;
}
