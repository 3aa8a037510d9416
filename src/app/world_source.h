/* The picture world as a data set that is never written to disk: drawn when a picture is asked for.
 *
 *     fs_world_source_create(&source, &request, &err);
 *     fs_pictures_create(&pictures, source->dataset, &model->preprocess, limit, &err);
 *     fs_world_source_attach(source, pictures);
 *     fs_world_source_destroy(source);     // after the pictures
 *
 * Pictures are drawn at the size that photographs are resized to before they are cropped. Those to validate
 * on are drawn from another seed than those to train on. */
#ifndef FS_APP_WORLD_SOURCE_H
#define FS_APP_WORLD_SOURCE_H

#include "engine/train/pictures.h"
#include "world/world.h"

typedef struct fs_world_source_request {
    fs_world_set set;
    uint64_t seed;
    int n_train, n_val;
    int side;    /* of the network's input, in pixels */
    bool afresh; /* see fs_picture_source */
} fs_world_source_request;

typedef struct fs_world_source {
    fs_world_source_request request;
    int size; /* pixels a side that are drawn */
    fs_dataset *dataset;
} fs_world_source;

fs_status fs_world_source_create(fs_world_source **out, const fs_world_source_request *request,
                                 fs_error *err);
void fs_world_source_destroy(fs_world_source *source); /* NULL is fine */
void fs_world_source_attach(fs_world_source *source, fs_pictures *pictures);

#endif
