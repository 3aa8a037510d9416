/* What training did to the network so far: how far each layer moved, the filters that moved most as pictures
 * before and now, the kernels of the first layer. Never changed once published, held by counting references.
 *
 *     fs_training_shift *kept = fs_training_shift_keep(news->shift);
 *     kept->filters[0].now
 *     fs_training_shift_release(kept);
 *
 * Any thread may keep and release; the contents are read only from the moment they are published. */
#ifndef FS_APP_TRAINING_SHIFT_H
#define FS_APP_TRAINING_SHIFT_H

#include <stdatomic.h>

#include "engine/model.h"
#include "gabor/drift.h"

enum { FS_TRAINING_FILTERS = 8, FS_TRAINING_KERNELS = 8, FS_TRAINING_NAME = 128 };

/* A filter of a trained layer. Pictures without pixels could not be made. */
typedef struct fs_training_filter {
    char layer[FS_TRAINING_NAME];
    fs_level level;
    int channel;
    double change;                    /* |now - before| / |before| of its weights */
    fs_image before, now, difference; /* RGB; the difference about mid-grey */
} fs_training_filter;

typedef struct fs_training_layer {
    char name[FS_TRAINING_NAME];
    fs_level level;
    double cka; /* against the network before; NaN: no variation */
} fs_training_layer;

typedef struct fs_training_shift {
    atomic_int references;
    int epochs;                /* finished when it was measured */
    fs_training_layer *layers; /* in the order of computation; none where the pictures are too few */
    int n_layers;
    fs_training_filter filters[FS_TRAINING_FILTERS]; /* the one that moved most first */
    int n_filters;
    /* The kernels of the first layer that moved most, where it is trained and shows colours. */
    int n_kernels, channels[FS_TRAINING_KERNELS];
    double changes[FS_TRAINING_KERNELS];
    fs_kernels before, now;
    fs_gabor_drifts drifts; /* [n_kernels], or none: kernels too small for a fit */
} fs_training_shift;

/* With one reference; NULL when memory is short. */
fs_training_shift *fs_training_shift_create(void);
fs_training_shift *fs_training_shift_keep(fs_training_shift *shift);
void fs_training_shift_release(fs_training_shift *shift); /* NULL is fine */

#endif
