#include "app/kernel_study.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "gabor/spectrum.h"

static void scale_to_one(double *power, int n) {
    double greatest = 0;
    for (int i = 0; i < n; i++)
        greatest = fmax(greatest, power[i]);
    for (int i = 0; i < n && greatest > 0; i++)
        power[i] /= greatest;
}

static fs_status fill(fs_kernel_study *study, fs_spectrum *spectrum, const fs_kernels *kernels,
                      fs_error *err) {
    const size_t samples = (size_t)kernels->height * (size_t)kernels->width, count = (size_t)kernels->count;
    const size_t side = (size_t)fs_spectrum_side(spectrum);
    const size_t each = count * side * side <= FS_STUDY_MOST_SPECTRA ? side * side : 0;
    study->side = each > 0 ? (int)side : 0;
    study->profiles = fs_alloc_array(count, samples * sizeof *study->profiles);
    study->spectra = fs_alloc_array(count, each * sizeof *study->spectra);
    if (study->profiles == NULL || study->spectra == NULL)
        return fs_fail_memory(err, "spectra of kernels");
    for (int i = 0; i < kernels->count; i++) {
        const fs_patch patch = fs_kernels_patch(kernels, i);
        double *profile = study->profiles + (size_t)i * samples, *power = study->spectra + (size_t)i * each;
        (void)fs_colour_split_of(&patch, profile);
        if (each == 0)
            continue;
        fs_spectrum_power(spectrum, profile, power);
        scale_to_one(power, (int)each);
    }
    return FS_OK;
}

fs_status fs_kernel_study_create(fs_kernel_study **out, fs_kernels *kernels, fs_analysis *analysis,
                                 fs_error *err) {
    fs_spectrum *spectrum = NULL;
    fs_kernel_study *study = fs_calloc(1, sizeof *study);
    if (study == NULL)
        return fs_fail_memory(err, "a study of kernels");
    atomic_init(&study->references, 1);
    fs_status status = fs_spectrum_create(&spectrum, kernels->height, kernels->width, err);
    if (status == FS_OK)
        status = fill(study, spectrum, kernels, err);
    fs_spectrum_destroy(spectrum);
    if (status != FS_OK) {
        fs_kernel_study_release(study);
        return status;
    }
    study->kernels = *kernels;
    study->analysis = *analysis;
    memset(kernels, 0, sizeof *kernels);
    memset(analysis, 0, sizeof *analysis);
    *out = study;
    return FS_OK;
}

fs_kernel_study *fs_kernel_study_keep(fs_kernel_study *study) {
    atomic_fetch_add_explicit(&study->references, 1, memory_order_relaxed);
    return study;
}

void fs_kernel_study_release(fs_kernel_study *study) {
    if (study == NULL || atomic_fetch_sub_explicit(&study->references, 1, memory_order_acq_rel) != 1)
        return;
    fs_kernels_free(&study->kernels);
    fs_analysis_free(&study->analysis);
    fs_free(study->profiles);
    fs_free(study->spectra);
    fs_free(study);
}
