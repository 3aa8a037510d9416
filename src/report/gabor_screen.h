/* The population of a layer's kernels, drawn small: where they lie, how many are of a class, and what else a
 * kernel could be.
 *
 *     fs_draw_gabor_scatter(canvas, rect, &analysis, selected);
 *     int hit = fs_gabor_scatter_hit(rect, &analysis, x, y);        // -1, or a kernel
 *
 * Plain functions of what they are given; one thread at a time for a canvas. */
#ifndef FS_REPORT_GABOR_SCREEN_H
#define FS_REPORT_GABOR_SCREEN_H

#include "gabor/analysis.h"
#include "report/canvas.h"

/* Half a disk that hangs from its diameter: theta is the direction, clockwise from the right as in a picture,
 * the wavelength of the Gabor fit the radius, logarithmic from 2 pixels to twice the kernel's side. Kernels
 * with stripes are points in the colour of their class: Gabor functions, edges, gratings; the others have no
 * orientation. selected: a kernel with a ring around it; -1: none. */
void fs_draw_gabor_scatter(fs_canvas *canvas, fs_rect rect, const fs_analysis *analysis, int selected);
/* The kernel whose point is nearest, within some pixels; -1: none. */
int fs_gabor_scatter_hit(fs_rect rect, const fs_analysis *analysis, double x, double y);
/* Where a kernel's point is; false: it has none. */
bool fs_gabor_scatter_point(fs_rect rect, const fs_analysis *analysis, int kernel, double *x, double *y);
/* The next kernel among the points by orientation, step 1 or -1, for the keyboard; -1: there are none. */
int fs_gabor_scatter_next(const fs_analysis *analysis, int from, int step);

/* A power spectrum of gabor/spectrum.h whose greatest value is 1, as amplitudes, filling the rectangle; rings
 * stand where the Gabor function's grating is. */
void fs_draw_gabor_spectrum(fs_canvas *canvas, fs_rect rect, const double *power, int side,
                            const fs_gabor *gabor);

/* The classes with their marks and counts, as many beside each other as fit. Returns the height, also where
 * `canvas` is NULL and nothing is drawn. */
double fs_draw_class_key(fs_canvas *canvas, fs_rect rect, const fs_analysis *analysis);
/* The colour mark of a class, in the middle of the rectangle. */
void fs_draw_class_mark(fs_canvas *canvas, fs_rect rect, fs_kernel_class kind);

/* The models that competed, the best first: by how much their AICc is above its, their R2 and parameters; as
 * many lines as the rectangle has room for. */
void fs_draw_rivals(fs_canvas *canvas, fs_rect rect, const fs_kernel_analysis *kernel);
/* "first derivative" */
const char *fs_model_words(fs_kernel_model model);

#endif
