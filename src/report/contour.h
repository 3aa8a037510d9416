/* The line along which a sampled function has a given value: marching squares with linear interpolation on
 * the edges of the cells (Lorensen and Cline's marching cubes, 1987, in the plane).
 *
 *     fs_contour_path(cr, samples, columns, rows, level);     // sample (i, j) lies at user point (i, j)
 *     cairo_stroke(cr);
 *
 * The lines are open where they leave the samples. */
#ifndef FS_REPORT_CONTOUR_H
#define FS_REPORT_CONTOUR_H

#include <cairo.h>

/* Adds to the current path. samples: [rows][columns]. Returns the number of pieces of line. */
int fs_contour_path(cairo_t *cr, const float *samples, int columns, int rows, double level);

#endif
