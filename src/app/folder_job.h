/* One export that fills a folder, from beginning to end; the thread for it is app/folder_thread.h.
 *
 *     char *path = NULL;
 *     fs_folder_job job = {.request = request, .pool = pool, .progress = &progress};
 *     fs_folder_job_run(&path, &job, &err);           // path: the folder it got, fs_free
 */
#ifndef FS_APP_FOLDER_JOB_H
#define FS_APP_FOLDER_JOB_H

#include "app/worker_folder.h"
#include "base/progress.h"

typedef struct fs_folder_job {
    fs_folder_request request; /* borrowed with all it holds */
    fs_pool *pool;
    const fs_progress *progress;
} fs_folder_job;

fs_status fs_folder_job_run(char **path, const fs_folder_job *job, fs_error *err);

#endif
