/* The course of a training run while it goes on: batch by batch, epoch by epoch.
 *
 *     fs_live_curves curves = {.epochs = epochs, .n_epochs = 3, .points = batches, .n_points = 40, .length =
 * 36, .best = 2}; fs_live_curves_draw(canvas, rect, &curves, FS_LIVE_LOSS);
 *
 * x is the number of epochs of the whole run: an epoch's mean over training stands in its middle, its
 * validation at its end. Everything is borrowed for the call; the same on screen and paper. */
#ifndef FS_REPORT_LIVE_CURVES_H
#define FS_REPORT_LIVE_CURVES_H

#include "report/canvas.h"
#include "report/curves_chart.h"

typedef struct fs_live_point {
    double epoch; /* of the whole run: 1.5 is the middle of the second */
    double loss, accuracy;
} fs_live_point;

typedef struct fs_live_curves {
    const fs_curves_epoch *epochs;
    int n_epochs;
    const fs_live_point *points;
    int n_points;
    int length; /* epochs that the axis has room for, at least */
    int best;   /* an epoch, -1: none */
} fs_live_curves;

typedef enum fs_live_what { FS_LIVE_LOSS, FS_LIVE_ACCURACY } fs_live_what;

void fs_live_curves_draw(fs_canvas *canvas, fs_rect rect, const fs_live_curves *curves, fs_live_what what);
/* What the lines are, in a strip of one line. */
void fs_live_curves_legend(fs_canvas *canvas, fs_rect strip);

#endif
