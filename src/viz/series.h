/* A render as it grows: the picture after chosen steps.
 *
 *     fs_series_steps(&steps, &n, "8", FS_SPACING_LOG, settings.steps, &err);      // 1, 2, 5, 11, ... 256
 *     fs_series_run(&series, model, &settings, steps, n, pool, progress, &err);
 *     for (int i = 0; i < series.n; i++)
 *         show(&series.items[i].image, series.items[i].step);
 *     fs_series_free(&series);
 *
 * Model and pool are borrowed. One thread at a time. */
#ifndef FS_VIZ_SERIES_H
#define FS_VIZ_SERIES_H

#include "viz/render.h"

enum { FS_SERIES_MAX = 1000 };

/* Most happens early: equal ratios between steps show it, from the first step to the last. */
typedef enum fs_spacing { FS_SPACING_LOG, FS_SPACING_EVEN } fs_spacing;

/* text: how many, or the steps themselves in ascending order as "0,1,4,16" (0 is the start). fs_free(*out).
 */
fs_status fs_series_steps(int **out, int *n, const char *text, fs_spacing spacing, int total, fs_error *err);

typedef struct fs_snapshot {
    int step;
    double objective; /* as seen in that step; NaN at the start */
    fs_image image;
} fs_snapshot;

typedef struct fs_series {
    fs_snapshot *items;
    int n;      /* finished */
    bool whole; /* false: cancelled before the last */
} fs_series;

/* Renders up to the last of the steps. Cancelled after the first snapshot it succeeds with those there are.
 */
fs_status fs_series_run(fs_series *out, const fs_model *model, const fs_render_settings *settings,
                        const int *steps, int n, fs_pool *pool, const fs_progress *progress, fs_error *err);
void fs_series_free(fs_series *series);

#endif
