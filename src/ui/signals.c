#include "ui/signals.h"

static void *wait_for_signals(void *context) {
    fs_signals *signals = context;
    int number;
    while (!atomic_load(&signals->stopping))
        if (sigwait(&signals->watched, &number) == 0 && !atomic_load(&signals->stopping))
            signals->notify(signals->context);
    return NULL;
}

void fs_signals_start(fs_signals *signals, void (*notify)(void *context), void *context) {
    signals->notify = notify;
    signals->context = context;
    atomic_init(&signals->stopping, false);
    sigemptyset(&signals->watched);
    sigaddset(&signals->watched, SIGINT);
    sigaddset(&signals->watched, SIGTERM);
    sigaddset(&signals->watched, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals->watched, &signals->before);
    signals->running = pthread_create(&signals->thread, NULL, wait_for_signals, signals) == 0;
    if (!signals->running)
        pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
}

void fs_signals_stop(fs_signals *signals) {
    if (!signals->running)
        return;
    atomic_store(&signals->stopping, true);
    /* It waits for this very signal, which is blocked everywhere.
     * NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread) */
    pthread_kill(signals->thread, SIGTERM);
    pthread_join(signals->thread, NULL);
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    signals->running = false;
}
