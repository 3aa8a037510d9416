/* Random transforms: the picture is seen a little shifted, turned and scaled each time, so that what is found
 * survives it (transformation robustness; the standard set of Lucid).
 *
 *     fs_transform_geometry geometry = fs_transform_fit(FS_TRANSFORMS_LUCID, size);
 *     fs_affine affine = fs_transform_draw(FS_TRANSFORMS_LUCID, &geometry, &random);
 *     fs_transform_forward(&geometry, affines, canvases, n, windows, pool);       // canvases -> [n,3,H,W]
 *     fs_transform_backward(&geometry, affines, window_grads, n, NULL, canvas_grads, pool);
 *
 * Lucid's list is: a border of 12 pixels of 0.5, a crop of all but 8 at a random place, a scale of 0.90
 * .. 1.10, an angle of -10 .. 10 degrees (often 0), a crop of all but 4 at a random place. A network wants
 * one input size, so all of it is composed into one affine map about the centre, sampled bilinearly, into a
 * window of the size that scale 1 gives: size + 12. What lies outside the picture is 0.5. At scale 1 and
 * angle 0 the map is a whole number of pixels, and the window a copy.
 *
 * A network that takes one input size alone gets fs_transform_fit_window: the same map, resampled to that
 * window by `zoom` window pixels a picture pixel. A window pixel is then the mean of round(1 / zoom) squared
 * samples, so that reducing passes over no pixel.
 *
 * Canvases: viz/canvas.h. Pure functions over the caller's memory; results do not depend on the pool. */
#ifndef FS_VIZ_TRANSFORM_H
#define FS_VIZ_TRANSFORM_H

#include <stdbool.h>

#include "base/pool.h"
#include "base/random.h"

typedef enum fs_transform_preset {
    FS_TRANSFORMS_LUCID,
    FS_TRANSFORMS_NONE,
    FS_TRANSFORMS_STRONG
} fs_transform_preset;

typedef struct fs_transform_geometry {
    int size;          /* of the picture, pixels a side */
    int height, width; /* of the window */
    double zoom;       /* window pixels a picture pixel */
} fs_transform_geometry;

/* Window pixel (u, v) sees the picture at x = m[0][0] u + m[0][1] v + m[0][2], y = m[1][0] u + ...; pixel
 * centres are whole numbers. */
typedef struct fs_affine {
    double m[2][3];
} fs_affine;

fs_transform_geometry fs_transform_fit(fs_transform_preset preset, int size);
/* The whole picture, with its border, inside a window of the given size. */
fs_transform_geometry fs_transform_fit_window(fs_transform_preset preset, int size, int height, int width);

fs_affine fs_transform_draw(fs_transform_preset preset, const fs_transform_geometry *geometry,
                            fs_random *random);

void fs_transform_forward(const fs_transform_geometry *geometry, const fs_affine *affines,
                          const float *canvases, int n, float *windows, fs_pool *pool);

/* The adjoint of the linear part; canvas_grads are overwritten (their rings with no meaning). wanted: [n],
 * NULL for all; the canvases of unwanted items are left alone. */
void fs_transform_backward(const fs_transform_geometry *geometry, const fs_affine *affines,
                           const float *window_grads, int n, const bool *wanted, float *canvas_grads,
                           fs_pool *pool);

#endif
