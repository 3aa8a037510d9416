/* A number of many things before and after: points on a square, with the line on which nothing changed.
 *
 *     fs_pair_chart chart = {.title = "Wavelength", .unit = "pixels", .before = b, .after = a, .n = n,
 *                            .low = 0, .high = 14};
 *     fs_pair_chart_draw(canvas, rect, &chart);
 *
 * Points that are not finite are left out. Everything is borrowed for the call. */
#ifndef FS_REPORT_PAIR_CHART_H
#define FS_REPORT_PAIR_CHART_H

#include "report/canvas.h"

typedef struct fs_pair_chart {
    const char *title, *unit;
    const double *before, *after; /* [n] */
    int n;
    double low, high; /* of both axes */
} fs_pair_chart;

void fs_pair_chart_draw(fs_canvas *canvas, fs_rect rect, const fs_pair_chart *chart);

#endif
