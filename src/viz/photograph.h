/* How a network sees a picture file in a layer: the file's centre square at the render's size, in the same
 * window and with the same border as a rendered picture, without random transforms.
 *
 *     fs_photograph_view view = {.model = model, .geometry = geometry, .value = layer->view};
 *     fs_photograph_activation(&view, "cat.jpg", &activation, &err);       // [C,...], fs_free
 *
 * Reading trusts nothing; errors name the file. */
#ifndef FS_VIZ_PHOTOGRAPH_H
#define FS_VIZ_PHOTOGRAPH_H

#include "base/pool.h"
#include "engine/model.h"
#include "viz/transform.h"

typedef struct fs_photograph_view {
    const fs_model *model;
    fs_transform_geometry geometry;
    int value; /* number of the value that is wanted */
    fs_pool *pool;
} fs_photograph_view;

/* view: a fs_photograph_view, as fs_term_site's `picture` has it. */
fs_status fs_photograph_activation(void *view, const char *path, float **out, fs_error *err);

/* The centre square, resampled. */
fs_status fs_photograph_read(fs_image *out, const char *path, int size, fs_error *err);

#endif
