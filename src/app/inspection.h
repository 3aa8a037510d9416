/* What the worker finds out about one picture: how the network sees it, its class probabilities, the maps of
 * a layer, what a class owes its score to. Never changed once published, held by counting references.
 *
 *     fs_inspection *kept = fs_inspection_keep(event.inspection);
 *     int position = fs_inspection_position(kept, x, y);
 *     n = fs_inspection_strongest(kept, position, list, 24);
 *     fs_inspection_release(kept);
 *
 * Any thread may keep and release; the contents are read only from the moment they are published. */
#ifndef FS_APP_INSPECTION_H
#define FS_APP_INSPECTION_H

#include <stdatomic.h>

#include "app/panel.h"
#include "base/folder.h"
#include "viz/activation.h"

typedef enum fs_inspect_kind {
    FS_INSPECT_READ,      /* a file: crop, fine, probabilities */
    FS_INSPECT_PREDICT,   /* probabilities */
    FS_INSPECT_MAPS,      /* of one layer: values, maps */
    FS_INSPECT_ATTRIBUTE, /* over */
    FS_INSPECT_FOLDER,    /* folder */
    FS_INSPECT_KINDS
} fs_inspect_kind;

enum { FS_INSPECT_FINE_SIDE = 1024 };

typedef struct fs_inspection {
    atomic_int references;
    fs_inspect_kind kind;
    uint64_t model;       /* serial of its fs_shared_model */
    fs_image crop;        /* RGB, what the network sees */
    fs_image fine;        /* the same part of the picture with more pixels, where it has them */
    int n_classes;        /* 0: the network has no class scores */
    float *probabilities; /* [n_classes] */
    int layer;            /* index into the model's layers */
    fs_map_geometry geometry;
    int n_channels;
    float *values;  /* [n_channels][geometry.height][geometry.width] */
    fs_panel *maps; /* a tile a channel, the strongest first; NULL: the layer has no maps */
    fs_image over;  /* the attribution over the dimmed picture */
    char title[FS_PANEL_TITLE_SIZE];
    fs_folder *folder;
} fs_inspection;

/* With one reference and nothing in it. NULL when memory is short. */
fs_inspection *fs_inspection_create(fs_inspect_kind kind);
fs_inspection *fs_inspection_keep(fs_inspection *inspection);
void fs_inspection_release(fs_inspection *inspection); /* NULL is fine */

/* The position of the map whose unit looks at a point of the crop, by its receptive field's centre. */
int fs_inspection_position(const fs_inspection *maps, double x, double y);

typedef struct fs_strong_channel {
    int channel;
    float value;
} fs_strong_channel;
/* At most `most` channels at a position, the greatest value first. Returns how many. */
int fs_inspection_strongest(const fs_inspection *maps, int position, fs_strong_channel *out, int most);

/* All classes into order[n_classes], by the greater of two probabilities; `before` may be NULL. Among equals
 * the smaller number comes first. */
void fs_inspection_order(const float *now, const float *before, int n_classes, int *order);

#endif
