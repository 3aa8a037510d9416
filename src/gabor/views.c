#include "gabor/views.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "gabor/spectrum.h"

void fs_sample_colour_fit(const fs_kernel_analysis *kernel, int channels, int height, int width,
                          double *out) {
    const size_t plane = (size_t)height * (size_t)width;
    for (int c = 0; c < channels; c++) {
        fs_gabor g = kernel->in_colour.geometry;
        g.amplitude = kernel->in_colour.amplitude[c];
        g.offset = kernel->in_colour.offset[c];
        fs_gabor_sample(&g, height, width, out + (size_t)c * plane);
    }
}

void fs_sample_rank_one_fit(const fs_kernel_analysis *kernel, int channels, int height, int width,
                            double *out) {
    const size_t plane = (size_t)height * (size_t)width;
    for (int c = 0; c < channels; c++) {
        fs_gabor g = kernel->fit.gabor;
        g.amplitude *= kernel->split.colour[c];
        g.offset *= kernel->split.colour[c];
        fs_gabor_sample(&g, height, width, out + (size_t)c * plane);
    }
}

static double greatest_of(const double *values, size_t count) {
    double greatest = 0;
    for (size_t i = 0; i < count; i++)
        greatest = fmax(greatest, fabs(values[i]));
    return greatest;
}

static void subtract(const double *a, const double *b, size_t count, double *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] - b[i];
}

static fs_status make_spectra(fs_kernel_views *v, fs_error *err) {
    fs_spectrum *spectrum = NULL;
    fs_status status = fs_spectrum_create(&spectrum, v->height, v->width, err);
    if (status != FS_OK)
        return status;
    v->side = fs_spectrum_side(spectrum);
    const size_t count = (size_t)v->side * (size_t)v->side;
    v->power = fs_alloc_array(count, sizeof *v->power);
    v->power_fitted = fs_alloc_array(count, sizeof *v->power_fitted);
    if (v->power && v->power_fitted) {
        fs_spectrum_power(spectrum, v->values[FS_VIEW_PROFILE], v->power);
        fs_spectrum_power(spectrum, v->values[FS_VIEW_PROFILE_FITTED], v->power_fitted);
        v->greatest_power = fmax(greatest_of(v->power, count), greatest_of(v->power_fitted, count));
    } else {
        status = fs_fail_memory(err, "a spectrum");
    }
    fs_spectrum_destroy(spectrum);
    return status;
}

static void fill(fs_kernel_views *v, const fs_patch *patch, const fs_kernel_analysis *kernel) {
    const size_t plane = (size_t)v->height * (size_t)v->width, all = plane * (size_t)v->channels;
    double **at = v->values;
    memcpy(at[FS_VIEW_LEARNED], patch->values, all * sizeof(double));
    fs_sample_colour_fit(kernel, v->channels, v->height, v->width, at[FS_VIEW_FITTED]);
    subtract(at[FS_VIEW_LEARNED], at[FS_VIEW_FITTED], all, at[FS_VIEW_RESIDUAL]);
    fs_colour_split_of(patch, at[FS_VIEW_PROFILE]);
    fs_gabor_sample(&kernel->fit.gabor, v->height, v->width, at[FS_VIEW_PROFILE_FITTED]);
    subtract(at[FS_VIEW_PROFILE], at[FS_VIEW_PROFILE_FITTED], plane, at[FS_VIEW_PROFILE_RESIDUAL]);
    v->greatest = greatest_of(at[FS_VIEW_LEARNED], all);
    v->greatest_profile = greatest_of(at[FS_VIEW_PROFILE], plane);
}

fs_status fs_kernel_views_create(fs_kernel_views *out, const fs_patch *patch,
                                 const fs_kernel_analysis *kernel, fs_error *err) {
    fs_kernel_views v = {.channels = patch->channels, .height = patch->height, .width = patch->width};
    const size_t plane = (size_t)patch->height * (size_t)patch->width;
    fs_status status = FS_OK;
    for (int i = 0; i < FS_VIEWS && status == FS_OK; i++) {
        const size_t planes = i < FS_VIEW_PROFILE ? (size_t)patch->channels : 1;
        v.values[i] = fs_calloc(planes * plane, sizeof(double));
        if (!v.values[i])
            status = fs_fail_memory(err, "a kernel's views");
    }
    if (status == FS_OK) {
        fill(&v, patch, kernel);
        status = make_spectra(&v, err);
    }
    if (status == FS_OK)
        *out = v;
    else
        fs_kernel_views_free(&v);
    return status;
}

void fs_kernel_views_free(fs_kernel_views *v) {
    for (int i = 0; i < FS_VIEWS; i++)
        fs_free(v->values[i]);
    fs_free(v->power);
    fs_free(v->power_fitted);
    memset(v, 0, sizeof *v);
}

fs_patch fs_kernel_views_patch(const fs_kernel_views *v, fs_kernel_view view) {
    return (fs_patch){view < FS_VIEW_PROFILE ? v->channels : 1, v->height, v->width, v->values[view]};
}
