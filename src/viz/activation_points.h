/* Activations of a layer at places of many photographs: points in the space of its channels.
 *
 *     fs_points_settings settings = {.most = 3000, .seed = 1};
 *     fs_points_collect(&points, activation, folder, &settings, pool, &watch, &err);
 *     const float *vector = points.vectors + i * points.channels;
 *     fs_points_free(&points);
 *
 * Memory is bounded by `most` times the channels and by their square, not by the folder. In each photograph
 * the places are drawn at random, none twice, and none at the rim of a map that has an inside: units there
 * see the padding. A folder with more pictures than points gives every k-th one. */
#ifndef FS_VIZ_ACTIVATION_POINTS_H
#define FS_VIZ_ACTIVATION_POINTS_H

#include "viz/examples.h"

typedef struct fs_points_settings {
    int most;      /* points, 1..FS_PROJECTION_MAX_POINTS */
    int per_image; /* 0: as many as it takes to have `most` */
    uint64_t seed;
} fs_points_settings;

typedef struct fs_points {
    int n, channels;
    float *vectors;      /* [n][channels] */
    int32_t *images;     /* [n] index into the folder's files */
    int32_t *positions;  /* [n] row * width + column of the map */
    float *second;       /* [channels][channels] mean of a a^T over all places of the pictures looked at */
    fs_map_geometry map; /* of the layer */
    int used, skipped;   /* pictures */
} fs_points;

/* A picture that cannot be read is skipped and reported to the watch. FS_ERROR_NOT_FOUND when none is left.
 */
fs_status fs_points_collect(fs_points *out, fs_activation *activation, const fs_folder *folder,
                            const fs_points_settings *settings, fs_pool *pool, const fs_examples_watch *watch,
                            fs_error *err);
void fs_points_free(fs_points *points);

/* vectors [n][channels] -> out, each of length 1 (zero vectors stay as they are). */
void fs_points_directions(const fs_points *points, float *out);

#endif
