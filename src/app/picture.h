/* What the worker publishes: pictures and models that never change again, held by counting references.
 *
 *     fs_picture *kept = fs_picture_keep(event.picture);
 *     ...
 *     fs_picture_release(kept);
 *
 * Any thread may keep and release; the contents are read only from the moment they are published. */
#ifndef FS_APP_PICTURE_H
#define FS_APP_PICTURE_H

#include <stdatomic.h>

#include "viz/render.h"

typedef struct fs_picture {
    atomic_int references;
    fs_image image;
    uint64_t model; /* serial of its fs_shared_model */
    int layer;      /* index into the model's layers */
    int channel;
    int steps, total_steps;
    double objective;
    double rate; /* steps a second; 0 when not known yet */
} fs_picture;

/* With one reference and no pixels yet. NULL when memory is short. */
fs_picture *fs_picture_create(void);
fs_picture *fs_picture_keep(fs_picture *picture);
void fs_picture_release(fs_picture *picture); /* NULL is fine */
static inline bool fs_picture_finished(const fs_picture *picture) {
    return picture->steps >= picture->total_steps;
}

typedef struct fs_shared_model {
    atomic_int references;
    uint64_t serial; /* the generation of the job that loaded it */
    fs_model *model;
} fs_shared_model;

/* Takes over the model, on success. */
fs_status fs_shared_model_create(fs_shared_model **out, fs_model *model, uint64_t serial, fs_error *err);
fs_shared_model *fs_shared_model_keep(fs_shared_model *shared);
void fs_shared_model_release(fs_shared_model *shared); /* NULL is fine */

#endif
