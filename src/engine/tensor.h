/* Shapes and tensors: dense, row-major (the last dimension is contiguous), float32 for everything that is
 * computed and int64 for the shape arithmetic that exporters leave in graphs. Images are NCHW. */
#ifndef FS_ENGINE_TENSOR_H
#define FS_ENGINE_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { FS_MAX_RANK = 8 };

/* No tensor of the engine holds more elements than this (16 GiB of floats). */
#define FS_MAX_ELEMENTS ((int64_t)1 << 32)

typedef enum fs_dtype { FS_F32, FS_I64 } fs_dtype;

typedef struct fs_shape {
    int rank; /* 0 is a scalar: one element */
    int64_t dim[FS_MAX_RANK];
} fs_shape;

typedef struct fs_tensor {
    fs_shape shape;
    fs_dtype dtype;
    void *data; /* borrowed or owned as the holder says; NULL when unknown or absent */
} fs_tensor;

/* fs_shape_of(4, 1, 3, 224, 224) */
fs_shape fs_shape_of(int rank, ...); /* the dimensions are passed as int */
bool fs_shape_equal(const fs_shape *a, const fs_shape *b);
/* Product of the dimensions; -1 when a dimension is negative or the product exceeds FS_MAX_ELEMENTS. */
int64_t fs_shape_count(const fs_shape *shape);
/* Product of dim[first..last). The shape must be valid. */
int64_t fs_shape_span(const fs_shape *shape, int first, int last);
/* "1x3x224x224" into a buffer; returns it. */
enum { FS_SHAPE_TEXT = 160 };
const char *fs_shape_text(const fs_shape *shape, char text[FS_SHAPE_TEXT]);

size_t fs_dtype_size(fs_dtype dtype);

static inline int64_t fs_tensor_count(const fs_tensor *t) {
    return fs_shape_count(&t->shape);
}
static inline float *fs_f32(const fs_tensor *t) {
    return (float *)t->data;
}
static inline int64_t *fs_i64(const fs_tensor *t) {
    return (int64_t *)t->data;
}

/* -1 counts from the end. False when out of range for the rank. */
bool fs_axis_normalise(int64_t axis, int rank, int *out);

/* NumPy broadcasting of two shapes. False when they do not match. */
bool fs_shape_broadcast(const fs_shape *a, const fs_shape *b, fs_shape *out);

#endif
