/* The text header of an .npy file: a Python dictionary literal with 'descr', 'fortran_order' and 'shape'. */
#ifndef FS_BASE_NPY_HEADER_H
#define FS_BASE_NPY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/npy.h"

typedef struct fs_npy_header {
    char order;    /* '<', '>' or '|' */
    char kind;     /* 'f', 'i', 'u' or 'b' */
    int item_size; /* bytes */
    bool fortran;  /* first index fastest */
    int rank;
    int64_t dim[FS_NPY_MAX_RANK];
    size_t count; /* product of dim; count * item_size does not overflow */
} fs_npy_header;

/* Parses text[0,length). Messages do not name the file. */
fs_status fs_npy_header_parse(fs_npy_header *out, const char *text, size_t length, fs_error *err);

#endif
