/* Ctrl-C and a request to terminate, handed to the window's loop as a call from a thread of its own, because
 * a loop that sleeps until the next event would not notice a signal.
 *
 *     fs_signals_start(&signals, request_quit, window);   // before any other thread is made
 *     ...
 *     fs_signals_stop(&signals);
 *
 * From start to stop SIGINT, SIGTERM and SIGHUP are blocked in the calling thread and those it makes. */
#ifndef FS_UI_SIGNALS_H
#define FS_UI_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct fs_signals {
    pthread_t thread;
    bool running;
    atomic_bool stopping;
    sigset_t watched, before;
    void (*notify)(void *context); /* on the thread that waits */
    void *context;
} fs_signals;

/* Where no thread can be made signals keep their usual effect. */
void fs_signals_start(fs_signals *signals, void (*notify)(void *context), void *context);
void fs_signals_stop(fs_signals *signals);

#endif
