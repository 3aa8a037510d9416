/* The thread that trains, as the worker holds it; worker_training.h is what others use.
 *
 *     fs_training_thread_create(&thread, events, threads, niceness, &err);
 *     fs_training_thread_begin(thread, &request, generation, &err);
 *     fs_training_thread_quit(thread);                  // returns at once
 *     fs_training_thread_destroy(thread, seconds);
 *
 * After its destruction the thread sends nothing any more. Where it has not ended in time (it reads a huge
 * model) it is left to itself and tidies up when it comes to its end; a file that is being written is waited
 * for. */
#ifndef FS_APP_TRAINING_THREAD_H
#define FS_APP_TRAINING_THREAD_H

#include "app/event_queue.h"
#include "app/worker_training.h"

typedef struct fs_training_thread fs_training_thread;

typedef struct fs_training_thread_options {
    fs_event_queue *events;
    int threads;  /* 0: one per core */
    int niceness; /* added to the thread's own */
} fs_training_thread_options;

fs_status fs_training_thread_create(fs_training_thread **out, const fs_training_thread_options *options,
                                    fs_error *err);
void fs_training_thread_quit(fs_training_thread *thread);                    /* NULL is fine */
void fs_training_thread_destroy(fs_training_thread *thread, double seconds); /* NULL is fine */

fs_status fs_training_thread_begin(fs_training_thread *thread, const fs_training_request *request,
                                   uint64_t generation, fs_error *err);
void fs_training_thread_command(fs_training_thread *thread, fs_training_command command);
fs_status fs_training_thread_save(fs_training_thread *thread, const char *folder, fs_error *err);
void fs_training_thread_layer(fs_training_thread *thread, const char *layer);

#endif
