/* Ctrl-C and a request to terminate, handed to the window's loop as a call from a thread of its own, because
 * a loop that sleeps until the next event would not notice a signal.
 *
 *     fs_signals_start(&signals, request_quit, window);
 *     ...
 *     fs_signals_stop(&signals);
 *
 * A handler writes into a pipe that the thread reads: whichever thread the system picks to take a signal,
 * also one that a library made before main, the call is made. One at a time in a process. */
#ifndef FS_UI_SIGNALS_H
#define FS_UI_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

enum { FS_SIGNALS_WATCHED = 3 };

typedef struct fs_signals {
    pthread_t thread;
    bool running;
    int pipe[2];
    struct sigaction before[FS_SIGNALS_WATCHED];
    void (*notify)(void *context); /* on the thread that waits */
    void *context;
} fs_signals;

/* Where no pipe or thread can be made signals keep their usual effect. */
void fs_signals_start(fs_signals *signals, void (*notify)(void *context), void *context);
void fs_signals_stop(fs_signals *signals);

#endif
