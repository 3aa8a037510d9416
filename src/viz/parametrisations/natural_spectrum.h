/* How the planes of photographs vary: the mean magnitude of their Fourier coefficients and their spread.
 *
 *     double m = fs_natural_magnitude(FS_NATURAL_DECORRELATED + k, fy, fx);   // cycles a pixel, |f| <= 0.5
 *     double sigma = fs_natural_spread(FS_NATURAL_DECORRELATED + k);
 *
 * Planes are those that viz/colour.h makes colours of. The magnitudes' unit has no meaning. The numbers are
 * in natural_spectrum.inc, which tools/natural_spectrum.c writes. Pure functions. */
#ifndef FS_VIZ_NATURAL_SPECTRUM_H
#define FS_VIZ_NATURAL_SPECTRUM_H

typedef enum fs_natural_plane {
    FS_NATURAL_DECORRELATED = 0, /* and the two after it */
    FS_NATURAL_RGB = 3,          /* red, green, blue */
    FS_NATURAL_GREY = 6,
    FS_NATURAL_PLANES
} fs_natural_plane;

/* A plane's table covers one quadrant, photographs and their mirror images being equally natural; its nodes
 * lie at 0.5 (i / (NODES - 1))^WARP cycles a pixel, closer where magnitudes change faster. */
enum { FS_NATURAL_NODES = 33 };
#define FS_NATURAL_WARP 1.5
/* A level of the table is a factor of 2^(1 / LEVELS). */
#define FS_NATURAL_LEVELS 16

double fs_natural_magnitude(int plane, double fy, double fx);
double fs_natural_spread(int plane);

#endif
