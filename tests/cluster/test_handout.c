/* Work that is handed out: every piece once, on whatever process; a failure and a wish to stop end it for
 * all, and the next work finds no letters of the last. */
#include "base/helpers.h"

#include <string.h>
#include <time.h>

#include "cluster/handout.h"
#include "cluster/threads.h"

enum { MOST = 8, PIECES = 200 };

typedef struct work {
    fs_piece pieces[PIECES];
    int n, fails_at, stops_at; /* pieces; -1: none */
    bool waits;                /* pieces end only when they are told to */
    atomic_int times[PIECES];
    atomic_bool cancel[MOST]; /* of each process */
    atomic_int done, sums;
    fs_status status[MOST], again[MOST];
    char says[MOST][64];
} work;

typedef struct process {
    work *work;
    int rank;
} process;

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 200 * 1000}, NULL);
}

static fs_status do_piece(void *context, fs_piece piece, const atomic_bool *stop, fs_text *result,
                          fs_error *err) {
    const process *p = context;
    work *w = p->work;
    atomic_fetch_add(&w->times[piece.a], 1);
    if (piece.a == w->fails_at)
        return fs_fail(err, FS_ERROR_FORMAT, "piece %d is rotten", piece.a);
    if (piece.a == w->stops_at)
        atomic_store(&w->cancel[p->rank], true);
    while (w->waits && !atomic_load(stop))
        nap();
    if (atomic_load(stop))
        return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
    nap();
    const int product = piece.a * piece.b;
    fs_text_add_bytes(result, (const char *)&product, sizeof product);
    return FS_OK;
}

static fs_status take_result(void *context, int number, int from, const char *result, size_t size,
                             fs_error *err) {
    const process *p = context;
    int product;
    if (size != sizeof product || from < 0 || p->rank != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "no result");
    memcpy(&product, result, sizeof product);
    if (product != 3 * number)
        return fs_fail(err, FS_ERROR_FORMAT, "the result of another piece");
    atomic_fetch_add(&p->work->done, 1);
    return FS_OK;
}

static void hand_out(fs_cluster *cluster, void *context) {
    work *w = context;
    process p = {w, fs_cluster_rank(cluster)};
    const fs_progress progress = {.cancel = &w->cancel[p.rank]};
    const fs_handout job = {
        p.rank == 0 ? w->pieces : NULL, p.rank == 0 ? w->n : 0, &progress, &p, do_piece, take_result};
    fs_pool *pool = NULL;
    fs_error err = {0};
    fs_pool_create(&pool, 2, NULL);
    w->status[p.rank] = fs_handout_run(cluster, &job, pool, 2, &err);
    snprintf(w->says[p.rank], sizeof w->says[p.rank], "%.60s", err.message);
    const fs_handout nothing = {NULL, 0, NULL, &p, do_piece, take_result};
    w->again[p.rank] = fs_handout_run(cluster, &nothing, pool, 2, NULL);
    fs_pool_destroy(pool);
}

static void prepare(work *w, int n) {
    memset(w, 0, sizeof *w);
    w->n = n;
    w->fails_at = w->stops_at = -1;
    for (int i = 0; i < n; i++)
        w->pieces[i] = (fs_piece){i, 3};
}

static void check_each_once(int size, int n) {
    work w;
    prepare(&w, n);
    if (size == 1)
        hand_out(NULL, &w);
    else
        threads_run(size, hand_out, &w);
    for (int i = 0; i < n; i++)
        assert_int_equal(w.times[i], 1);
    assert_int_equal(w.done, n);
    for (int r = 0; r < size; r++) {
        assert_int_equal(w.status[r], FS_OK);
        assert_int_equal(w.again[r], FS_OK);
    }
}

static void test_each_piece_once(void **state) {
    (void)state;
    for (int size = 1; size <= 5; size++) {
        check_each_once(size, PIECES);
        check_each_once(size, 1);
        check_each_once(size, 0);
    }
}

static void test_a_failure_ends_it(void **state) {
    (void)state;
    for (int size = 1; size <= 4; size++) {
        work w;
        prepare(&w, PIECES);
        w.fails_at = 20;
        if (size == 1)
            hand_out(NULL, &w);
        else
            threads_run(size, hand_out, &w);
        assert_int_equal(w.status[0], FS_ERROR_FORMAT);
        assert_string_equal(w.says[0], "piece 20 is rotten");
        assert_true(w.done < PIECES / 2);
        for (int r = 0; r < size; r++)
            assert_int_equal(w.again[r], FS_OK);
    }
}

/* Pieces that would never end are told by the flag, wherever they run. */
static void test_a_failure_is_heard_within_a_piece(void **state) {
    (void)state;
    work w;
    prepare(&w, PIECES);
    w.waits = true;
    w.fails_at = 5; /* one of six lanes */
    threads_run(3, hand_out, &w);
    assert_int_equal(w.status[0], FS_ERROR_FORMAT);
    assert_int_equal(w.done, 0);
}

static void test_any_process_may_stop(void **state) {
    (void)state;
    for (int at = 0; at < 6; at++) {
        work w;
        prepare(&w, PIECES);
        w.waits = true;
        w.stops_at = at; /* whoever has it */
        threads_run(3, hand_out, &w);
        assert_int_equal(w.done, 0);
        for (int r = 0; r < 3; r++) {
            assert_int_equal(w.status[r], FS_ERROR_CANCELLED);
            assert_int_equal(w.again[r], FS_OK);
        }
    }
    work w;
    prepare(&w, PIECES);
    w.waits = true;
    w.stops_at = 1;
    hand_out(NULL, &w);
    assert_int_equal(w.status[0], FS_ERROR_CANCELLED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_piece_once),
        cmocka_unit_test(test_a_failure_ends_it),
        cmocka_unit_test(test_a_failure_is_heard_within_a_piece),
        cmocka_unit_test(test_any_process_may_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
