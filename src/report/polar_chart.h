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

/* The same under a line that says where the peak is. */
void fs_draw_polar_chart(fs_canvas *canvas, fs_rect rect, const fs_tuning *tuning, fs_stimulus_kind kind,
                         double greatest);
/* Which colour is which wavelength, as many beside each other as fit. Returns the height, also where
 * `canvas` is NULL and nothing is drawn. */
double fs_draw_polar_legend(fs_canvas *canvas, fs_rect rect, const fs_tuning *tuning);
/* The greatest response to either kind of stimulus, for `greatest`. */
double fs_tuning_greatest(const fs_tuning *tuning);

/* The page of a unit: both charts, a legend of wavelengths and the peaks in words. */
typedef struct fs_tuning_page {
    const char *title, *subtitle;
    const fs_tuning *tuning;
} fs_tuning_page;
fs_status fs_tuning_page_draw(const fs_tuning_page *page, fs_image *out, fs_error *err);

#endif
