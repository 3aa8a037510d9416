/* Charts of numbers: points, counts in bins, bars, lines, points around a circle.
 *
 *     fs_series series[] = {{"gabor", blue}, {"edge", orange}};
 *     fs_chart_value values[] = {{4.1, 0, 0}, {5.3, 0, 1}};
 *     fs_histogram_spec spec = {.title = "Wavelength", .label = "pixels", .low = 2, .high = 14, .bins = 12};
 *     fs_draw_value_histogram(canvas, rect, &spec, &(fs_chart_values){values, 2, series, 2});
 *
 * Values that are not finite or lie outside the axes are left out. Everything is borrowed for the call; the
 * same on screen and paper. */
#ifndef FS_REPORT_CHARTS_H
#define FS_REPORT_CHARTS_H

#include "report/axes.h"

typedef struct fs_chart_value {
    double x, y; /* histograms look at x alone */
    int series;
} fs_chart_value;

typedef struct fs_chart_values {
    const fs_chart_value *items;
    int count;
    const fs_series *series;
    int n_series; /* a legend is drawn when there are several */
} fs_chart_values;

/* Without a legend; returns the frame, to draw more into it. */
fs_plot fs_draw_scatter(fs_canvas *canvas, fs_rect rect, const fs_axes *axes, const fs_chart_values *values);

typedef struct fs_histogram_spec {
    const char *title, *label, *count_label; /* of the axes */
    double low, high;                        /* a value on `high` belongs to the last bin */
    int bins;                                /* at most FS_HISTOGRAM_SPEC_BINS */
    double step;                             /* of the ticks, 0: chosen */
    double mark;                             /* dashed line; NaN: none */
} fs_histogram_spec;
enum { FS_HISTOGRAM_SPEC_BINS = 64, FS_CHART_MAX_SERIES = 12 };
/* Series stand on each other. */
void fs_draw_value_histogram(fs_canvas *canvas, fs_rect rect, const fs_histogram_spec *spec,
                             const fs_chart_values *values);

/* x: an orientation in radians, half a turn; y: the radius, up to `greatest`. Angles run clockwise from the
 * right as in a picture; the other half turn repeats the first, fainter. */
void fs_draw_polar_scatter(fs_canvas *canvas, fs_rect rect, const char *title, const char *radius_label,
                           double greatest, const fs_chart_values *values);

/* Between its rings: about three of them. */
double fs_polar_step(double greatest);

/* Horizontal bars, the first at the top, with a whisker of `spread` to both sides where it is above 0; a NaN
 * is said to be missing. */
typedef struct fs_bar {
    const char *name;
    double value, spread;
    fs_colour colour;
    int digits; /* of the number beside it */
} fs_bar;
void fs_draw_bars(fs_canvas *canvas, fs_rect rect, const char *title, const fs_axis *axis, double name_width,
                  const fs_bar *bars, int count);

/* values[series][places] over named places, as lines. */
typedef struct fs_lines {
    const char *const *places;
    int n_places;
    const double *values;
    const fs_series *series;
    int n_series;
} fs_lines;
void fs_draw_lines(fs_canvas *canvas, fs_rect rect, const char *title, const fs_axis *y,
                   const fs_lines *lines);

#endif
