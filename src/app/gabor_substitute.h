/* Runs a model with its kernels replaced by what gabor/substitution.h makes of them, over a folder of
 * pictures.
 *
 *     fs_substitution result = {0};
 *     fs_gabor_substitute_job job = {.model = model, .layer = layer, .kernels = &kernels, ...};
 *     fs_gabor_substitute(&result, &job, &err);
 *     fs_substitution_free(&result);
 *
 * The model's weights are changed meanwhile and put back at the end, whatever happens: nobody else may use
 * it. At most FS_SUBSTITUTE_MAX_PICTURES are taken, evenly chosen; representations are compared over at most
 * FS_SUBSTITUTE_MAX_COMPARED of them. Pictures that cannot be read are passed over. */
#ifndef FS_APP_GABOR_SUBSTITUTE_H
#define FS_APP_GABOR_SUBSTITUTE_H

#include "base/pool.h"
#include "base/progress.h"
#include "gabor/substitution.h"

enum { FS_SUBSTITUTE_MAX_PICTURES = 2000, FS_SUBSTITUTE_MAX_COMPARED = 500, FS_SUBSTITUTE_MAX_REPEATS = 100 };

typedef struct fs_gabor_substitute_job {
    fs_model *model;
    const fs_layer *layer; /* the convolution that the kernels are of */
    const fs_kernels *kernels;
    const fs_analysis *analysis;
    const char *images, *labels; /* folder; table of classes or "" (app/picture_labels.h) */
    uint64_t seed;
    int repeats; /* of the random variants */
    fs_pool *pool;
    const fs_progress *progress;
} fs_gabor_substitute_job;

fs_status fs_gabor_substitute(fs_substitution *out, const fs_gabor_substitute_job *job, fs_error *err);

#endif
