/* The numbers an optimiser moves, and the picture they stand for: coefficients -> RGB in 0..1, and back.
 *
 *     fs_parametrisation_create(&p, FS_PARAM_FFT, size, items, false, &err);
 *     fs_parametrisation_initial(p, coefficients, &random);                     // one item
 *     fs_parametrisation_forward(p, coefficients, scratch, canvases, pool);     // all items
 *     fs_parametrisation_backward(p, canvases, canvas_grads, NULL, coefficient_grads, peaks, pool);
 *
 * Fourier (FS_PARAM_FFT): plane = c2r(coefficient * s(f)) / (w h) / 4 with s(f) = sqrt(w h) / max(f, 1 /
 * max(w, h)), f the length of the frequency in cycles a pixel. The spectrum of photographs falls as 1/f, so
 * s(f) makes all frequencies equally easy to move. Pixels (FS_PARAM_PIXEL): the coefficients are the planes.
 * Either way fs_colour_forward makes colours of the planes. Source: Olah, Mordvintsev, Schubert, "Feature
 * Visualization", Distill 2017, doi:10.23915/distill.00007, and its code, Lucid.
 *
 * An item has fs_parametrisation_count floats: three planes, each padded to whole cache lines; Fourier planes
 * are [size][size/2 + 1] complex numbers. Canvases: viz/canvas.h. The object owns its tables and working
 * planes; one thread at a time, any number of objects in parallel (FFTW's planner is locked here). Nothing
 * allocates after creation. */
#ifndef FS_VIZ_PARAMETRISATION_H
#define FS_VIZ_PARAMETRISATION_H

#include <stddef.h>

#include "base/pool.h"
#include "base/random.h"
#include "viz/render.h"

typedef struct fs_parametrisation fs_parametrisation;

/* correlated: the planes are R, G, B as they come. */
fs_status fs_parametrisation_create(fs_parametrisation **out, fs_parametrisation_kind kind, int size,
                                    int items, bool correlated, fs_error *err);
void fs_parametrisation_destroy(fs_parametrisation *p);

size_t fs_parametrisation_count(const fs_parametrisation *p); /* floats of one item */

/* N(0, 0.01) for every coefficient, zero for the padding. */
void fs_parametrisation_initial(const fs_parametrisation *p, float *coefficients, fs_random *random);

/* scratch: as large as coefficients, overwritten. The rings of the canvases are left alone. */
void fs_parametrisation_forward(fs_parametrisation *p, const float *coefficients, float *scratch,
                                float *canvases, fs_pool *pool);

/* canvases: what forward gave. wanted: [items], NULL for all; unwanted items keep their gradient and peak.
 * peaks: [items] the greatest magnitude in the item's gradient, not finite if any of it is not. */
void fs_parametrisation_backward(fs_parametrisation *p, const float *canvases, const float *canvas_grads,
                                 const bool *wanted, float *coefficient_grads, float *peaks, fs_pool *pool);

#endif
