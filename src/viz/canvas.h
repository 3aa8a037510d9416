/* The picture between parametrisation and transform: size x size pixels of four floats (R, G, B, unused),
 * rows downwards, with a ring of one more pixel around them. Four floats a pixel make one bilinear tap one
 * vector; the ring holds the grey that lies outside, so that no tap needs a bounds test.
 *
 *     float *canvas = fs_alloc_array(fs_canvas_floats(size), sizeof *canvas);
 *     fs_canvas_clear(canvas, size, FS_CANVAS_OUTSIDE);
 *     float *row = fs_canvas_row(canvas, size, y);     // pixel (0, y)
 *
 * The caller owns the floats. */
#ifndef FS_VIZ_CANVAS_H
#define FS_VIZ_CANVAS_H

#include <stddef.h>

enum { FS_CANVAS_LANES = 4 };
#define FS_CANVAS_OUTSIDE 0.5F

typedef float fs_v4 __attribute__((vector_size(16), may_alias));

static inline size_t fs_canvas_stride(int size) {
    return ((size_t)size + 2) * FS_CANVAS_LANES;
}

static inline size_t fs_canvas_floats(int size) {
    return fs_canvas_stride(size) * ((size_t)size + 2);
}

/* First pixel of row y, past the ring; y = -1 and y = size are the ring's rows. */
static inline float *fs_canvas_row(float *canvas, int size, int y) {
    return canvas + fs_canvas_stride(size) * (size_t)(y + 1) + FS_CANVAS_LANES;
}

static inline const float *fs_canvas_row_const(const float *canvas, int size, int y) {
    return canvas + fs_canvas_stride(size) * (size_t)(y + 1) + FS_CANVAS_LANES;
}

static inline void fs_canvas_clear(float *canvas, int size, float value) {
    size_t count = fs_canvas_floats(size);
    for (size_t i = 0; i < count; i++)
        canvas[i] = value;
}

#endif
