/* Numbers of a network's layers, from the first to the last: lines, or bars, over the layers' names.
 *
 *     fs_layer_line lines[] = {{"before", theme->level[0], before}, {"after", theme->level[3], after}};
 *     fs_layer_chart chart = {.title = "Classes that a linear probe tells apart", .unit = "accuracy",
 *                             .low = 0, .high = 1, .names = names, .n = n, .lines = lines, .n_lines = 2};
 *     fs_layer_chart_draw(canvas, rect, &chart);
 *
 * Names stand upright below, thinned out where they are too many. A NaN makes a gap. Everything is borrowed
 * for the call; the same on screen and paper. */
#ifndef FS_REPORT_LAYER_CHART_H
#define FS_REPORT_LAYER_CHART_H

#include "report/canvas.h"

typedef struct fs_layer_line {
    const char *name;
    fs_colour colour;
    const double *values;  /* [n] */
    const double *spreads; /* [n] whiskers to both sides; NULL: none */
} fs_layer_line;

typedef struct fs_layer_chart {
    const char *title, *note; /* the note may be NULL */
    const char *unit;         /* the vertical axis */
    double low, high;
    double mark;           /* a dashed line, NaN: none */
    const char *mark_name; /* said in the legend */
    const char *const *names;
    int n;
    const fs_layer_line *lines;
    bool stacked; /* the values of a layer as one bar, the first line's at the bottom */
    int n_lines;  /* a legend is drawn for several, or with a mark */
} fs_layer_chart;

void fs_layer_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_layer_chart *chart);

/* The least round number (1, 2, 5 times a power of ten) that is not below any of the values, at least
 * `least`. */
double fs_chart_ceiling(const double *values, int n, double least);

#endif
