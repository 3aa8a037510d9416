/* The kinds of parametrisation, one file each. docs/parametrisations.md says what each one is good for. */
#ifndef FS_VIZ_PARAMETRISATIONS_KINDS_H
#define FS_VIZ_PARAMETRISATIONS_KINDS_H

#include "viz/planes.h"

extern const fs_planes_kind fs_planes_fft, fs_planes_pixel, fs_planes_laplacian, fs_planes_cppn,
    fs_planes_maco;

#endif
