/* A slider over a range of numbers, linear or logarithmic, whole or not.
 *
 *     fs_slider_range range = {.low = 8, .high = 4096, .logarithmic = true, .whole = true};
 *     if (fs_ui_slider(ui, id, rect, &range, &size) == FS_SLIDER_SETTLED) ...
 *
 * By drag, by a press on the track, and with the focus by the arrow keys, Page Up and Down, Home and End. The
 * value follows the pointer; it settles when the pointer lets go, so that what costs much can wait for that.
 * The state is the caller's number. */
#ifndef FS_UI_WIDGETS_SLIDER_H
#define FS_UI_WIDGETS_SLIDER_H

#include "ui/ui.h"

typedef struct fs_slider_range {
    double low, high;
    bool logarithmic; /* low must be above zero */
    bool whole;
} fs_slider_range;

typedef enum fs_slider_result { FS_SLIDER_STILL, FS_SLIDER_MOVING, FS_SLIDER_SETTLED } fs_slider_result;

fs_slider_result fs_ui_slider(fs_ui *ui, fs_ui_id id, fs_rect rect, const fs_slider_range *range,
                              double *value);

/* Where a value lies, 0..1, and the value there, rounded to what can be read (two or three digits). */
double fs_slider_share(const fs_slider_range *range, double value);
double fs_slider_value(const fs_slider_range *range, double share);

#endif
