/* The thread that fills folders, as the worker holds it; worker_folder.h is what others use.
 *
 *     fs_folder_thread_create(&thread, &options, &err);
 *     generation = fs_folder_thread_put(thread, &request);
 *     fs_folder_thread_quit(thread);                  // returns at once
 *     fs_folder_thread_destroy(thread);               // waits for the piece that is being computed
 *
 * Requests may come from any one thread. */
#ifndef FS_APP_FOLDER_THREAD_H
#define FS_APP_FOLDER_THREAD_H

#include "app/worker_folder.h"

typedef struct fs_folder_thread fs_folder_thread;

typedef struct fs_folder_thread_options {
    fs_event_queue *events;
    int threads;  /* 0: one per core */
    int niceness; /* added to the thread's own */
} fs_folder_thread_options;

fs_status fs_folder_thread_create(fs_folder_thread **out, const fs_folder_thread_options *options,
                                  fs_error *err);
void fs_folder_thread_quit(fs_folder_thread *thread);    /* NULL is fine */
void fs_folder_thread_destroy(fs_folder_thread *thread); /* NULL is fine */

uint64_t fs_folder_thread_put(fs_folder_thread *thread, const fs_folder_request *request);
void fs_folder_thread_stop(fs_folder_thread *thread);

#endif
