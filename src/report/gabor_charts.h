/* The charts of a Gabor analysis, the same in the report and on screen.
 *
 *     fs_draw_gabor_chart(canvas, rect, FS_GABOR_CHART_WAVELENGTH, &analysis);
 *     fs_gabor_chart_note(FS_GABOR_CHART_WAVELENGTH);    // what it shows, for the text beside it
 *
 * Charts of parameters show the kernels classed as gabor or edge; a parameter at its bound is left out. */
#ifndef FS_REPORT_GABOR_CHARTS_H
#define FS_REPORT_GABOR_CHARTS_H

#include "gabor/substitution.h"
#include "report/canvas.h"

typedef enum fs_gabor_chart {
    FS_GABOR_CHART_POLAR,      /* orientation and wavelength */
    FS_GABOR_CHART_SHAPE,      /* Ringach's nx and ny */
    FS_GABOR_CHART_COVERAGE,   /* orientation, grey and coloured kernels */
    FS_GABOR_CHART_CONTRAST,   /* orientation and size of the weights */
    FS_GABOR_CHART_SATURATION, /* of the colours of all kernels */
    FS_GABOR_CHART_WAVELENGTH,
    FS_GABOR_CHART_SIGMA,
    FS_GABOR_CHART_GAMMA,
    FS_GABOR_CHART_BANDWIDTH,
    FS_GABOR_CHART_PHASE,
    FS_GABOR_CHART_R2, /* of all kernels, and what shuffled ones reach */
    FS_GABOR_CHARTS
} fs_gabor_chart;

const char *fs_gabor_chart_title(fs_gabor_chart chart);
const char *fs_gabor_chart_note(fs_gabor_chart chart);
void fs_draw_gabor_chart(fs_canvas *canvas, fs_rect rect, fs_gabor_chart chart, const fs_analysis *analysis);

/* How many kernels each class has. */
void fs_draw_class_counts(fs_canvas *canvas, fs_rect rect, const fs_analysis *analysis);

/* Variants of a substitution test: shares of right first classes (or, without labels, of agreement) ... */
void fs_draw_substitution_bars(fs_canvas *canvas, fs_rect rect, const fs_substitution *substitution);
/* ... and likeness of the layers' representations. */
void fs_draw_substitution_cka(fs_canvas *canvas, fs_rect rect, const fs_substitution *substitution);

#endif
