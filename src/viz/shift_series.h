/* How the features of a network moved over a run of its training: version by version, against the first one.
 *
 *     fs_shift_series_create(&series, first, &pictures, &settings, &err);       // which is step 0
 *     for each later version:
 *         fs_shift_series_add(series, version, &err);                           // may be freed then
 *     for (int s = 0; s < series->n_steps; s++)
 *         show(series->steps[s].cka[layer], series->steps[s].change[layer]);
 *     fs_shift_series_destroy(series);
 *
 * Of the pictures only the Gram matrices of the first version's layers are kept, and numbers of the later
 * ones: two networks are in memory at a time, however long the run was. Every version sees the same pictures
 * in the same minibatches, those that fs_shift_measure takes with the same seed, so that a series of two says
 * what a shift says. The first model, pool and progress are borrowed until the series is destroyed. One
 * thread at a time. */
#ifndef FS_VIZ_SHIFT_SERIES_H
#define FS_VIZ_SHIFT_SERIES_H

#include "viz/layer_drift.h"
#include "viz/shift.h"

enum { FS_SHIFT_SERIES_MOST = 4096 };

/* Numbers of a layer are NaN where the version does not have it in the same shape. */
typedef struct fs_shift_step {
    double *cka;              /* [n_layers] with the first version; NaN too where it is no number */
    double *change, *cosine;  /* [n_layers] medians over the layer's filters; NaN where it has none */
    fs_shift_filter *filters; /* layer by layer; their `layer` is one of the series' */
    int n_filters;
} fs_shift_step;

typedef struct fs_shift_series {
    fs_layer_drift *drift;
    const fs_model *first;
    bool all_layers;
    int n_layers, n_pictures;
    fs_shift_step *steps;
    int n_steps, capacity;
} fs_shift_series;

typedef struct fs_shift_series_settings {
    bool all_layers; /* see fs_shift_match */
    fs_pool *pool;
    const fs_progress *progress;
} fs_shift_series_settings;

fs_status fs_shift_series_create(fs_shift_series **out, const fs_model *first,
                                 const fs_grams_pictures *pictures, const fs_shift_series_settings *settings,
                                 fs_error *err);
/* A version that cannot be compared leaves the series as it was. FS_ERROR_ARGUMENT when it has seen other
 * pictures; FS_ERROR_LIMIT beyond FS_SHIFT_SERIES_MOST steps. */
fs_status fs_shift_series_add(fs_shift_series *series, const fs_model *version, fs_error *err);
void fs_shift_series_destroy(fs_shift_series *series); /* NULL is fine */

/* Of the first version. */
const fs_layer *fs_shift_series_layer(const fs_shift_series *series, int layer);
/* Whether any later version has the layer. */
bool fs_shift_series_has_layer(const fs_shift_series *series, int layer);

#endif
