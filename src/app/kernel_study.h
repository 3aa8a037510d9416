/* What the worker finds out about the kernels of a layer: the numbers, their fits, and what a view needs to
 * draw them. Never changed once published, held by counting references.
 *
 *     fs_kernel_study *kept = fs_kernel_study_keep(event.study);
 *     const double *profile = fs_kernel_study_profile(kept, 17);
 *     fs_kernel_study_release(kept);
 *
 * Any thread may keep and release; the contents are read only from the moment they are published. */
#ifndef FS_APP_KERNEL_STUDY_H
#define FS_APP_KERNEL_STUDY_H

#include <stdatomic.h>

#include "gabor/analysis.h"
#include "gabor/kernels.h"

enum { FS_STUDY_MOST_SPECTRA = 1 << 24 }; /* numbers in all of them */

typedef struct fs_kernel_study {
    atomic_int references;
    uint64_t model; /* serial of its fs_shared_model */
    int layer;      /* index into the model's layers */
    bool effective; /* gradients in the picture rather than weights */
    fs_kernels kernels;
    fs_analysis analysis;
    double *profiles; /* [count][height][width] */
    int side;         /* of a spectrum: gabor/spectrum.h; 0: there are none, they would take too much room */
    double *spectra;  /* of the profiles, [count][side][side], powers; the greatest of each is 1 */
} fs_kernel_study;

/* Takes over kernels and analysis, on success, and computes profiles and spectra. */
fs_status fs_kernel_study_create(fs_kernel_study **out, fs_kernels *kernels, fs_analysis *analysis,
                                 fs_error *err);
fs_kernel_study *fs_kernel_study_keep(fs_kernel_study *study);
void fs_kernel_study_release(fs_kernel_study *study); /* NULL is fine */

static inline const double *fs_kernel_study_profile(const fs_kernel_study *study, int kernel) {
    return study->profiles + (size_t)kernel * (size_t)(study->kernels.height * study->kernels.width);
}
static inline const double *fs_kernel_study_spectrum(const fs_kernel_study *study, int kernel) {
    return study->spectra + (size_t)kernel * (size_t)study->side * (size_t)study->side;
}

#endif
