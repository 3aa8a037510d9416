/* What the charts of a shift share: titles, a vertical axis with ticks at round numbers, upright text,
 * legends.
 *
 *     fs_chart_title(canvas, &rect, "CKA of each layer", NULL);
 *     fs_chart_frame frame = fs_chart_frame_draw(canvas, rect, "CKA", 0, 1);
 *     y = fs_chart_y(&frame, 0.5);
 */
#ifndef FS_REPORT_CHART_FRAME_H
#define FS_REPORT_CHART_FRAME_H

#include "report/canvas.h"

typedef struct fs_chart_frame {
    fs_rect plot;
    double low, high; /* at its bottom and top */
} fs_chart_frame;

/* Cut off the top of *rect; note, a paler line, may be NULL. */
void fs_chart_title(fs_canvas *canvas, fs_rect *rect, const char *title, const char *note);
/* Axis, ticks and grid of numbers from low to high; `unit` reads upwards at the left. */
fs_chart_frame fs_chart_frame_draw(fs_canvas *canvas, fs_rect rect, const char *unit, double low,
                                   double high);
double fs_chart_y(const fs_chart_frame *frame, double value);
/* 1, 2 or 5 times a power of ten, so that there are about five steps. */
double fs_chart_step(double range);
/* "0.25", with the digits that the step needs. */
void fs_chart_number(double value, double step, char text[40]);
/* One line that reads from the bottom to the top of rect. */
void fs_chart_text_upwards(fs_canvas *canvas, fs_rect rect, const char *text, const fs_text_style *style);
/* A square of a colour and its name, cut off the left of *strip. */
void fs_chart_legend_entry(fs_canvas *canvas, fs_rect *strip, const char *name, fs_colour colour);

#endif
