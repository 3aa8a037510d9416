/* An atlas with its contact sheets, as the command and the window make it: tiles (viz/atlas.h), sheets and
 * overview (report/atlas_sheet.h).
 *
 *     fs_atlas_job job = {.folder = "atlas", .layer = layer, .pool = pool};
 *     fs_atlas_job_defaults(&job);                     // the settings of its renders
 *     fs_atlas_make(&made, model, &job, &err);
 *
 * A cancelled or failed atlas leaves finished pictures and an index, with which another one goes on.
 * Of several processes only rank 0 writes and gets to know what was made. Everything is borrowed for the
 * call. The thread that owns the pool. */
#ifndef FS_APP_ATLAS_MAKE_H
#define FS_APP_ATLAS_MAKE_H

#include "viz/atlas.h"

/* A tile is looked at small and among many: 128 pixels and 128 steps show what a channel is about, in about a
 * sixth of the work of render's 224 and 256. */
#define FS_ATLAS_SIZE "128"
#define FS_ATLAS_STEPS "128"

typedef struct fs_atlas_job {
    const char *folder;
    const fs_layer *layer;     /* NULL: every layer that shows something new */
    fs_render_settings render; /* its layer and channel mean nothing here */
    const char *channels;      /* of the one layer, "0-63,70"; NULL or "": all */
    int per_layer;             /* at most so many channels, evenly spread; 0: all */
    int at_once;               /* 0: one tile for each thread */
    bool resume;               /* goes on with what the folder holds */
    fs_pool *pool;
    fs_cluster *cluster; /* processes that make it together, with the same job each; NULL: this one alone */
    const fs_progress *progress;
    /* Layers that cannot be rendered are no reason to have no atlas of the others; NULL: nobody is told. */
    void (*left_out)(void *context, const char *why);
    void *context;
} fs_atlas_job;

typedef struct fs_atlas_made {
    int drawn, diverged;
    int before; /* of the drawn ones, were there already */
} fs_atlas_made;

void fs_atlas_job_defaults(fs_atlas_job *job); /* sets job->render */
fs_status fs_atlas_make(fs_atlas_made *out, fs_model *model, const fs_atlas_job *job, fs_error *err);

#endif
