/* NumPy's .npy files (format 1.0 to 3.0): float32 little-endian, C order, is what we write; float16, float32,
 * float64, and integer types are read and converted to float32.
 * Format: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef FS_BASE_NPY_H
#define FS_BASE_NPY_H

#include <stdint.h>

#include "base/error.h"

enum { FS_NPY_MAX_RANK = 8 };

typedef struct fs_npy {
    int rank;
    int64_t dim[FS_NPY_MAX_RANK];
    float *data; /* product of dim; fs_npy_free */
} fs_npy;

fs_status fs_npy_read(fs_npy *out, const char *path, fs_error *err);
fs_status fs_npy_write(const char *path, int rank, const int64_t *dim, const float *data, fs_error *err);
void fs_npy_free(fs_npy *npy);

#endif
