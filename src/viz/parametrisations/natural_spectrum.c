#include "viz/parametrisations/natural_spectrum.h"

#include <math.h>
#include <stdint.h>

#include "viz/parametrisations/natural_spectrum.inc"

/* Where a frequency lies between the nodes. */
static int node_of(double f, double *between) {
    double at = (FS_NATURAL_NODES - 1) * pow(2 * fabs(f), 1 / FS_NATURAL_WARP);
    int node = at < FS_NATURAL_NODES - 2 ? (int)at : FS_NATURAL_NODES - 2;
    *between = at - node < 1 ? at - node : 1;
    return node;
}

double fs_natural_magnitude(int plane, double fy, double fx) {
    double down, right;
    int y = node_of(fy, &down), x = node_of(fx, &right);
    const uint8_t *upper = &levels[plane][y][x], *lower = &levels[plane][y + 1][x];
    double top = upper[0] + right * (upper[1] - upper[0]);
    double bottom = lower[0] + right * (lower[1] - lower[0]);
    return exp2(-(top + down * (bottom - top)) / FS_NATURAL_LEVELS);
}

double fs_natural_spread(int plane) {
    return spreads[plane];
}
