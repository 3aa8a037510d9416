/* An analysis as fits.json and fits.csv; docs/formats.md has the fields. */
#ifndef FS_GABOR_FITS_WRITE_H
#define FS_GABOR_FITS_WRITE_H

#include "gabor/analysis.h"

typedef struct fs_fits_source {
    const char *model; /* NULL for kernels of no model */
    const char *layer; /* likewise; for kernels of a file its path */
    const char *kind;  /* "weights", "effective" or "file" */
    uint64_t seed;
} fs_fits_source;

fs_status fs_fits_write_json(const fs_analysis *analysis, const fs_fits_source *source, const char *path,
                             fs_error *err);
fs_status fs_fits_write_csv(const fs_analysis *analysis, const char *path, fs_error *err);

#endif
