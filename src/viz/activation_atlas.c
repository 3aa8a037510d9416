#include "viz/activation_atlas.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/activation_atlas_private.h"
#include "viz/lapack.h"

/* Of the mean of the second moment's diagonal, mixed in: below what most channels do together, above what a
 * few hundred photographs leave undetermined. */
#define SHRINKAGE 0.1F

/* ---- the grid ---- */

/* Cell of each point; the grid spans exactly the points. */
static void assign_points(const fs_activation_atlas *atlas, const float *plane, int *cell_of) {
    const int n = atlas->points->n, grid = atlas->request.grid;
    float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int i = 0; i < 2 * n; i++) {
        low[i % 2] = fminf(low[i % 2], plane[i]);
        high[i % 2] = fmaxf(high[i % 2], plane[i]);
    }
    for (int i = 0; i < n; i++) {
        int at[2];
        for (int k = 0; k < 2; k++) {
            const float range = high[k] - low[k];
            const float share = range > 0 ? (plane[2 * i + k] - low[k]) / range : 0.5F;
            at[k] = (int)fminf((float)grid - 1, fmaxf(0, share * (float)grid));
        }
        cell_of[i] = at[1] * grid + at[0];
    }
}

static fs_status list_cells(fs_activation_atlas *atlas, const int *cell_of, fs_error *err) {
    const int grid = atlas->request.grid;
    int *counts = fs_calloc((size_t)grid * (size_t)grid, sizeof *counts);
    atlas->cells = fs_calloc((size_t)grid * (size_t)grid, sizeof *atlas->cells);
    if (!counts || !atlas->cells) {
        fs_free(counts);
        return fs_fail_memory(err, "an activation atlas");
    }
    for (int i = 0; i < atlas->points->n; i++)
        counts[cell_of[i]]++;
    for (int c = 0; c < grid * grid; c++)
        if (counts[c] >= atlas->request.least)
            atlas->cells[atlas->n_cells++] =
                (fs_atlas_cell){.row = c / grid, .column = c % grid, .count = counts[c], .objective = NAN};
    fs_free(counts);
    if (atlas->n_cells == 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "layer '%s': none of the cells has %d of the %d points",
                       atlas->layer->name, atlas->request.least, atlas->points->n);
    return FS_OK;
}

/* ---- means ---- */

static const float *vector_of(const fs_activation_atlas *atlas, int point) {
    return atlas->points->vectors + (size_t)point * (size_t)atlas->points->channels;
}

static void mean_of(const fs_activation_atlas *atlas, const int *cell_of, const fs_atlas_cell *cell,
                    float *out) {
    const int channels = atlas->points->channels, number = cell->row * atlas->request.grid + cell->column;
    for (int c = 0; c < channels; c++)
        out[c] = 0;
    for (int i = 0; i < atlas->points->n; i++)
        for (int c = 0; c < channels && cell_of[i] == number; c++)
            out[c] += vector_of(atlas, i)[c] / (float)cell->count;
}

static double cosine(const float *a, const float *b, int n) {
    double dot = 0, aa = 0, bb = 0;
    for (int i = 0; i < n; i++) {
        dot += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return aa > 0 && bb > 0 ? dot / sqrt(aa * bb) : 0;
}

/* Puts a point into the list if it is near enough; of each photograph the nearest stays. */
static void consider(const fs_activation_atlas *atlas, fs_atlas_cell *cell, double *nearness, int point,
                     double value) {
    const int32_t *images = atlas->points->images;
    int at = 0, n = cell->n_nearest;
    while (at < n && images[cell->nearest[at]] != images[point])
        at++;
    if (at < n && nearness[at] >= value)
        return;
    if (at == n && n == FS_ATLAS_PHOTOGRAPHS && nearness[n - 1] >= value)
        return;
    if (at == n && n < FS_ATLAS_PHOTOGRAPHS)
        cell->n_nearest++;
    at = at < FS_ATLAS_PHOTOGRAPHS ? at : FS_ATLAS_PHOTOGRAPHS - 1;
    for (; at > 0 && nearness[at - 1] < value; at--) {
        nearness[at] = nearness[at - 1];
        cell->nearest[at] = cell->nearest[at - 1];
    }
    nearness[at] = value;
    cell->nearest[at] = point;
}

static void find_nearest(const fs_activation_atlas *atlas, const int *cell_of, fs_atlas_cell *cell,
                         const float *mean) {
    double nearness[FS_ATLAS_PHOTOGRAPHS];
    const int number = cell->row * atlas->request.grid + cell->column;
    for (int i = 0; i < atlas->points->n; i++)
        if (cell_of[i] == number)
            consider(atlas, cell, nearness, i, cosine(vector_of(atlas, i), mean, atlas->points->channels));
}

/* ---- directions ---- */

/* Means become directions: (second moment + shrinkage)^-1 mean. */
static fs_status whiten(fs_activation_atlas *atlas, fs_error *err) {
    const int channels = atlas->points->channels;
    const size_t count = (size_t)channels * (size_t)channels;
    float *moment = fs_alloc_array(count, sizeof *moment);
    double trace = 0;
    int info = 0;
    if (!moment)
        return fs_fail_memory(err, "an activation atlas");
    memcpy(moment, atlas->points->second, count * sizeof *moment);
    for (size_t c = 0; c < (size_t)channels; c++)
        trace += moment[c * (size_t)channels + c];
    for (size_t c = 0; c < (size_t)channels; c++)
        moment[c * (size_t)channels + c] += SHRINKAGE * (float)(trace / channels);
    sposv_("U", &channels, &atlas->n_cells, moment, &channels, atlas->directions, &channels, &info);
    fs_free(moment);
    return info == 0 ? FS_OK
                     : fs_fail(err, FS_ERROR_DIVERGED, "layer '%s': its activations cannot be whitened",
                               atlas->layer->name);
}

static fs_status find_directions(fs_activation_atlas *atlas, const int *cell_of, fs_error *err) {
    const size_t channels = (size_t)atlas->points->channels;
    atlas->directions = fs_alloc_array((size_t)atlas->n_cells * channels, sizeof *atlas->directions);
    if (!atlas->directions)
        return fs_fail_memory(err, "an activation atlas");
    for (int i = 0; i < atlas->n_cells; i++) {
        float *mean = atlas->directions + (size_t)i * channels;
        mean_of(atlas, cell_of, &atlas->cells[i], mean);
        find_nearest(atlas, cell_of, &atlas->cells[i], mean);
    }
    return atlas->request.whiten ? whiten(atlas, err) : FS_OK;
}

/* ---- life ---- */

static fs_status build(fs_activation_atlas *atlas, const float *plane, fs_error *err) {
    int *cell_of = fs_calloc((size_t)atlas->points->n, sizeof *cell_of);
    if (!cell_of)
        return fs_fail_memory(err, "an activation atlas");
    assign_points(atlas, plane, cell_of);
    fs_status status = list_cells(atlas, cell_of, err);
    if (status == FS_OK)
        status = find_directions(atlas, cell_of, err);
    fs_free(cell_of);
    return status;
}

fs_status fs_activation_atlas_create(fs_activation_atlas **out, const fs_model *model, const fs_layer *layer,
                                     const fs_points *points, const float *plane,
                                     const fs_activation_atlas_request *request, fs_error *err) {
    if (request->grid < 1 || request->grid > FS_ACTIVATION_ATLAS_MAX_GRID)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a grid of %d cells a side: 1 to %d are possible",
                       request->grid, FS_ACTIVATION_ATLAS_MAX_GRID);
    fs_activation_atlas *atlas = fs_calloc(1, sizeof *atlas);
    if (!atlas)
        return fs_fail_memory(err, "an activation atlas");
    atlas->model = model;
    atlas->layer = layer;
    atlas->points = points;
    atlas->request = *request;
    fs_status status = build(atlas, plane, err);
    if (status == FS_OK)
        *out = atlas;
    else
        fs_activation_atlas_destroy(atlas);
    return status;
}

void fs_activation_atlas_destroy(fs_activation_atlas *atlas) {
    if (!atlas)
        return;
    fs_free(atlas->cells);
    fs_free(atlas->directions);
    fs_free(atlas);
}

int fs_activation_atlas_cells(const fs_activation_atlas *atlas, const fs_atlas_cell **out) {
    *out = atlas->cells;
    return atlas->n_cells;
}

char *fs_activation_atlas_name(const fs_atlas_cell *cell, const char *ending) {
    char name[64];
    snprintf(name, sizeof name, "cells/%02d-%02d%.8s", cell->row, cell->column, ending);
    return fs_strdup(name);
}

char *fs_activation_atlas_path(const fs_activation_atlas *atlas, const char *name) {
    const size_t size = strlen(atlas->request.folder) + strlen(name) + 2;
    char *path = fs_alloc(size);
    if (path)
        snprintf(path, size, "%s/%s", atlas->request.folder, name);
    return path;
}
