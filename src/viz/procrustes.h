/* How far two clouds of the same pictures are apart after the best rotation of one onto the other.
 *
 *     fs_procrustes(before, after, n, channels_before, channels_after, &distance, &err);
 *
 * Orthogonal Procrustes (Schoenemann, Psychometrika 31, 1966) as a distance between representations (Ding,
 * Denain and Steinhardt, "Grounding representation similarity through statistical testing", NeurIPS 2021):
 * with X and Y centred over the pictures and scaled to Frobenius norm 1,
 *
 *     d = min over rotations R of |X - Y R|_F^2 = 2 - 2 |X^T Y|_*        (the sum of its singular values)
 *
 * 0: a rotation, scale and offset of each other; 2: nothing in common. A pure function. */
#ifndef FS_VIZ_PROCRUSTES_H
#define FS_VIZ_PROCRUSTES_H

#include "base/error.h"

/* a [n][wide_a], b [n][wide_b], rows are pictures. NaN where one of the two does not vary. */
fs_status fs_procrustes(const float *a, const float *b, int n, int wide_a, int wide_b, double *out,
                        fs_error *err);

#endif
