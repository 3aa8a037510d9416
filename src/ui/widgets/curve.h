/* A quantity from step to step as a line, scaled to its own range.
 *
 *     fs_curve_add(&curve, step, value);
 *     fs_ui_curve(ui, rect, &curve, planned_steps);
 *
 * The state is an fs_curve: any number of steps in fixed memory. */
#ifndef FS_UI_WIDGETS_CURVE_H
#define FS_UI_WIDGETS_CURVE_H

#include "ui/ui.h"

enum { FS_CURVE_POINTS = 512 };

typedef struct fs_curve {
    int n;
    float step[FS_CURVE_POINTS], value[FS_CURVE_POINTS];
} fs_curve;

/* What is not finite is left out. */
void fs_curve_add(fs_curve *curve, int step, double value);
/* From step 0 to `steps`. Draws in the drawing pass alone. */
void fs_ui_curve(fs_ui *ui, fs_rect rect, const fs_curve *curve, int steps);

#endif
