/* What a render holds; shared by render.c (creation, pictures) and render_step.c (one step). */
#ifndef FS_VIZ_RENDER_INTERNAL_H
#define FS_VIZ_RENDER_INTERNAL_H

#include "base/random.h"
#include "engine/plan.h"
#include "viz/adam.h"
#include "viz/goal.h"
#include "viz/parametrisation.h"
#include "viz/planes.h"
#include "viz/render.h"
#include "viz/transform.h"

struct fs_render {
    const fs_model *model;
    fs_render_settings settings;
    fs_pool *pool;
    int n;         /* items */
    int *channels; /* [n] */
    bool variants; /* items are of one objective rather than of channels */
    fs_transform_list transforms;
    fs_transform_geometry geometry;
    fs_plan *plan;
    fs_goal *goal;
    fs_parametrisation *param;
    fs_adam *adam;
    fs_random *randoms, *next_randoms; /* [n]; the latter belong to the step under way */
    fs_affine *affines;                /* [n] */
    float *coefficients, *gradients;   /* [n][fs_parametrisation_count] */
    float *canvases, *canvas_grads;    /* [n] canvases; the former always show the coefficients */
    float *attention;                  /* [n][size][size] sums of the gradient's magnitude; NULL: not kept */
    float *windows;                    /* [n][3][height][width], and their gradients */
    float *peaks;                      /* [n] greatest magnitude of the gradient */
    bool *wanted;                      /* [n] */
    bool *seen;                        /* [n] whether the network's part of the gradient is not zero */
    double *values, *next_values;      /* [n] objectives of the last step, of the step under way */
    double *best_values;               /* [n] */
    uint8_t *best_pixels;              /* [n][size][size][3] */
    int steps_done;
};

/* One item's canvas -> 8-bit RGB, rounded to nearest. */
void fs_render_to_bytes(const fs_render *render, int item, uint8_t *rgb);

#endif
