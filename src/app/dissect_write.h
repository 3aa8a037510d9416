/* A dissection as files for other programs: dissection.json, dissection.csv, and the file of concepts that a
 * model's sidecar names. docs/formats.md has the fields. */
#ifndef FS_APP_DISSECT_WRITE_H
#define FS_APP_DISSECT_WRITE_H

#include "viz/dissection_run.h"

typedef struct fs_dissect_files {
    const fs_dissection *dissection;
    const fs_dissection_source *source; /* the names of its labels */
    const char *model;
    double least; /* IoU from which on a channel has a concept */
} fs_dissect_files;

fs_status fs_dissect_write_json(const fs_dissect_files *files, const char *path, fs_error *err);
fs_status fs_dissect_write_csv(const fs_dissect_files *files, const char *path, fs_error *err);
/* The same format as dissection.json, with the channels that have a concept alone. */
fs_status fs_dissect_write_concepts(const fs_dissect_files *files, const char *path, fs_error *err);

#endif
