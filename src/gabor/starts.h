/* Where the fits start: proposals for a model's shape, made from the profile. */
#ifndef FS_GABOR_STARTS_H
#define FS_GABOR_STARTS_H

#include "gabor/models.h"
#include "gabor/spectrum.h"

enum { FS_STARTS_MAX_PEAKS = 4, FS_STARTS_MAX_CENTRES = 3, FS_STARTS_MAX = 400 };

/* What the profile shows at first sight. */
typedef struct fs_profile_view {
    double wavelength[FS_STARTS_MAX_PEAKS],
        angle[FS_STARTS_MAX_PEAKS]; /* strongest peak of the spectrum first */
    int n_peaks;
    double centre[FS_STARTS_MAX_CENTRES][2]; /* x, y */
} fs_profile_view;

fs_profile_view fs_profile_look(fs_spectrum *spectrum, const fs_grid *grid, const double *profile);

/* Starts of a family are likely to lead to the same minimum: of each, the best few are tried. */
enum { FS_STARTS_MAX_FAMILIES = FS_STARTS_MAX_PEAKS + 2 };
typedef struct fs_starts {
    int count, n_families;
    double shape[FS_STARTS_MAX][FS_SEPARABLE_MAX_SHAPE];
    int family[FS_STARTS_MAX];
    int tries[FS_STARTS_MAX_FAMILIES]; /* how many of a family */
} fs_starts;
void fs_starts_propose(fs_starts *out, fs_kernel_model model, const fs_profile_view *view,
                       const fs_grid *grid);

#endif
