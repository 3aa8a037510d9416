#include "app/terminal.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static const double seconds_between_lines = 1.0 / 30;

/* Signals and the one line of the terminal belong to the process, so their state does too. */
static struct {
    atomic_bool cancel;
    bool shown;
    double last;
} terminal;

static void on_signal(int number) {
    atomic_store(&terminal.cancel, true);
    signal(number, SIG_DFL);
}

static bool is_unread(int descriptor) {
    struct pollfd end = {.fd = descriptor};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

/* A server that hangs up raises this signal too; that is the download's to judge, by the failed write. */
static void on_broken_pipe(int number) {
    (void)number;
    int saved = errno;
    if (is_unread(STDOUT_FILENO) || is_unread(STDERR_FILENO))
        atomic_store(&terminal.cancel, true);
    errno = saved;
}

static void watch_unless_ignored(int number, void (*handler)(int)) {
    if (signal(number, handler) == SIG_IGN)
        signal(number, SIG_IGN);
}

void fs_terminal_end_if_unread(void) {
    if (!is_unread(STDOUT_FILENO))
        return;
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

static void show(void *context, const fs_progress_state *state) {
    (void)context;
    double now = fs_seconds();
    if (terminal.shown && now - terminal.last < seconds_between_lines && state->done < state->total)
        return;
    double share = state->total > 0 ? state->done / state->total : 0;
    double left = share > 0 ? state->seconds / share - state->seconds : 0;
    fprintf(stderr, "\r\033[K%s  %3.0f %%  %.0f of %.0f  %.0f s left", state->label, share * 100, state->done,
            state->total, ceil(left));
    if (isfinite(state->value))
        fprintf(stderr, "  %.4g", state->value);
    fflush(stderr);
    terminal.last = now;
    terminal.shown = true;
}

fs_progress fs_terminal_progress(bool quiet) {
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGXFSZ, SIG_IGN);
    watch_unless_ignored(SIGHUP, on_signal);
    watch_unless_ignored(SIGPIPE, on_broken_pipe);
    fs_progress progress = {.cancel = &terminal.cancel};
    if (!quiet && isatty(STDERR_FILENO))
        progress.report = show;
    return progress;
}

void fs_terminal_clear(void) {
    if (terminal.shown)
        fputs("\r\033[K", stderr);
    terminal.shown = false;
}

void fs_terminal_say_skipped(void *context, const char *path, const char *why) {
    (void)context;
    (void)path; /* the reason names it */
    fs_terminal_clear();
    fprintf(stderr, "filterscope: skipped: %s\n", why);
}
