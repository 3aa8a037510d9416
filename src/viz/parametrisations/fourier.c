#include "viz/parametrisations/fourier.h"

#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>

#include "base/alloc.h"

/* FFTW's planner is one for the process and not thread safe; running plans is. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

size_t fs_fourier_floats(const fs_fourier *fourier) {
    return 2 * (size_t)fourier->size * (size_t)fourier->columns;
}

fs_status fs_fourier_create(fs_fourier *fourier, int size, fs_error *err) {
    *fourier = (fs_fourier){.size = size, .columns = size / 2 + 1};
    float *spectrum = fs_alloc_array(fs_fourier_floats(fourier), sizeof *spectrum);
    float *plane = fs_alloc_array((size_t)size * (size_t)size, sizeof *plane);
    if (spectrum && plane) {
        /* Estimated plans are the same on every run; measured ones would depend on the moment. */
        pthread_mutex_lock(&planner);
        fourier->to_plane =
            fftwf_plan_dft_c2r_2d(size, size, (fftwf_complex *)spectrum, plane, FFTW_ESTIMATE);
        fourier->to_spectrum = fftwf_plan_dft_r2c_2d(size, size, plane, (fftwf_complex *)spectrum,
                                                     FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
        pthread_mutex_unlock(&planner);
    }
    fs_free(spectrum);
    fs_free(plane);
    if (fourier->to_plane && fourier->to_spectrum)
        return FS_OK;
    fs_fourier_destroy(fourier);
    return fs_fail_memory(err, "the Fourier transform");
}

void fs_fourier_destroy(fs_fourier *fourier) {
    pthread_mutex_lock(&planner);
    if (fourier->to_plane)
        fftwf_destroy_plan(fourier->to_plane);
    if (fourier->to_spectrum)
        fftwf_destroy_plan(fourier->to_spectrum);
    pthread_mutex_unlock(&planner);
    fourier->to_plane = fourier->to_spectrum = NULL;
}

void fs_fourier_to_plane(const fs_fourier *fourier, float *spectrum, float *plane) {
    fftwf_execute_dft_c2r(fourier->to_plane, (fftwf_complex *)spectrum, plane);
}

void fs_fourier_to_spectrum(const fs_fourier *fourier, const float *plane, float *spectrum) {
    /* FFTW_PRESERVE_INPUT: the plane is only read; FFTW's signature just lacks the const. */
    fftwf_execute_dft_r2c(fourier->to_spectrum, (float *)(uintptr_t)plane, (fftwf_complex *)spectrum);
}

double fs_fourier_frequency(const fs_fourier *fourier, int row, int column) {
    double size = fourier->size;
    double fy = (row <= (fourier->size - 1) / 2 ? row : row - fourier->size) / size;
    return hypot(fy, column / size);
}
