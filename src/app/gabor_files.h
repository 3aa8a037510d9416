/* What `gabor -o DIR` leaves in its folder: fits.json, fits.csv, kernels.png, kernels/NNN.png, report.pdf,
 * report.html and, with a substitution test, substitution.json and substitution.csv. */
#ifndef FS_APP_GABOR_FILES_H
#define FS_APP_GABOR_FILES_H

#include "base/pool.h"
#include "base/progress.h"
#include "gabor/fits_write.h"
#include "gabor/substitution.h"

typedef struct fs_gabor_output {
    const char *folder;
    const fs_kernels *kernels;
    const fs_analysis *analysis;
    const fs_fits_source *source;
    const fs_substitution *substitution; /* NULL: none was made */
    fs_pool *pool;
    const fs_progress *progress;
} fs_gabor_output;

fs_status fs_gabor_files_write(const fs_gabor_output *output, fs_error *err);

#endif
