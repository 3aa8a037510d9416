/* A shift as files for other programs: layers.csv, filters.csv, gabor.csv, shift.json. docs/formats.md has
 * the fields. */
#ifndef FS_APP_SHIFT_WRITE_H
#define FS_APP_SHIFT_WRITE_H

#include "report/shift_report.h"
#include "viz/render.h"

typedef struct fs_shift_files {
    const fs_shift_report *report;
    const fs_shift_settings *settings;
    const fs_render_settings *render; /* of the strips */
    const char *paths[FS_VERSIONS];   /* of the models, as the user gave them */
} fs_shift_files;

fs_status fs_shift_write_layers(const fs_shift_files *files, const char *path, fs_error *err);
fs_status fs_shift_write_filters(const fs_shift_files *files, const char *path, fs_error *err);
fs_status fs_shift_write_gabor(const fs_shift_files *files, const char *path, fs_error *err);
fs_status fs_shift_write_json(const fs_shift_files *files, const char *path, fs_error *err);

#endif
