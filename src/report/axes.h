/* A frame with axes for charts: title, ticks at round numbers, labels with units, and where values lie in it.
 *
 *     fs_axes axes = {"Orientation and size", {0, 180, "orientation, degrees"}, {0, 14, "wavelength,
 * pixels"}}; fs_plot plot = fs_draw_axes(canvas, rect, &axes); cairo_arc(cr, fs_plot_x(&plot, 30),
 * fs_plot_y(&plot, 4.2), 3, 0, 2 * M_PI);
 *
 * Values, drawn one after the other, belong to series; a legend says which colour is which. */
#ifndef FS_REPORT_AXES_H
#define FS_REPORT_AXES_H

#include "report/canvas.h"

typedef struct fs_axis {
    double low, high;
    const char *label;
    double step;              /* between ticks; 0: a round number that gives about five */
    const char *const *names; /* at low, low + step, ... instead of numbers; NULL: numbers */
} fs_axis;

typedef struct fs_axes {
    const char *title;
    fs_axis x, y; /* y upwards */
} fs_axes;

typedef struct fs_plot {
    fs_rect rect; /* where low and high of both axes lie */
    fs_axis x, y;
} fs_plot;

typedef struct fs_series {
    const char *name;
    fs_colour colour;
} fs_series;

fs_plot fs_draw_axes(fs_canvas *canvas, fs_rect rect, const fs_axes *axes);
double fs_plot_x(const fs_plot *plot, double value);
double fs_plot_y(const fs_plot *plot, double value);

/* A title as charts have it, cut off the top of *rect. */
void fs_draw_chart_title(fs_canvas *canvas, fs_rect *rect, const char *title);
/* The rectangle from the top left of `rect` in which fs_draw_axes makes a square plot, with a title. */
fs_rect fs_square_axes(fs_rect rect);
/* Squares and names, in as many lines as they need, in the strip it cuts off the bottom of *rect. */
void fs_draw_legend(fs_canvas *canvas, fs_rect *rect, const fs_series *series, int count);
/* 1, 2 or 5 times a power of ten, about a fifth of the range. */
double fs_round_step(double range);
/* A dashed line at a value of x, from top to bottom. */
void fs_draw_mark(fs_canvas *canvas, const fs_plot *plot, double value);

#endif
