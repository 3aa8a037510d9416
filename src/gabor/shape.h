/* What authors say of a Gabor function besides its parameters.
 *
 * Plain values; any thread. */
#ifndef FS_GABOR_SHAPE_H
#define FS_GABOR_SHAPE_H

#include <stdbool.h>

#include "gabor/analysis.h"

/* Half-magnitude bandwidth in frequency, octaves, across the stripes (Daugman 1985; Petkov and Kruizinga
 * 1997): with s = pi sigma / lambda and h = sqrt(ln 2 / 2), log2((s + h) / (s - h)). NaN where s <= h: the
 * response does not fall to half its magnitude towards frequency zero. */
double fs_gabor_bandwidth(const fs_gabor *gabor);

/* Extent of the envelope in wavelengths (Ringach 2002): sigma / lambda across the stripes, sigma / (gamma
 * lambda) along them. */
double fs_gabor_nx(const fs_gabor *gabor);
double fs_gabor_ny(const fs_gabor *gabor);

/* The phase without sign and polarity, 0 (even, a bar) to pi / 2 (odd, an edge). */
double fs_gabor_folded_phase(const fs_gabor *gabor);

/* Saturation of a kernel's colour: the sine of its angle to grey, 0 for grey, 1 for colours that cancel. */
double fs_colour_saturation(const fs_colour_split *split, int channels);
/* Whether grey is less than half of its energy: a saturation above sqrt(1/2). */
bool fs_colour_is_chromatic(const fs_colour_split *split, int channels);

#endif
