/* How far the layers of later versions of a network are from what they were in one of them: linear CKA per
 * layer, version by version.
 *
 *     fs_layer_drift_create(&drift, original, false, &pictures, pool, &progress, &err);
 *     for each version:
 *         fs_layer_drift_measure(drift, version, cka, &err);        // cka[fs_layer_drift_count(drift)]
 *     fs_layer_drift_destroy(drift);
 *
 * The original runs once over the pictures, each version once. Versions are looked at one at a time, so that
 * only two networks need to be in memory. Everything given is borrowed until the drift is destroyed; what
 * `pictures` stand for must not change meanwhile. One thread at a time. */
#ifndef FS_VIZ_LAYER_DRIFT_H
#define FS_VIZ_LAYER_DRIFT_H

#include "viz/layer_grams.h"

typedef struct fs_layer_drift fs_layer_drift;

/* all: every layer of the original; else those that fs_shift_match takes. */
fs_status fs_layer_drift_create(fs_layer_drift **out, const fs_model *original, bool all,
                                const fs_grams_pictures *pictures, fs_pool *pool, const fs_progress *progress,
                                fs_error *err);
void fs_layer_drift_destroy(fs_layer_drift *drift); /* NULL is fine */

int fs_layer_drift_count(const fs_layer_drift *drift);
const fs_layer *fs_layer_drift_layer(const fs_layer_drift *drift, int i);
int fs_layer_drift_pictures(const fs_layer_drift *drift); /* that were used */

/* The original with itself, without running again: 1, or NaN where CKA is no number. */
fs_status fs_layer_drift_start(const fs_layer_drift *drift, double *cka, fs_error *err);
/* NaN for a layer that the version does not have in the same shape, and where CKA is no number. */
fs_status fs_layer_drift_measure(fs_layer_drift *drift, const fs_model *version, double *cka, fs_error *err);

#endif
