/* Tuning curves in polar coordinates: orientation is the direction, response the radius, one closed line for
 * each wavelength. Half a turn is measured; the other half repeats it. Angles run as in a picture, clockwise
 * from the right, since y points down. Responses below zero are drawn at the centre. */
#ifndef FS_REPORT_POLAR_CHART_H
#define FS_REPORT_POLAR_CHART_H

#include "report/page.h"
#include "viz/tuning.h"

/* `greatest` is the response at the rim, so that several charts share a scale. */
void fs_draw_polar(fs_canvas *canvas, fs_rect rect, const fs_tuning *tuning, fs_stimulus_kind kind,
                   double greatest);

/* The page of a unit: both charts, a legend of wavelengths and the peaks in words. */
typedef struct fs_tuning_page {
    const char *title, *subtitle;
    const fs_tuning *tuning;
} fs_tuning_page;
fs_status fs_tuning_page_draw(const fs_tuning_page *page, fs_image *out, fs_error *err);

#endif
