/* Lines over the versions of a network, from the start of a run to its end, the stages apart; and what the
 * colours of layers mean.
 *
 *     fs_series_axis axis = {.n = 9, .ticks = ticks, .stages = stages, .stage_names = names, .label =
 * "epoch"}; fs_series_line lines[] = {{cka, fs_depth_colour(0)}, {other, fs_depth_colour(1)}};
 *     fs_series_chart chart = {.title = "Similarity to the start", .unit = "linear CKA", .low = 0.5,
 *                              .high = 1, .lines = lines, .n_lines = 2};
 *     fs_series_chart_draw(canvas, rect, &axis, &chart);
 *
 * Each version has a column of its own; a NaN makes a gap; values beyond the axis lie on its end. Everything
 * is borrowed for the call; the same on screen and paper. */
#ifndef FS_REPORT_SERIES_CHART_H
#define FS_REPORT_SERIES_CHART_H

#include "report/canvas.h"

typedef struct fs_series_axis {
    int n;                    /* versions */
    const char *const *ticks; /* [n] below them, thinned out where they are too many */
    const int *stages;        /* [n]; negative: of none */
    const char *const *stage_names;
    const char *label;
} fs_series_axis;

typedef struct fs_series_line {
    const double *values; /* [axis.n] */
    fs_colour colour;
} fs_series_line;

typedef struct fs_series_chart {
    const char *title, *note; /* the note may be NULL */
    const char *unit;         /* the vertical axis */
    double low, high;
    const fs_series_line *lines;
    int n_lines; /* later ones on top */
} fs_series_chart;

/* A round number that is not below `value`, for the end of an axis from 0 on; at least `least`. */
double fs_series_ceiling(double value, double least);

void fs_series_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_series_axis *axis,
                          const fs_series_chart *chart);

/* 0: the first layer ... 1: the last one. Lightness grows with it, so that it reads without seeing hues, and
 * every colour stands out from white. */
fs_colour fs_depth_colour(double share);
/* A bar with a piece for each layer, from the first at the top, and their names, thinned out likewise. */
void fs_depth_legend_draw(fs_canvas *canvas, fs_rect rect, const char *title, const char *const *names,
                          int n);

#endif
