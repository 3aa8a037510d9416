#include "cluster/handout.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "cluster/cluster_transport.h"

/* How often a thread looks for letters: rank 0's answers keep others waiting, a wish to stop does not hurry.
 */
enum { SERVER_NAP = 500 * 1000, WATCHER_NAP = 20 * 1000 * 1000 }; /* ns */

enum { NOBODY = -1 };

/* What is in a letter; after it come the bytes of a result, or of an error's message. */
typedef struct head {
    enum { ASK, ANSWER, STOP, BYE, END } kind;
    int number; /* ASK: the piece that is finished; ANSWER: the next one; NOBODY: none */
    fs_piece piece;
    fs_status status; /* of the finished piece; BYE: FS_ERROR_CANCELLED where somebody wants to stop */
} head;

typedef struct handout {
    fs_cluster *cluster; /* NULL: alone */
    const fs_handout *job;
    atomic_bool stop;
    atomic_bool finished;  /* the lanes of this process have ended */
    pthread_mutex_t mutex; /* rank 0: over `next`, `done` and what failed; others: over letters */
    int next, n_done;
    fs_status status;
    fs_error error;
    bool *left;       /* rank 0: [size], who has said goodbye */
    pthread_t thread; /* that sees to letters and to a wish to stop */
} handout;

static bool is_first(const handout *h) {
    return fs_cluster_rank(h->cluster) == 0;
}

static void nap(long ns) {
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

/* A wish to stop comes by a signal, which knows only the caller's flag. */
static bool is_stopped(handout *h) {
    if (fs_progress_cancelled(h->job->progress))
        atomic_store(&h->stop, true);
    return atomic_load(&h->stop);
}

/* Under the mutex on rank 0. A wish to stop is no failure. */
static void note_failure(handout *h, fs_status status, const fs_error *error) {
    if (status != FS_ERROR_CANCELLED && h->status == FS_OK) {
        h->status = status;
        h->error = *error;
    }
    atomic_store(&h->stop, true);
}

/* ---- rank 0's list ---- */

static int take_next(handout *h) {
    return !is_stopped(h) && h->next < h->job->n ? h->next++ : NOBODY;
}

static void take_result(handout *h, int number, int from, const char *bytes, size_t size) {
    fs_error error = {0};
    const fs_status status = h->job->done(h->job->context, number, from, bytes, size, &error);
    if (status == FS_OK)
        h->n_done++;
    else
        note_failure(h, status, &error);
}

/* What became of a piece, and the next one for whoever did it. */
static int take_report(handout *h, const head *report, int from, const char *bytes, size_t size) {
    pthread_mutex_lock(&h->mutex);
    if (report->status != FS_OK) {
        fs_error error = {.code = report->status};
        const size_t room = sizeof error.message - 1;
        memcpy(error.message, bytes, size < room ? size : room);
        note_failure(h, report->status, &error);
    } else if (report->number != NOBODY) {
        take_result(h, report->number, from, bytes, size);
    }
    const int next = take_next(h);
    pthread_mutex_unlock(&h->mutex);
    return next;
}

/* ---- letters to and from rank 0 ---- */

static void post(handout *h, int to, const head *letter, const char *bytes, size_t size) {
    fs_text text = {0};
    fs_text_add_bytes(&text, (const char *)letter, sizeof *letter);
    fs_text_add_bytes(&text, bytes, size);
    if (fs_text_broken(&text)) { /* the result is lost, its failure is not */
        const head lost = {.kind = letter->kind, .number = letter->number, .status = FS_ERROR_MEMORY};
        fs_cluster_send(h->cluster, to, &lost, sizeof lost);
    } else {
        fs_cluster_send(h->cluster, to, text.bytes, text.length);
    }
    fs_text_free(&text);
}

/* Rank 0 opens a letter. Returns whether it was the sender's last. */
static bool serve(handout *h, int from, const fs_text *letter) {
    head got = {
        .kind = ASK, .number = NOBODY, .status = FS_ERROR_MEMORY}; /* one that was too large to take */
    const char *bytes = "out of memory: a result of another process";
    size_t size = strlen(bytes);
    if (!letter->failed && letter->length >= sizeof got) {
        memcpy(&got, letter->bytes, sizeof got);
        bytes = letter->bytes + sizeof got;
        size = letter->length - sizeof got;
    }
    if (got.kind == BYE) {
        if (got.status != FS_OK)
            atomic_store(&h->stop, true);
        post(h, from, &(head){.kind = END}, NULL, 0);
        return true;
    }
    const int next = take_report(h, &got, from, bytes, size);
    const head answer = {
        .kind = ANSWER, .number = next, .piece = next == NOBODY ? (fs_piece){0} : h->job->pieces[next]};
    post(h, from, &answer, NULL, 0);
    return false;
}

static void tell_stop(handout *h) {
    for (int r = 1; r < fs_cluster_size(h->cluster); r++)
        if (!h->left[r])
            post(h, r, &(head){.kind = STOP}, NULL, 0);
}

/* Until everybody has left. */
static void serve_all(handout *h) {
    bool told = false;
    for (int others = fs_cluster_size(h->cluster) - 1; others > 0;) {
        fs_text letter = {0};
        int from;
        if (fs_cluster_poll(h->cluster, &from, &letter)) {
            if (serve(h, from, &letter)) {
                h->left[from] = true;
                others--;
            }
        } else {
            nap(SERVER_NAP);
        }
        fs_text_free(&letter);
        if (is_stopped(h) && !told) {
            tell_stop(h);
            told = true;
        }
    }
}

static void *serve_thread(void *context) {
    serve_all(context);
    return NULL;
}

/* ---- the other ranks ---- */

/* The next letter, if there is one and it is no wish to stop. */
static bool open_letter(handout *h, head *out) {
    fs_text letter = {0};
    int from;
    bool there = fs_cluster_poll(h->cluster, &from, &letter);
    if (there && !letter.failed && letter.length >= sizeof *out)
        memcpy(out, letter.bytes, sizeof *out);
    else if (there)
        *out = (head){.kind = ANSWER, .number = NOBODY};
    fs_text_free(&letter);
    if (there && out->kind == STOP) {
        atomic_store(&h->stop, true);
        there = false;
    }
    return there;
}

/* Looks for a wish to stop while the lanes are at work. */
static void *watch_thread(void *context) {
    handout *h = context;
    while (!atomic_load(&h->finished)) {
        head letter;
        (void)is_stopped(h);
        if (h->cluster) {
            pthread_mutex_lock(&h->mutex); /* no lane waits for an answer now */
            (void)open_letter(h, &letter);
            pthread_mutex_unlock(&h->mutex);
        }
        nap(WATCHER_NAP);
    }
    return NULL;
}

/* Sends a report and waits for the answer. */
static head ask(handout *h, const head *report, const char *bytes, size_t size) {
    head answer;
    pthread_mutex_lock(&h->mutex);
    post(h, 0, report, bytes, size);
    while (!open_letter(h, &answer))
        nap(SERVER_NAP / 4);
    pthread_mutex_unlock(&h->mutex);
    return answer;
}

static void say_goodbye(handout *h) {
    ask(h, &(head){.kind = BYE, .status = is_stopped(h) ? FS_ERROR_CANCELLED : FS_OK}, NULL, 0);
}

/* ---- lanes ---- */

/* Hands in a report and gets the next piece. */
static int get_next(handout *h, const head *report, const char *bytes, size_t size, fs_piece *piece) {
    if (!is_first(h)) {
        const head answer = ask(h, report, bytes, size);
        *piece = answer.piece;
        return answer.number;
    }
    const int number = take_report(h, report, 0, bytes, size);
    if (number != NOBODY)
        *piece = h->job->pieces[number];
    return number;
}

static void run_lane(handout *h) {
    head report = {.kind = ASK, .number = NOBODY};
    fs_text result = {0};
    fs_piece piece = {0};
    int number = get_next(h, &report, NULL, 0, &piece);
    while (number != NOBODY) {
        fs_error error = {0};
        fs_text_free(&result);
        report.number = number;
        report.status = h->job->work(h->job->context, piece, &h->stop, &result, &error);
        if (report.status == FS_OK && fs_text_broken(&result))
            report.status = fs_fail_memory(&error, "a result");
        const bool fine = report.status == FS_OK;
        number = get_next(h, &report, fine ? result.bytes : error.message,
                          fine ? result.length : strlen(error.message), &piece);
    }
    fs_text_free(&result);
}

static void run_lanes(void *context, int first, int last, int thread) {
    (void)thread;
    for (int lane = first; lane < last; lane++)
        run_lane(context);
}

/* ---- the whole ---- */

/* Where no thread can be started rank 0 serves and does nothing else, and the others hear of a wish to stop
 * between pieces. */
static void run(handout *h, fs_pool *pool, int lanes) {
    const bool serves = h->cluster && is_first(h);
    const bool started = pthread_create(&h->thread, NULL, serves ? serve_thread : watch_thread, h) == 0;
    if (started || !serves)
        fs_pool_for(pool, lanes, 1, run_lanes, h);
    else
        serve_all(h);
    atomic_store(&h->finished, true);
    if (started)
        pthread_join(h->thread, NULL);
    if (!is_first(h))
        say_goodbye(h);
}

static fs_status outcome(const handout *h, fs_error *err) {
    if (h->status != FS_OK) {
        if (err)
            *err = h->error;
        return h->status;
    }
    if (atomic_load(&h->stop) && (!is_first(h) || h->n_done < h->job->n))
        return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
    return FS_OK;
}

fs_status fs_handout_run(fs_cluster *cluster, const fs_handout *job, fs_pool *pool, int lanes,
                         fs_error *err) {
    handout h = {.cluster = cluster, .job = job};
    h.left = fs_calloc((size_t)fs_cluster_size(cluster), sizeof *h.left);
    fs_status status =
        fs_cluster_agree(cluster, h.left ? FS_OK : fs_fail_memory(err, "handing out work"), err);
    if (status == FS_OK) {
        pthread_mutex_init(&h.mutex, NULL);
        run(&h, pool, lanes);
        pthread_mutex_destroy(&h.mutex);
        status = outcome(&h, err);
    }
    fs_free(h.left);
    return status;
}
