/* The networks whose features `shift --series` follows: the epochs of a run's folder, or files in the order
 * in which they are given.
 *
 *     fs_series_source *source = NULL;
 *     fs_series_source_of_run(&source, "out", "squeezenet1_0.onnx", &err);      // or _of_files
 *     for (int i = 0; i < source->n; i++)
 *         load(source->versions[i].path);
 *     fs_series_source_destroy(source);
 *
 * A run's epochs are those of its log.csv, in its order, whose network was kept (`finetune --keep-epochs`).
 * The first version is what the others are compared with. */
#ifndef FS_APP_SERIES_SOURCE_H
#define FS_APP_SERIES_SOURCE_H

#include "base/arena.h"
#include "report/series_report.h"

enum { FS_SERIES_MAX_STAGES = 16 };

typedef struct fs_series_source {
    fs_arena *arena;
    fs_series_version *versions;
    int n;
    const char *stages[FS_SERIES_MAX_STAGES]; /* of a run */
    int n_stages;                             /* 0: files */
} fs_series_source;

/* Whether it is a folder. */
bool fs_series_is_run(const char *path);
/* before: the network that the run began with; empty: start.onnx of the folder if there is one, else the
 * first epoch is the start. */
fs_status fs_series_source_of_run(fs_series_source **out, const char *folder, const char *before,
                                  fs_error *err);
/* before: NULL or empty for none. */
fs_status fs_series_source_of_files(fs_series_source **out, const char *const *paths, int n,
                                    const char *before, fs_error *err);
void fs_series_source_destroy(fs_series_source *source); /* NULL is fine */

#endif
