/* What a network says of a picture with its kernels as learned and with Gabor functions in their place.
 * Computed by the worker (app/worker_substitute.h), never changed once published, held by counting
 * references.
 *
 *     fs_substituted *kept = fs_substituted_keep(event.substituted);
 *     ...
 *     fs_substituted_release(kept);
 */
#ifndef FS_APP_SUBSTITUTED_H
#define FS_APP_SUBSTITUTED_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/image.h"

enum { FS_SUBSTITUTED_TOP = 5, FS_SUBSTITUTED_CLASSES = 2 * FS_SUBSTITUTED_TOP, FS_SUBSTITUTED_NAME = 128 };

typedef struct fs_substituted_class {
    int index;
    char label[FS_SUBSTITUTED_NAME]; /* its number where the model has no labels */
    double before, after;            /* probabilities */
} fs_substituted_class;

typedef struct fs_substituted {
    atomic_int references;
    uint64_t model;                    /* serial of its fs_shared_model */
    int kernel;                        /* that was replaced; -1: all */
    int replaced;                      /* how many */
    double change;                     /* ||W' - W||^2 / ||W||^2 over the layer */
    char picture[FS_SUBSTITUTED_NAME]; /* its name */
    fs_image crop;                     /* as the network sees it */
    /* The likeliest classes before, then those that have come to them. */
    fs_substituted_class classes[FS_SUBSTITUTED_CLASSES];
    int n_classes, first_after; /* first_after: index into classes of the likeliest one afterwards */
    double divergence;          /* KL(before || after), nats */
} fs_substituted;

fs_substituted *fs_substituted_create(void); /* with one reference; NULL when memory is short */
fs_substituted *fs_substituted_keep(fs_substituted *substituted);
void fs_substituted_release(fs_substituted *substituted); /* NULL is fine */

#endif
