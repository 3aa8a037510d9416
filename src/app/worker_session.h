/* The worker's job that writes a session: syncing a file may take a moment.
 *
 *     generation = fs_worker_save_session(worker, &session, "lesson.json");
 *
 * Gives FS_EVENT_SAVED, or FS_EVENT_FAILED. What was in the file is replaced. The session is written down at
 * once and need not be kept. */
#ifndef FS_APP_WORKER_SESSION_H
#define FS_APP_WORKER_SESSION_H

#include "app/session.h"
#include "app/worker.h"

uint64_t fs_worker_save_session(fs_worker *worker, const fs_session *session,
                                const char *path); /* 0: memory was short */

#endif
