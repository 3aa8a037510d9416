/* Numbers on a grid as squares of colour: kernels, spectra.
 *
 *     fs_draw_cells(canvas, fs_cells_fit(rect, 7, 7), 7, 7, colour_of, &context);
 */
#ifndef FS_REPORT_CELLS_H
#define FS_REPORT_CELLS_H

#include "report/page.h"

/* The diverging scale of viz/heat.h, share in -1..1. */
fs_colour fs_cell_heat(double share);

/* The largest rectangle of the grid's proportions in the middle of `rect`; whole units for every number where
 * there is room for it, so that no edge is blurred. */
fs_rect fs_cells_fit(fs_rect rect, int height, int width);

/* A thin line around the outside. */
void fs_draw_outline(fs_canvas *canvas, fs_rect rect);

/* colour(context, i) for i in [0, height * width), rows from the top; fills `rect`, outlined. */
typedef fs_colour (*fs_cell_colour)(const void *context, int i);
void fs_draw_cells(fs_canvas *canvas, fs_rect rect, int height, int width, fs_cell_colour colour,
                   const void *context);

#endif
