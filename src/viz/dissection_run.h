/* The dissection of layers of a network over pictures whose truth is known.
 *
 *     fs_dissection_source source = {.n_pictures = 1000, .rules = rules, .get = draw, .context = &world};
 *     fs_dissection_run(&result, model, layers, n_layers, &source, &settings, pool, &watch, &err);
 *     result.layers[0].channel[7].best[0].iou ...
 *     fs_dissection_free(&result);
 *
 * Two passes over the pictures: exact thresholds, then overlaps. What is kept in between are the greatest
 * activations of each channel; where they would take more than FS_DISSECTION_BYTES, layers and channels take
 * turns, each with two passes of its own. The network sees each picture as a whole, resized to its input
 * where that has another size. Pictures go through it several at a time, each on one thread: the result does
 * not depend on the pool. Model, layers and source are borrowed; layers stay borrowed by the result. */
#ifndef FS_VIZ_DISSECTION_RUN_H
#define FS_VIZ_DISSECTION_RUN_H

#include "base/progress.h"
#include "viz/dissection.h"
#include "viz/examples.h"

#define FS_DISSECTION_BYTES ((int64_t)512 << 20)
#define FS_DISSECTION_PLAN_BYTES ((int64_t)1 << 30) /* as many threads as have room in it, at least one */
enum { FS_DISSECTION_MAX_PICTURES = 100000, FS_DISSECTION_LEAST_PICTURES = 5 };

typedef struct fs_dissection_picture {
    fs_image image;                   /* RGB */
    fs_image masks[FS_CONCEPT_KINDS]; /* of the same size, one channel */
} fs_dissection_picture;
void fs_dissection_picture_free(fs_dissection_picture *picture);

typedef struct fs_dissection_source {
    int n_pictures;
    int labels[FS_CONCEPT_KINDS];               /* as in fs_dissection_rules */
    const char *const *names[FS_CONCEPT_KINDS]; /* likewise */
    /* The same picture every time; several threads at once. One that fails is skipped. */
    fs_status (*get)(void *context, int index, fs_dissection_picture *out, fs_error *err);
    void *context;
} fs_dissection_source;

typedef struct fs_dissection_settings {
    double quantile;    /* 0.5 .. below 1 */
    int least_pictures; /* 0: one in a hundred, at least FS_DISSECTION_LEAST_PICTURES */
    int64_t bytes;      /* 0: FS_DISSECTION_BYTES */
} fs_dissection_settings;

typedef struct fs_dissection_layer {
    const fs_layer *layer;
    fs_dissection_channel *channel; /* [layer->channels] */
} fs_dissection_layer;

typedef struct fs_dissection {
    fs_dissection_layer *layers;
    int n_layers, pictures, skipped;
    int least_pictures; /* that was applied */
    double quantile;
    fs_dissection_totals totals;
} fs_dissection;

/* FS_ERROR_UNSUPPORTED names a layer without positions; FS_ERROR_DIVERGED one whose values are not finite;
 * FS_ERROR_NOT_FOUND when no picture can be used. */
fs_status fs_dissection_run(fs_dissection *out, const fs_model *model, const fs_layer *const *layers,
                            int n_layers, const fs_dissection_source *source,
                            const fs_dissection_settings *settings, fs_pool *pool,
                            const fs_examples_watch *watch, fs_error *err);
void fs_dissection_free(fs_dissection *dissection);

/* Whether a layer has channels over several positions. */
bool fs_dissection_takes(const fs_layer *layer);

#endif
