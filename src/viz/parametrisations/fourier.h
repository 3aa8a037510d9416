/* The transforms between a plane and its half spectrum, [size][size / 2 + 1] complex numbers.
 *
 *     fs_fourier_create(&fourier, size, &err);
 *     fs_fourier_to_plane(&fourier, spectrum, plane);        // sum of waves, not divided; ruins the spectrum
 *     fs_fourier_to_spectrum(&fourier, plane, spectrum);     // keeps the plane
 *     fs_fourier_destroy(&fourier);
 *
 * Arrays begin at multiples of 64 bytes. Running is safe in several threads; FFTW's planner is one for the
 * process and locked here. */
#ifndef FS_VIZ_FOURIER_H
#define FS_VIZ_FOURIER_H

#include <stddef.h>

#include "base/error.h"

typedef struct fs_fourier {
    int size, columns;            /* columns: complex numbers in a row of the half spectrum */
    void *to_plane, *to_spectrum; /* plans */
} fs_fourier;

fs_status fs_fourier_create(fs_fourier *fourier, int size, fs_error *err);
void fs_fourier_destroy(fs_fourier *fourier); /* a zeroed one is fine */

size_t fs_fourier_floats(const fs_fourier *fourier); /* of a half spectrum */

void fs_fourier_to_plane(const fs_fourier *fourier, float *spectrum, float *plane);
void fs_fourier_to_spectrum(const fs_fourier *fourier, const float *plane, float *spectrum);

/* The length of frequency (row, column) in cycles a pixel. */
double fs_fourier_frequency(const fs_fourier *fourier, int row, int column);

#endif
