/* Random transforms: the picture is seen a little shifted, turned and scaled each time, so that what is found
 * survives it (transformation robustness; the standard set is Lucid's).
 *
 *     fs_transform_list list;                                      // viz/transform_list.h
 *     fs_transform_parse(&list, "lucid", &err);
 *     fs_transform_geometry geometry = fs_transform_fit(&list, size);
 *     fs_affine affine = fs_transform_draw(&list, &geometry, &random);
 *     fs_transform_forward(&geometry, affines, canvases, n, windows, pool);       // canvases -> [n,3,H,W]
 *     fs_transform_backward(&geometry, affines, window_grads, n, NULL, canvas_grads, pool);
 *
 * A network wants one input size, so all steps are composed into one affine map about the centre, sampled
 * bilinearly, into a window of the size that scale 1 gives: the picture, with borders, without what jitters
 * cut off. What lies outside the picture is 0.5. At scale 1 and angle 0 the map is a whole number of pixels,
 * and the window a copy.
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
#include "viz/transform_list.h"

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

/* The list's growth must leave a window of at least a pixel. */
fs_transform_geometry fs_transform_fit(const fs_transform_list *list, int size);
/* The whole picture, with its border, inside a window of the given size. */
fs_transform_geometry fs_transform_fit_window(const fs_transform_list *list, int size, int height, int width);

/* The whole picture where it is: a list without steps. */
extern const fs_transform_list fs_transforms_none;

fs_affine fs_transform_draw(const fs_transform_list *list, const fs_transform_geometry *geometry,
                            fs_random *random);

void fs_transform_forward(const fs_transform_geometry *geometry, const fs_affine *affines,
                          const float *canvases, int n, float *windows, fs_pool *pool);

/* Adds normal noise to n windows, each from a random stream of its own. */
void fs_transform_add_noise(const fs_transform_geometry *geometry, double sigma, fs_random *randoms, int n,
                            float *windows, fs_pool *pool);

/* The adjoint of the linear part; canvas_grads are overwritten (their rings with no meaning). wanted: [n],
 * NULL for all; the canvases of unwanted items are left alone. */
void fs_transform_backward(const fs_transform_geometry *geometry, const fs_affine *affines,
                           const float *window_grads, int n, const bool *wanted, float *canvas_grads,
                           fs_pool *pool);

#endif
