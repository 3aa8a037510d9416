/* A matrix of numbers between the layers of two networks as a heat map with a scale.
 *
 *     fs_matrix_chart chart = {.title = "...", .values = cka, .n = n, .names = names, .low = 0, .high = 1,
 *                              .x_label = "layers after", .y_label = "layers before", .unit = "CKA"};
 *     fs_matrix_chart_draw(canvas, rect, &chart);
 *
 * The first layer is at the bottom left. Dark to light is low to high, the same in grey; what is no number
 * stays empty. Names are thinned out where they are too many. Everything is borrowed for the call. */
#ifndef FS_REPORT_MATRIX_CHART_H
#define FS_REPORT_MATRIX_CHART_H

#include "report/canvas.h"

typedef struct fs_matrix_chart {
    const char *title, *note; /* the note may be NULL */
    const char *x_label, *y_label, *unit;
    const double *values; /* [n] rows, y, of [n] columns, x */
    int n;
    const char *const *names; /* of both sides */
    double low, high;
} fs_matrix_chart;

void fs_matrix_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_matrix_chart *chart);

#endif
