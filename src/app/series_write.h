/* A series of versions as files for other programs: layers.csv, filters.csv, gabor.csv, series.json.
 * docs/formats.md has the fields. */
#ifndef FS_APP_SERIES_WRITE_H
#define FS_APP_SERIES_WRITE_H

#include "report/series_report.h"

typedef struct fs_series_files {
    const fs_series_report *report;
    const fs_gabor_fits *fits; /* [versions]; NULL: not fitted */
    uint64_t seed;
} fs_series_files;

fs_status fs_series_write_layers(const fs_series_files *files, const char *path, fs_error *err);
fs_status fs_series_write_filters(const fs_series_files *files, const char *path, fs_error *err);
fs_status fs_series_write_gabor(const fs_series_files *files, const char *path, fs_error *err);
fs_status fs_series_write_json(const fs_series_files *files, const char *path, fs_error *err);

#endif
