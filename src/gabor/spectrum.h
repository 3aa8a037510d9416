/* The zero-padded power spectrum of profiles of one size (FFTW), their means removed.
 *
 *     fs_spectrum_create(&spectrum, 7, 7, &err);
 *     int side = fs_spectrum_side(spectrum);
 *     fs_spectrum_power(spectrum, profile, power);      // [side][side]
 *     fs_spectrum_destroy(spectrum);
 *
 * Not for two threads at once. */
#ifndef FS_GABOR_SPECTRUM_H
#define FS_GABOR_SPECTRUM_H

#include "base/error.h"

typedef struct fs_spectrum fs_spectrum;
fs_status fs_spectrum_create(fs_spectrum **out, int height, int width, fs_error *err);
void fs_spectrum_destroy(fs_spectrum *spectrum); /* NULL is fine */

/* A power of two, at least four times the profile's longer side. */
int fs_spectrum_side(const fs_spectrum *spectrum);
/* out[side][side]: frequency (0, 0) at row and column side / 2, a step is 1 / side cycles per pixel, y
 * downwards as in the profile. */
void fs_spectrum_power(fs_spectrum *spectrum, const double *profile, double *out);

#endif
