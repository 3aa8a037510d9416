/* What `examples --json` writes; docs/formats.md describes it. */
#ifndef FS_APP_EXAMPLES_JSON_H
#define FS_APP_EXAMPLES_JSON_H

#include "engine/model.h"
#include "viz/examples.h"

typedef struct fs_examples_report {
    const fs_model *model;
    const fs_layer *layer;
    const fs_folder *folder;
    const fs_examples *examples;
    fs_map_geometry geometry;
    int channel, top;
    double threshold, context;
} fs_examples_report;

fs_status fs_examples_write_json(const fs_examples_report *report, const char *path, fs_error *err);

#endif
