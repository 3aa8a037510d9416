/* A confusion matrix as a picture: a row for each class, a column for each answer, cells the darker the more
 * of the row are in them, and how many.
 *
 *     fs_confusion_chart chart = {.title = "...", .labels = labels, .classes = 2, .counts = counts};
 *     fs_confusion_chart_draw(&chart, &image, &err);
 *
 * Numbers are left out where cells get too small for them. One thread at a time. */
#ifndef FS_REPORT_CONFUSION_CHART_H
#define FS_REPORT_CONFUSION_CHART_H

#include "report/page.h"

typedef struct fs_confusion_chart {
    const char *title, *subtitle;
    const char *const *labels; /* [classes] */
    const int *counts;         /* [truth][answer] */
    int classes;
} fs_confusion_chart;

fs_status fs_confusion_chart_draw(const fs_confusion_chart *chart, fs_image *out, fs_error *err);

#endif
