/* The pictures of the filters that changed most: what excites a channel before, on the way and after,
 * rendered from the same start, and the photographs that excite it most, before and after.
 *
 *     const fs_shift_scene scene = {.models = models, .between = between, ...};
 *     fs_shift_pictures_make(strips, 8, &scene, &err);        // of the first 8 of shift->filters
 *     fs_shift_pictures_free(strips, 8);
 *
 * One thread at a time. */
#ifndef FS_APP_SHIFT_PICTURES_H
#define FS_APP_SHIFT_PICTURES_H

#include "app/command.h"
#include "report/shift_report.h"
#include "viz/render.h"

enum { FS_SHIFT_MAX_STRIPS = 64 };

typedef struct fs_shift_scene {
    const fs_model *const *models;         /* [FS_VERSIONS] */
    fs_model *between;                     /* the file of `after` once more: its weights are overwritten */
    const fs_shift_layers *layers, *whole; /* those measured; all in common */
    const fs_shift *shift;
    const fs_folder *folder;
    fs_render_settings render; /* resolved; layer and channel are filled in */
    fs_pool *pool;
    const fs_progress *progress;
} fs_shift_scene;

/* strips: n zeroed; n <= shift->n_filters and FS_SHIFT_MAX_STRIPS. What is made before an error stays. */
fs_status fs_shift_pictures_make(fs_shift_strip *strips, int n, const fs_shift_scene *scene, fs_error *err);
void fs_shift_pictures_free(fs_shift_strip *strips, int n);

/* "001-features.12.expand3x3-0017.png" */
void fs_shift_strip_name(char *out, size_t size, int rank, const char *layer, int channel);

#endif
