#include "viz/shift_series.h"

#include <math.h>

#include "base/alloc.h"

/* ---- the numbers of a step ---- */

static void free_step(fs_shift_step *step) {
    fs_free(step->cka);
    fs_free(step->change);
    fs_free(step->cosine);
    fs_free(step->filters);
    *step = (fs_shift_step){0};
}

static fs_status make_step(fs_shift_step *step, int n_layers, fs_error *err) {
    const size_t n = (size_t)n_layers;
    *step = (fs_shift_step){.cka = fs_alloc_array(n, sizeof *step->cka),
                            .change = fs_alloc_array(n, sizeof *step->change),
                            .cosine = fs_alloc_array(n, sizeof *step->cosine)};
    return step->cka && step->change && step->cosine ? FS_OK : fs_fail_memory(err, "the steps of a run");
}

/* `room` holds as many numbers as the step has filters, which are in the order of their layers. */
static void take_medians(fs_shift_step *step, int n_layers, double *room) {
    for (int l = 0, first = 0, last; l < n_layers; l++, first = last) {
        for (last = first; last < step->n_filters && step->filters[last].layer == l; last++)
            room[last - first] = step->filters[last].change;
        step->change[l] = fs_shift_median(room, last - first);
        for (int f = first; f < last; f++)
            room[f - first] = step->filters[f].cosine;
        step->cosine[l] = fs_shift_median(room, last - first);
    }
}

/* From layers of the match to layers of the series, of which they are some, in the same order. */
static void renumber(const fs_shift_series *s, const fs_shift_layers *matched, fs_shift_step *step) {
    for (int f = 0, layer = 0; f < step->n_filters; f++) {
        const fs_layer *of = matched->pairs[step->filters[f].layer].layer[FS_BEFORE];
        while (fs_layer_drift_layer(s->drift, layer) != of)
            layer++;
        step->filters[f].layer = layer;
    }
}

static fs_status compare_weights(const fs_shift_series *s, const fs_model *version, fs_shift_step *step,
                                 fs_error *err) {
    fs_shift_layers matched = {0};
    double *room = NULL;
    fs_status status = fs_shift_match(&matched, s->first, version, s->all_layers, err);
    if (status == FS_OK)
        status = fs_shift_compare_filters(&step->filters, &step->n_filters, &matched, err);
    if (status == FS_OK && !(room = fs_alloc_array((size_t)step->n_filters, sizeof *room)))
        status = fs_fail_memory(err, "the filters of two networks");
    if (status == FS_OK) {
        renumber(s, &matched, step);
        take_medians(step, s->n_layers, room);
    }
    fs_free(room);
    fs_shift_layers_free(&matched);
    return status;
}

/* ---- steps ---- */

static fs_status reserve(fs_shift_series *s, fs_error *err) {
    if (s->n_steps < s->capacity)
        return FS_OK;
    if (s->capacity >= FS_SHIFT_SERIES_MOST)
        return fs_fail(err, FS_ERROR_LIMIT, "a series has at most %d versions", FS_SHIFT_SERIES_MOST);
    const int capacity = s->capacity ? 2 * s->capacity : 16;
    fs_shift_step *steps =
        fs_realloc(s->steps, (size_t)s->capacity * sizeof *steps, (size_t)capacity * sizeof *steps);
    if (!steps)
        return fs_fail_memory(err, "the steps of a run");
    s->steps = steps;
    s->capacity = capacity;
    return FS_OK;
}

static fs_status measure(fs_shift_series *s, const fs_model *version, fs_shift_step *step, fs_error *err) {
    if (version == s->first)
        return fs_layer_drift_start(s->drift, step->cka, err);
    return fs_layer_drift_measure(s->drift, version, step->cka, err);
}

fs_status fs_shift_series_add(fs_shift_series *s, const fs_model *version, fs_error *err) {
    fs_shift_step step = {0};
    fs_status status = reserve(s, err);
    if (status == FS_OK)
        status = make_step(&step, s->n_layers, err);
    if (status == FS_OK)
        status = compare_weights(s, version, &step, err);
    if (status == FS_OK)
        status = measure(s, version, &step, err);
    if (status == FS_OK)
        s->steps[s->n_steps++] = step;
    else
        free_step(&step);
    return status;
}

/* ---- the series ---- */

fs_status fs_shift_series_create(fs_shift_series **out, const fs_model *first,
                                 const fs_grams_pictures *pictures, const fs_shift_series_settings *settings,
                                 fs_error *err) {
    fs_shift_series *s = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "the steps of a run");
    s->first = first;
    s->all_layers = settings->all_layers;
    fs_status status = fs_layer_drift_create(&s->drift, first, s->all_layers, pictures, settings->pool,
                                             settings->progress, err);
    if (status == FS_OK) {
        s->n_layers = fs_layer_drift_count(s->drift);
        s->n_pictures = fs_layer_drift_pictures(s->drift);
        status = fs_shift_series_add(s, first, err);
    }
    if (status == FS_OK)
        *out = s;
    else
        fs_shift_series_destroy(s);
    return status;
}

void fs_shift_series_destroy(fs_shift_series *s) {
    if (!s)
        return;
    for (int i = 0; i < s->n_steps; i++)
        free_step(&s->steps[i]);
    fs_free(s->steps);
    fs_layer_drift_destroy(s->drift);
    fs_free(s);
}

const fs_layer *fs_shift_series_layer(const fs_shift_series *s, int layer) {
    return fs_layer_drift_layer(s->drift, layer);
}

bool fs_shift_series_has_layer(const fs_shift_series *s, int layer) {
    for (int i = 1; i < s->n_steps; i++)
        if (isfinite(s->steps[i].cka[layer]) || isfinite(s->steps[i].change[layer]))
            return true;
    return false;
}
