/* What a layer answers to a photograph.
 *
 *     fs_activation_create(&activation, model, layer, pool, &err);
 *     fs_activation_run(activation, &photograph, cancel, &err);
 *     const float *map = fs_activation_map(activation, channel);      // [height, width]
 *
 * The photograph is resized and cropped as classify does (fs_preprocess_crop). Creation makes the plan to the
 * layer and no further. Model, layer and pool are borrowed. One thread at a time. */
#ifndef FS_VIZ_ACTIVATION_H
#define FS_VIZ_ACTIVATION_H

#include <stdatomic.h>

#include "base/pool.h"
#include "engine/model.h"

/* Where the positions of a layer's map lie in the cropped picture. */
typedef struct fs_map_geometry {
    int height, width;             /* of the map: 1 x 1 for a layer without positions */
    int image_height, image_width; /* of the picture as the network sees it */
    fs_receptive_field field;
} fs_map_geometry;

typedef struct fs_activation fs_activation;

/* FS_ERROR_UNSUPPORTED for a layer without channels at the model's input size. */
fs_status fs_activation_create(fs_activation **out, const fs_model *model, const fs_layer *layer,
                               fs_pool *pool, fs_error *err);
void fs_activation_destroy(fs_activation *activation); /* NULL is fine */
int fs_activation_channels(const fs_activation *activation);
fs_map_geometry fs_activation_geometry(const fs_activation *activation);

/* FS_ERROR_DIVERGED when the layer's values are not all finite. */
fs_status fs_activation_run(fs_activation *activation, const fs_image *photograph, const atomic_bool *cancel,
                            fs_error *err);
/* The same for a picture that has been cropped: RGB or grey of the model's input size. It is not kept. */
fs_status fs_activation_run_crop(fs_activation *activation, const fs_image *crop, const atomic_bool *cancel,
                                 fs_error *err);
/* Of the last run; borrowed until the next. */
const fs_image *fs_activation_crop(const fs_activation *activation); /* of fs_activation_run alone */
const float *fs_activation_map(const fs_activation *activation, int channel);

/* A square window of the cropped picture: the receptive field of a position of the map, `context` (>= 1)
 * times enlarged, moved to lie inside the picture; all of it where units see everything. */
typedef struct fs_window {
    int x, y, width, height;
} fs_window;
fs_window fs_map_window(const fs_map_geometry *geometry, int position, double context);

/* Along one direction: the position, clamped to 0 .. units - 1, whose receptive field's centre lies at a
 * point of a picture of `pixels`. */
double fs_map_coordinate(const fs_receptive_field *field, double at, int units, int pixels);
/* The map at a point of the cropped picture (pixel centres at half), bilinear between the centres of
 * neighbouring units' receptive fields, constant beyond the outermost. */
double fs_map_sample(const fs_map_geometry *geometry, const float *map, double x, double y);

#endif
