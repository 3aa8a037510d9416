/* The numbers of a series as its charts want them: line by line instead of version by version; for
 * series_report.c. */
#ifndef FS_REPORT_SERIES_NUMBERS_H
#define FS_REPORT_SERIES_NUMBERS_H

#include "report/series_chart.h"
#include "report/series_report.h"

enum { FS_SERIES_GABOR = 3 }; /* lambda, theta in degrees, sigma */

typedef struct fs_series_numbers {
    fs_series_axis axis;
    const char **ticks;
    int *stages;
    int n;                                    /* layers that a later version has too */
    const char **names;                       /* [n] */
    double *block;                            /* what the lines point into */
    fs_series_line *cka, *change, *angle;     /* [n]; change and angle: [n_kernels] */
    int n_kernels;                            /* layers with weights */
    fs_series_line gabor[FS_SERIES_GABOR][2]; /* how far they moved: medians, means */
} fs_series_numbers;

fs_status fs_series_numbers_make(fs_series_numbers *out, const fs_series_report *report, fs_error *err);
void fs_series_numbers_free(fs_series_numbers *numbers);

/* The least and the greatest of the lines' finite values; both 0 when there are none. */
void fs_series_range(const fs_series_line *lines, int n_lines, int n, double *low, double *high);

#endif
