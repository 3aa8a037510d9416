/* Pieces of work handed out one by one: rank 0 keeps the list, and whoever is free asks for the next, so that
 * fast processes do more of them and slow pieces keep nobody waiting.
 *
 *     const fs_handout job = {.pieces = pieces, .n = n, .context = &run, .work = draw, .done = note, ...};
 *     status = fs_handout_run(cluster, &job, pool, lanes, &err);      // a meeting: every process calls it
 *
 * A piece is two numbers that say what is to be done; only rank 0 needs to have them. `work` does one on any
 * process, in as many lanes as each has, and puts its result into bytes; `done` gets them on rank 0. Alone it
 * is the same without messages.
 *
 * A failure, or a wish to stop, on any process ends the handing out: `work` sees it by the flag it is given.
 */
#ifndef FS_CLUSTER_HANDOUT_H
#define FS_CLUSTER_HANDOUT_H

#include "base/pool.h"
#include "base/progress.h"
#include "base/text.h"
#include "cluster/cluster.h"

typedef struct fs_piece {
    int a, b;
} fs_piece;

typedef struct fs_handout {
    const fs_piece *pieces; /* of rank 0; the others leave them out */
    int n;
    const fs_progress *progress; /* whose flag stops everything; may be NULL */
    void *context;
    /* On several threads at once. `stop` says when to give up: FS_ERROR_CANCELLED. */
    fs_status (*work)(void *context, fs_piece piece, const atomic_bool *stop, fs_text *result, fs_error *err);
    /* On rank 0, one at a time, but on any thread; from: the rank that did it. */
    fs_status (*done)(void *context, int number, int from, const char *result, size_t size, fs_error *err);
} fs_handout;

/* Rank 0 returns the first failure on any process; the others FS_OK, FS_ERROR_CANCELLED or their own
 * failure. FS_ERROR_CANCELLED where pieces are left undone on request. */
fs_status fs_handout_run(fs_cluster *cluster, const fs_handout *job, fs_pool *pool, int lanes, fs_error *err);

#endif
