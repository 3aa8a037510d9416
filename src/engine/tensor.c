#include "engine/tensor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

fs_shape fs_shape_of(int rank, ...) {
    fs_shape shape = {.rank = rank};
    va_list args;
    va_start(args, rank);
    for (int i = 0; i < rank && i < FS_MAX_RANK; i++)
        shape.dim[i] = va_arg(args, int);
    va_end(args);
    return shape;
}

bool fs_shape_equal(const fs_shape *a, const fs_shape *b) {
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return true;
}

int64_t fs_shape_count(const fs_shape *shape) {
    int64_t count = 1;
    bool zero = false;
    for (int i = 0; i < shape->rank; i++) {
        int64_t dim = shape->dim[i];
        if (dim < 0 || dim > FS_MAX_ELEMENTS)
            return -1;
        if (dim == 0)
            zero = true;
        else if (count > FS_MAX_ELEMENTS / dim)
            return -1;
        else
            count *= dim;
    }
    return zero ? 0 : count;
}

int64_t fs_shape_span(const fs_shape *shape, int first, int last) {
    int64_t count = 1;
    for (int i = first; i < last; i++)
        count *= shape->dim[i];
    return count;
}

const char *fs_shape_text(const fs_shape *shape, char text[FS_SHAPE_TEXT]) {
    int at = 0;
    if (shape->rank == 0)
        snprintf(text, FS_SHAPE_TEXT, "scalar");
    for (int i = 0; i < shape->rank && at < FS_SHAPE_TEXT; i++)
        at +=
            snprintf(text + at, (size_t)(FS_SHAPE_TEXT - at), i ? "x%lld" : "%lld", (long long)shape->dim[i]);
    return text;
}

size_t fs_dtype_size(fs_dtype dtype) {
    return dtype == FS_I64 ? sizeof(int64_t) : sizeof(float);
}

bool fs_axis_normalise(int64_t axis, int rank, int *out) {
    if (axis < 0)
        axis += rank;
    if (axis < 0 || axis >= rank)
        return false;
    *out = (int)axis;
    return true;
}

bool fs_shape_broadcast(const fs_shape *a, const fs_shape *b, fs_shape *out) {
    fs_shape result = {.rank = a->rank > b->rank ? a->rank : b->rank};
    for (int i = 1; i <= result.rank; i++) {
        int64_t da = i <= a->rank ? a->dim[a->rank - i] : 1;
        int64_t db = i <= b->rank ? b->dim[b->rank - i] : 1;
        if (da != db && da != 1 && db != 1)
            return false;
        result.dim[result.rank - i] = da == 1 ? db : da;
    }
    *out = result;
    return true;
}
