#include "ui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const int watched[FS_SIGNALS_WATCHED] = {SIGINT, SIGTERM, SIGHUP};
static const char caught = 's', stop = 'q';

/* A handler has no argument: the end it writes to belongs to the process, as the signals do. */
static volatile sig_atomic_t write_end = -1;

static void on_signal(int number) {
    (void)number;
    int saved = errno;
    if (write(write_end, &caught, 1) < 0) {
        /* the pipe is full of signals already */
    }
    errno = saved;
}

static void *wait_for_signals(void *context) {
    fs_signals *signals = context;
    char byte = 0;
    for (;;) {
        ssize_t n = read(signals->pipe[0], &byte, 1);
        if (n == 1 && byte == caught)
            signals->notify(signals->context);
        else if (n == 1 || errno != EINTR)
            return NULL;
    }
}

static void close_pipe(const fs_signals *signals) {
    close(signals->pipe[0]);
    close(signals->pipe[1]);
}

void fs_signals_start(fs_signals *signals, void (*notify)(void *context), void *context) {
    *signals = (fs_signals){.notify = notify, .context = context};
    if (pipe2(signals->pipe, O_CLOEXEC) != 0)
        return;
    if (pthread_create(&signals->thread, NULL, wait_for_signals, signals) != 0) {
        close_pipe(signals);
        return;
    }
    signals->running = true;
    write_end = signals->pipe[1];
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FS_SIGNALS_WATCHED; i++)
        sigaction(watched[i], &action, &signals->before[i]);
}

void fs_signals_stop(fs_signals *signals) {
    if (!signals->running)
        return;
    for (int i = 0; i < FS_SIGNALS_WATCHED; i++)
        sigaction(watched[i], &signals->before[i], NULL);
    while (write(signals->pipe[1], &stop, 1) < 0 && errno == EINTR)
        ;
    pthread_join(signals->thread, NULL);
    write_end = -1;
    close_pipe(signals);
    signals->running = false;
}
