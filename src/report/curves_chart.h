/* The course of a training run as a picture: loss and accuracy by epoch, for training and validation, the
 * stages apart, the best epoch marked.
 *
 *     fs_curves_chart chart = {.title = "...", .subtitle = "...", .epochs = epochs, .n_epochs = 12, ...};
 *     fs_curves_chart_draw(&chart, &image, &err);
 *
 * Everything is borrowed for the call. One thread at a time. */
#ifndef FS_REPORT_CURVES_CHART_H
#define FS_REPORT_CURVES_CHART_H

#include "report/page.h"

typedef struct fs_curves_epoch {
    int stage;
    double train_loss, val_loss, train_accuracy, val_accuracy; /* accuracies 0..1 */
} fs_curves_epoch;

typedef struct fs_curves_chart {
    const char *title, *subtitle;
    const char *const *stages; /* names, by number */
    const fs_curves_epoch *epochs;
    int n_epochs; /* at least 1 */
    int best;     /* an epoch, -1: none */
} fs_curves_chart;

fs_status fs_curves_chart_draw(const fs_curves_chart *chart, fs_image *out, fs_error *err);

#endif
