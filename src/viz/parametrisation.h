/* The numbers an optimiser moves, and the picture they stand for: coefficients -> RGB in 0..1, and back.
 *
 *     fs_parametrisation_spec spec = {.kind = FS_PARAM_FFT, .size = 224, .items = n, .threads = 2};
 *     fs_parametrisation_create(&p, &spec, &err);
 *     fs_parametrisation_initial(p, coefficients, &random);                     // one item
 *     fs_parametrisation_forward(p, coefficients, scratch, canvases, pool);     // all items
 *     fs_parametrisation_backward(p, coefficients, canvases, canvas_grads, NULL, grads, peaks, pool);
 *
 * A kind (viz/planes.h) makes planes of the coefficients, and viz/colour.h colours of the planes, or one grey
 * of a single plane.
 *
 * An item has fs_parametrisation_count floats, a multiple of a cache line; those that mean nothing are zero
 * and have no gradient. Canvases: viz/canvas.h. The object owns its tables and working planes; one thread at
 * a time, any number of objects in parallel. Nothing allocates after creation. */
#ifndef FS_VIZ_PARAMETRISATION_H
#define FS_VIZ_PARAMETRISATION_H

#include <stddef.h>

#include "base/pool.h"
#include "base/random.h"
#include "viz/render.h"

typedef struct fs_parametrisation fs_parametrisation;

typedef struct fs_parametrisation_spec {
    fs_parametrisation_kind kind;
    int size, items;
    int threads;     /* of the pool it will be used with; 0 counts as 1 */
    bool correlated; /* the planes are R, G, B as they come */
    bool grey;       /* one plane, R = G = B */
} fs_parametrisation_spec;

fs_status fs_parametrisation_create(fs_parametrisation **out, const fs_parametrisation_spec *spec,
                                    fs_error *err);
void fs_parametrisation_destroy(fs_parametrisation *p);

size_t fs_parametrisation_count(const fs_parametrisation *p); /* floats of one item */

/* Random numbers where the kind starts from. */
void fs_parametrisation_initial(const fs_parametrisation *p, float *coefficients, fs_random *random);

/* scratch: as large as coefficients, overwritten. The rings of the canvases are left alone. */
void fs_parametrisation_forward(fs_parametrisation *p, const float *coefficients, float *scratch,
                                float *canvases, fs_pool *pool);

/* coefficients, canvases: those of the last forward. wanted: [items], NULL for all; unwanted items keep their
 * gradient and peak. peaks: [items] the greatest magnitude in the item's gradient, not finite if any of it is
 * not. */
void fs_parametrisation_backward(fs_parametrisation *p, const float *coefficients, const float *canvases,
                                 const float *canvas_grads, const bool *wanted, float *coefficient_grads,
                                 float *peaks, fs_pool *pool);

#endif
