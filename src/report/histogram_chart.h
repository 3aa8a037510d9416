/* A histogram as a small chart: bars over an axis that includes zero, the ends of the values beneath, the
 * share of exact zeros at its right. */
#ifndef FS_REPORT_HISTOGRAM_CHART_H
#define FS_REPORT_HISTOGRAM_CHART_H

#include "report/canvas.h"
#include "viz/histogram.h"

/* logarithmic: heights are log(1 + count). mark: a dashed line at this value, NaN for none. */
void fs_draw_histogram(fs_canvas *canvas, fs_rect rect, const char *title, const fs_histogram *histogram,
                       bool logarithmic, double mark);

#endif
