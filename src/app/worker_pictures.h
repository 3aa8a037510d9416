/* The worker's job that draws pictures of a task the built-in network was not trained for, so that a lesson
 * can show transfer learning where nobody has prepared anything: set b of the picture world (docs/world.md).
 *
 *     generation = fs_worker_draw_pictures(worker);
 *
 * Gives FS_EVENT_SAVED with the folder, which lies in the cache and is kept, or FS_EVENT_FAILED. */
#ifndef FS_APP_WORKER_PICTURES_H
#define FS_APP_WORKER_PICTURES_H

#include "app/worker.h"

uint64_t fs_worker_draw_pictures(fs_worker *worker); /* 0: memory was short */

#endif
