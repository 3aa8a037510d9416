/* Pixels: the coefficients are the planes. Without a prior, fine noise is as easy to move as shapes are. */
#include <string.h>

#include "viz/parametrisations/kinds.h"

#define INITIAL_SIGMA 0.01F

static fs_status create(fs_planes *p, fs_error *err) {
    (void)err;
    p->coefficients = (size_t)p->n * p->plane;
    return FS_OK;
}

static void destroy(fs_planes *p) {
    (void)p;
}

static void initial(const fs_planes *p, float *coefficients, fs_random *random) {
    memset(coefficients, 0, p->coefficients * sizeof *coefficients);
    for (int k = 0; k < p->n; k++)
        fs_random_normal(random, coefficients + (size_t)k * p->plane, p->size * p->size, INITIAL_SIGMA);
}

static void forward(fs_planes *p, const float *coefficients, float *scratch, fs_pool *pool) {
    (void)p;
    (void)coefficients;
    (void)scratch;
    (void)pool;
}

static void backward(fs_planes *p, const float *coefficients, float *grads, const bool *wanted,
                     fs_pool *pool) {
    size_t used = (size_t)p->size * (size_t)p->size;
    (void)coefficients;
    (void)pool;
    for (int k = 0; k < p->items * p->n; k++)
        if (!wanted || wanted[k / p->n])
            memset(grads + (size_t)k * p->plane + used, 0, (p->plane - used) * sizeof *grads);
}

const fs_planes_kind fs_planes_pixel = {.name = "pixel",
                                        .rate = 0.05,
                                        .transforms = "lucid",
                                        .create = create,
                                        .destroy = destroy,
                                        .initial = initial,
                                        .forward = forward,
                                        .backward = backward};
