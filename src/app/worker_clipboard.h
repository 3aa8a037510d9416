/* The worker's jobs for pictures of the clipboard.
 *
 *     generation = fs_worker_paste(worker);             // FS_EVENT_SAVED: the path of what was pasted
 *     generation = fs_worker_copy(worker, &request);    // FS_EVENT_DONE
 *
 * or FS_EVENT_FAILED. What is pasted is looked at like any other picture, so it becomes a file of the user's
 * cache folder, pasted/HASH.png (or .jpg, .bmp), of which the newest FS_PASTED_KEPT stay: sessions and panels
 * name it by its path. What no picture reader takes is not kept. */
#ifndef FS_APP_WORKER_CLIPBOARD_H
#define FS_APP_WORKER_CLIPBOARD_H

#include "app/worker.h"

enum { FS_PASTED_KEPT = 32 };

uint64_t fs_worker_paste(fs_worker *worker);
/* With the text chunks of an export; the path of the request is not used. */
uint64_t fs_worker_copy(fs_worker *worker, const fs_export_request *request);

#endif
