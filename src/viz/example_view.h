/* A photograph cut to what one unit sees, and where in it the channel answers: what a tile of a sheet shows.
 *
 *     fs_example_view_make(&view, activation, path, channel, position, 1.0, &err);
 *     ... view.picture, view.samples, view.half ...
 *     fs_image_free(&view.picture);
 *
 * The samples are the channel's map, bilinearly enlarged (fs_map_sample), on a square grid over the window:
 * sample (i, j) of the row-major array lies at i / (FS_VIEW_SIDE - 1) of the window's width. */
#ifndef FS_VIZ_EXAMPLE_VIEW_H
#define FS_VIZ_EXAMPLE_VIEW_H

#include "viz/activation.h"

enum { FS_VIEW_SIDE = 96 };

typedef struct fs_example_view {
    fs_image picture; /* the window's pixels, as the network sees them */
    fs_window window; /* in the cropped picture */
    bool has_samples; /* false for a layer without positions */
    double half;      /* half of the channel's greatest activation in this picture; 0 when none is positive */
    float samples[FS_VIEW_SIDE * FS_VIEW_SIDE];
} fs_example_view;

/* Runs the photograph at `path` through the activation. */
fs_status fs_example_view_make(fs_example_view *out, fs_activation *activation, const char *path, int channel,
                               int position, double context, const atomic_bool *cancel, fs_error *err);

#endif
