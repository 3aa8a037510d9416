/* What the files of the activation atlas share. */
#ifndef FS_VIZ_ACTIVATION_ATLAS_PRIVATE_H
#define FS_VIZ_ACTIVATION_ATLAS_PRIVATE_H

#include "viz/activation_atlas.h"

struct fs_activation_atlas {
    const fs_model *model;
    const fs_layer *layer;
    const fs_points *points;
    fs_activation_atlas_request request;
    fs_atlas_cell *cells;
    int n_cells;
    float *directions; /* [n_cells][channels] */
};

#endif
