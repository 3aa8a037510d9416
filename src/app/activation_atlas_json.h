/* index.json of an activation atlas: what was made of what, cell by cell (docs/formats.md). */
#ifndef FS_APP_ACTIVATION_ATLAS_JSON_H
#define FS_APP_ACTIVATION_ATLAS_JSON_H

#include "viz/activation_atlas.h"

typedef struct fs_activation_atlas_report {
    const fs_model *model;
    const fs_layer *layer;
    const fs_folder *folder;
    const fs_points *points;
    const fs_activation_atlas *atlas;
    const fs_activation_atlas_request *request;
    const char *projection; /* "pca", "tsne" */
} fs_activation_atlas_report;

fs_status fs_activation_atlas_write_json(const fs_activation_atlas_report *report, const char *path,
                                         fs_error *err);

#endif
