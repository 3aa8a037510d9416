/* One way to make planes of the numbers that an optimiser moves: coefficients -> planes, and gradients back.
 * Each kind is a table entry; its code is a file of viz/parametrisations/, the list of all is registry.c
 * there. viz/parametrisation.h makes colours of the planes and is what a render uses.
 *
 *     kind->create(&planes, &err);                                    // sets coefficients, allocates
 *     kind->initial(&planes, coefficients, &random);                  // one item
 *     kind->forward(&planes, coefficients, scratch, pool);            // all items -> planes.values
 *     kind->backward(&planes, coefficients, grads, wanted, pool);     // planes.values hold plane gradients
 *
 * backward follows a forward with the same coefficients; between them the planes are overwritten by their
 * gradients, and it may come twice. Nothing allocates after create. One thread at a time. */
#ifndef FS_VIZ_PLANES_H
#define FS_VIZ_PLANES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"
#include "base/random.h"

typedef struct fs_planes {
    int size;            /* pixels a side */
    int items;           /* pictures */
    int n;               /* planes of an item: 3 colours, or 1 of grey */
    int threads;         /* of the pools that will be used, at most */
    bool correlated;     /* the planes are R, G, B */
    size_t plane;        /* floats of one plane, a multiple of 16 */
    size_t coefficients; /* floats of one item, a multiple of 16; the kind sets it */
    float *values;       /* [items][n][plane]; NULL: the coefficients are the planes */
    void *state;         /* the kind's own */
} fs_planes;

typedef struct fs_planes_kind {
    const char *name;
    double rate;            /* Adam's, where none is given */
    const char *transforms; /* likewise, as viz/transform_list.h reads them */
    /* How the finished picture is shown: colours stretched from the 1st to the 99th percentile, and
     * transparent where the gradient never went. */
    bool stretched, transparent;

    fs_status (*create)(fs_planes *planes, fs_error *err); /* what failed is destroyed by the caller */
    void (*destroy)(fs_planes *planes);                    /* also after a create that failed */
    void (*initial)(const fs_planes *planes, float *coefficients, fs_random *random); /* padding too */
    /* scratch: [items][coefficients], overwritten */
    void (*forward)(fs_planes *planes, const float *coefficients, float *scratch, fs_pool *pool);
    /* wanted: [items], NULL for all. Where values is NULL the gradients of the planes are in grads already.
     */
    void (*backward)(fs_planes *planes, const float *coefficients, float *grads, const bool *wanted,
                     fs_pool *pool);
} fs_planes_kind;

/* [FS_PARAM_KINDS], in the order of fs_parametrisation_kind, and their names, ended by NULL. */
extern const fs_planes_kind *const fs_planes_kinds[];
extern const char *const fs_planes_names[];

/* Rounded up to whole cache lines. */
static inline size_t fs_planes_padded(size_t floats) {
    return (floats + 15) / 16 * 16;
}

/* Allocates values, for kinds that do not have the planes as coefficients. */
fs_status fs_planes_allocate(fs_planes *planes, fs_error *err);

#endif
