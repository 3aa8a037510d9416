/* A kernel beside its fits, as numbers to draw or to put in its place.
 *
 *     fs_kernel_views views = {0};
 *     fs_kernel_views_create(&views, &patch, &analysis.kernels[c], &err);
 *     fs_patch fitted = fs_kernel_views_patch(&views, FS_VIEW_FITTED);
 *     fs_kernel_views_free(&views);
 *
 * Borrows nothing. Thread safe once made. */
#ifndef FS_GABOR_VIEWS_H
#define FS_GABOR_VIEWS_H

#include "gabor/analysis.h"

/* The Gabor fit in colour: one geometry, each channel's amplitude and offset. out: [channels][h][w] */
void fs_sample_colour_fit(const fs_kernel_analysis *kernel, int channels, int height, int width, double *out);
/* The kernel's colour times the Gabor fit of its profile. */
void fs_sample_rank_one_fit(const fs_kernel_analysis *kernel, int channels, int height, int width,
                            double *out);

typedef enum fs_kernel_view {
    FS_VIEW_LEARNED, /* all channels; for a kernel of one channel the same as its profile */
    FS_VIEW_FITTED,
    FS_VIEW_RESIDUAL,
    FS_VIEW_PROFILE, /* one channel */
    FS_VIEW_PROFILE_FITTED,
    FS_VIEW_PROFILE_RESIDUAL,
    FS_VIEWS
} fs_kernel_view;

typedef struct fs_kernel_views {
    int channels, height, width;
    double *values[FS_VIEWS];
    double greatest, greatest_profile; /* magnitudes of the learned kernel and of its profile */
    int side;                          /* of the spectra: gabor/spectrum.h */
    double *power, *power_fitted;      /* of the profiles, [side][side] */
    double greatest_power;             /* of both */
} fs_kernel_views;

fs_status fs_kernel_views_create(fs_kernel_views *out, const fs_patch *patch,
                                 const fs_kernel_analysis *kernel, fs_error *err);
void fs_kernel_views_free(fs_kernel_views *views);
fs_patch fs_kernel_views_patch(const fs_kernel_views *views, fs_kernel_view view);

#endif
