#include "viz/dissection.h"

#include <math.h>

#include "base/alloc.h"

enum { LEAST_SHARE = 1000 }; /* a picture has a concept from one in so many of its pixels on */

void fs_dissection_count(fs_dissection_totals *totals, const fs_image masks[FS_CONCEPT_KINDS]) {
    for (int k = 0; k < FS_CONCEPT_KINDS; k++) {
        const int64_t n = (int64_t)masks[k].width * masks[k].height;
        int64_t counts[FS_DISSECTION_LABELS] = {0};
        for (int64_t i = 0; i < n; i++)
            counts[masks[k].pixels[i]]++;
        for (int label = 0; label < FS_DISSECTION_LABELS; label++) {
            totals->pixels.of[k][label] += counts[label];
            totals->pictures.of[k][label] += counts[label] > 0 && counts[label] * LEAST_SHARE >= n;
        }
    }
    totals->n_pictures++;
}

/* ---- the grid ---- */

/* One direction: pixels first[i] .. first[i + 1] - 1 lie from position i of the map to the next. */
typedef struct axis {
    int units, pixels;
    int *first;    /* [units + 1] */
    double *share; /* [pixels] of the next position */
} axis;

struct fs_overlap_grid {
    axis x, y;
};

static bool make_axis(axis *a, const fs_map_geometry *g, bool vertical, int pixels) {
    const int units = vertical ? g->height : g->width, side = vertical ? g->image_height : g->image_width;
    *a = (axis){.units = units, .pixels = pixels};
    a->first = fs_alloc_array((size_t)units + 1, sizeof *a->first);
    a->share = fs_alloc_array((size_t)pixels, sizeof *a->share);
    if (!a->first || !a->share)
        return false;
    int next = 0;
    for (int p = 0; p < pixels; p++) {
        const double at = fs_map_coordinate(&g->field, (p + 0.5) * side / pixels, units, side);
        const int unit = (int)at;
        while (next <= unit)
            a->first[next++] = p;
        a->share[p] = at - unit;
    }
    while (next <= units)
        a->first[next++] = pixels;
    return true;
}

fs_status fs_overlap_grid_create(fs_overlap_grid **out, const fs_map_geometry *geometry, int height,
                                 int width, fs_error *err) {
    fs_overlap_grid *grid = fs_calloc(1, sizeof *grid);
    if (!grid || !make_axis(&grid->x, geometry, false, width) ||
        !make_axis(&grid->y, geometry, true, height)) {
        fs_overlap_grid_destroy(grid);
        return fs_fail_memory(err, "the grid of a mask");
    }
    *out = grid;
    return FS_OK;
}

void fs_overlap_grid_destroy(fs_overlap_grid *grid) {
    if (!grid)
        return;
    fs_free(grid->x.first);
    fs_free(grid->x.share);
    fs_free(grid->y.first);
    fs_free(grid->y.share);
    fs_free(grid);
}

/* ---- a map ---- */

/* One picture's part of an overlap. */
typedef struct part {
    int64_t on;
    int32_t both[FS_CONCEPT_KINDS][FS_DISSECTION_LABELS];
} part;

/* The pixels between four positions. */
static void add_cell(part *sum, const fs_overlap_grid *grid, int row, int column, const float corners[4],
                     double threshold, const fs_image masks[FS_CONCEPT_KINDS]) {
    for (int y = grid->y.first[row]; y < grid->y.first[row + 1]; y++) {
        const double fv = grid->y.share[y];
        for (int x = grid->x.first[column]; x < grid->x.first[column + 1]; x++) {
            const double fu = grid->x.share[x];
            const double value = (1 - fv) * ((1 - fu) * (double)corners[0] + fu * (double)corners[1]) +
                                 fv * ((1 - fu) * (double)corners[2] + fu * (double)corners[3]);
            if (!(value > threshold))
                continue;
            const size_t at = (size_t)y * (size_t)grid->x.pixels + (size_t)x;
            sum->on++;
            for (int k = 0; k < FS_CONCEPT_KINDS; k++)
                sum->both[k][masks[k].pixels[at]]++;
        }
    }
}

static void add_part(fs_overlap *overlap, const part *sum) {
    overlap->on += sum->on;
    for (int k = 0; k < FS_CONCEPT_KINDS; k++)
        for (int label = 0; label < FS_DISSECTION_LABELS; label++) {
            const int64_t both = sum->both[k][label];
            overlap->both.of[k][label] += both;
            if (both > overlap->largest.of[k][label])
                overlap->largest.of[k][label] = both;
        }
}

void fs_overlap_add(fs_overlap *overlap, const fs_overlap_grid *grid, const float *map, double threshold,
                    const fs_image masks[FS_CONCEPT_KINDS]) {
    const int h = grid->y.units, w = grid->x.units;
    part sum = {0};
    for (int row = 0; row < h; row++) {
        const float *above = map + (int64_t)row * w, *below = row + 1 < h ? above + w : above;
        for (int column = 0; column < w; column++) {
            const int right = column + 1 < w ? column + 1 : column;
            const float corners[4] = {above[column], above[right], below[column], below[right]};
            if ((double)corners[0] > threshold || (double)corners[1] > threshold ||
                (double)corners[2] > threshold || (double)corners[3] > threshold)
                add_cell(&sum, grid, row, column, corners, threshold, masks);
        }
    }
    if (sum.on > 0)
        add_part(overlap, &sum);
}

/* ---- ranking ---- */

static void insert(fs_dissection_channel *out, fs_dissection_match match) {
    int at = out->n_best;
    while (at > 0 && match.iou > out->best[at - 1].iou)
        at--;
    if (at == FS_DISSECTION_BEST)
        return;
    if (out->n_best < FS_DISSECTION_BEST)
        out->n_best++;
    for (int i = out->n_best - 1; i > at; i--)
        out->best[i] = out->best[i - 1];
    out->best[at] = match;
}

void fs_dissection_rank(fs_dissection_channel *out, const fs_overlap *overlap,
                        const fs_dissection_totals *totals, const fs_dissection_rules *rules) {
    out->n_best = 0;
    for (int k = 0; k < FS_CONCEPT_KINDS; k++)
        for (int label = 1; label < rules->labels[k]; label++) {
            const int64_t both = overlap->both.of[k][label];
            const int64_t either = overlap->on + totals->pixels.of[k][label] - both;
            if (both > 0 && 2 * overlap->largest.of[k][label] <= both &&
                totals->pictures.of[k][label] >= rules->least_pictures && rules->names[k][label])
                insert(out, (fs_dissection_match){(fs_concept_kind)k, label, (double)both / (double)either});
        }
}
