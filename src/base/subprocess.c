#include "base/subprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/progress.h"

enum { FIRST_BYTES = 1 << 16 };
static const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};

typedef struct running {
    const fs_subprocess *call;
    pid_t child;
    int from; /* what it writes; -1: nobody listens */
    double until;
    uint8_t *bytes;
    size_t size, capacity;
} running;

/* ---- beginning ---- */

static int prepare_files(posix_spawn_file_actions_t *files, const fs_subprocess *call, int output) {
    const char *input = call->input != NULL ? call->input : "/dev/null";
    int failed = posix_spawn_file_actions_addopen(files, STDIN_FILENO, input, O_RDONLY, 0);
    if (failed == 0 && output >= 0)
        failed = posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO);
    else if (failed == 0)
        failed = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    return failed != 0 ? failed
                       : posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
}

/* Signals as a program expects them, and a group of its own: what the terminal sends is not meant for it. */
static int prepare_start(posix_spawnattr_t *start) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failed = posix_spawnattr_setsigmask(start, &none);
    if (failed == 0)
        failed = posix_spawnattr_setsigdefault(start, &all);
    if (failed == 0)
        failed = posix_spawnattr_setpgroup(start, 0);
    return failed != 0 ? failed
                       : posix_spawnattr_setflags(start, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                             POSIX_SPAWN_SETPGROUP);
}

static int spawn(pid_t *child, const fs_subprocess *call, int output) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t start;
    int failed = posix_spawn_file_actions_init(&files);
    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&start);
    if (failed == 0) {
        failed = prepare_files(&files, call, output);
        if (failed == 0)
            failed = prepare_start(&start);
        if (failed == 0)
            failed = posix_spawnp(child, call->arguments[0], &files, &start, (char *const *)call->arguments,
                                  environ);
        posix_spawnattr_destroy(&start);
    }
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

static fs_status begin(running *r, fs_error *err) {
    const char *name = r->call->arguments[0];
    int pipe_ends[2] = {-1, -1};
    if (r->call->output_limit > 0 && pipe2(pipe_ends, O_CLOEXEC) != 0)
        return fs_fail(err, FS_ERROR_IO, "%s: %s", name, strerror(errno));
    const int failed = spawn(&r->child, r->call, pipe_ends[1]);
    if (pipe_ends[1] >= 0)
        close(pipe_ends[1]);
    r->from = pipe_ends[0];
    if (failed == 0)
        return FS_OK;
    if (r->from >= 0)
        close(r->from);
    return fs_fail(err, failed == ENOENT || failed == EACCES ? FS_ERROR_NOT_FOUND : FS_ERROR_IO,
                   "cannot run %s: %s", name, strerror(failed));
}

/* ---- while it runs ---- */

/* Whether it may go on. */
static fs_status check(const running *r, fs_error *err) {
    if (r->call->cancel != NULL && atomic_load(r->call->cancel))
        return fs_fail(err, FS_ERROR_CANCELLED, "%s was stopped", r->call->arguments[0]);
    if (fs_seconds() > r->until)
        return fs_fail(err, FS_ERROR_IO, "%s does not answer", r->call->arguments[0]);
    return FS_OK;
}

static fs_status make_room(running *r, fs_error *err) {
    const size_t more = r->capacity == 0 ? FIRST_BYTES : 2 * r->capacity;
    if (r->size < r->capacity)
        return FS_OK;
    uint8_t *grown = fs_realloc(r->bytes, r->capacity, more);
    if (grown == NULL)
        return fs_fail_memory(err, "what another program writes");
    r->bytes = grown;
    r->capacity = more;
    return FS_OK;
}

/* What is there to be read. */
static fs_status take_piece(running *r, bool *ended, fs_error *err) {
    fs_status status = make_room(r, err);
    if (status != FS_OK)
        return status;
    const ssize_t n = read(r->from, r->bytes + r->size, r->capacity - r->size);
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        return fs_fail(err, FS_ERROR_IO, "%s: %s", r->call->arguments[0], strerror(errno));
    *ended = n == 0;
    r->size += n > 0 ? (size_t)n : 0;
    if (r->size > r->call->output_limit)
        return fs_fail(err, FS_ERROR_LIMIT, "%s writes more than %zu bytes", r->call->arguments[0],
                       r->call->output_limit);
    return FS_OK;
}

static fs_status listen(running *r, fs_error *err) {
    bool ended = false;
    fs_status status = FS_OK;
    while (status == FS_OK && !ended) {
        struct pollfd wait = {.fd = r->from, .events = POLLIN};
        const int ready = ppoll(&wait, 1, &nap, NULL);
        status = ready > 0 ? take_piece(r, &ended, err) : FS_OK;
        if (status == FS_OK)
            status = check(r, err);
    }
    return status;
}

static fs_status wait_for_end(running *r, fs_error *err) {
    int how = 0;
    fs_status status = FS_OK;
    pid_t ended;
    while ((ended = waitpid(r->child, &how, WNOHANG)) == 0 && status == FS_OK) {
        nanosleep(&nap, NULL);
        status = check(r, err);
    }
    if (ended == 0)
        return status;
    r->child = 0;
    if (ended < 0 || !WIFEXITED(how) || WEXITSTATUS(how) != 0)
        return fs_fail(err, FS_ERROR_IO, "%s failed", r->call->arguments[0]);
    return FS_OK;
}

/* ---- the end ---- */

static void finish(running *r) {
    if (r->from >= 0)
        close(r->from);
    if (r->child > 0) {
        kill(-r->child, SIGKILL); /* the group is there: it has not been waited for */
        kill(r->child, SIGKILL);
        (void)waitpid(r->child, NULL, 0);
    }
}

fs_status fs_subprocess_run(const fs_subprocess *call, uint8_t **out, size_t *size, fs_error *err) {
    running r = {.call = call, .from = -1, .until = fs_seconds() + call->seconds};
    fs_status status = begin(&r, err);
    if (status != FS_OK)
        return status;
    if (r.from >= 0)
        status = listen(&r, err);
    if (status == FS_OK)
        status = wait_for_end(&r, err);
    finish(&r);
    if (status != FS_OK || call->output_limit == 0) {
        fs_free(r.bytes);
        return status;
    }
    *out = r.bytes;
    *size = r.size;
    return FS_OK;
}
