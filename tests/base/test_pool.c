#include "helpers.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"

enum { MAX_COUNT = 5000, MAX_THREADS = 9 };

typedef struct cover_job {
    int visits[MAX_COUNT]; /* plain: each place belongs to one piece */
    int count, grain, threads;
    atomic_int wrong; /* pieces of a wrong size or thread number */
    atomic_int in_thread[MAX_THREADS];
} cover_job;

static void cover(void *context, int first, int last, int thread) {
    cover_job *job = context;
    bool good = first >= 0 && first < last && last <= job->count && last - first <= job->grain &&
                thread >= 0 && thread < job->threads;
    if (!good || atomic_fetch_add(&job->in_thread[thread], 1) != 0) {
        atomic_fetch_add(&job->wrong, 1);
        return;
    }
    for (int i = first; i < last; i++)
        job->visits[i]++;
    atomic_fetch_sub(&job->in_thread[thread], 1);
}

static void check_cover(fs_pool *pool, int count, int grain) {
    static cover_job job;
    memset(job.visits, 0, sizeof job.visits);
    job.count = count;
    job.grain = grain;
    job.threads = fs_pool_threads(pool);
    fs_pool_for(pool, count, grain, cover, &job);
    assert_int_equal(job.wrong, 0);
    for (int i = 0; i < MAX_COUNT; i++)
        assert_int_equal(job.visits[i], i < count ? 1 : 0);
}

static void every_index_once(void **state) {
    (void)state;
    const int counts[] = {0, 1, 2, 15, 16, 17, 1000, MAX_COUNT};
    const int grains[] = {1, 3, 16, 100000};
    for (int threads = 1; threads < MAX_THREADS; threads += threads < 4 ? 1 : 4) {
        fs_pool *pool = NULL;
        assert_int_equal(fs_pool_create(&pool, threads, NULL), FS_OK);
        assert_int_equal(fs_pool_threads(pool), threads);
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
            for (size_t g = 0; g < sizeof grains / sizeof grains[0]; g++)
                check_cover(pool, counts[c], grains[g]);
        fs_pool_destroy(pool);
    }
    check_cover(NULL, 1000, 7);
    assert_int_equal(fs_pool_threads(NULL), 1);
}

/* Many short loops back to back, with pauses that let the workers fall asleep. */
static void loops_in_a_row(void **state) {
    (void)state;
    for (int threads = 2; threads <= 4; threads++) {
        fs_pool *pool = NULL;
        assert_int_equal(fs_pool_create(&pool, threads, NULL), FS_OK);
        for (int i = 0; i < 1500; i++) {
            check_cover(pool, 1 + i % 64, 1 + i % 3);
            if (i % 100 == 99)
                usleep(300);
        }
        fs_pool_destroy(pool);
    }
}

typedef struct meet_job {
    atomic_int inside;
    int wanted;
} meet_job;

/* Returns only when `wanted` threads are inside at once (or after a long time). */
static void meet(void *context, int first, int last, int thread) {
    meet_job *job = context;
    (void)first, (void)last, (void)thread;
    atomic_fetch_add(&job->inside, 1);
    for (int i = 0; i < 100000 && atomic_load(&job->inside) < job->wanted; i++)
        usleep(100);
}

static void workers_take_part(void **state) {
    (void)state;
    fs_pool *pool = NULL;
    assert_int_equal(fs_pool_create(&pool, 4, NULL), FS_OK);
    for (int i = 0; i < 20; i++) {
        meet_job job = {.wanted = 4};
        fs_pool_for(pool, 4, 1, meet, &job);
        assert_int_equal(job.inside, 4);
        usleep(i * 50);
    }
    fs_pool_destroy(pool);
}

static double cpu_seconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

static void idle_pool_sleeps(void **state) {
    (void)state;
    fs_pool *pool = NULL;
    assert_int_equal(fs_pool_create(&pool, 4, NULL), FS_OK);
    check_cover(pool, 1000, 1);
    usleep(50000);
    double before = cpu_seconds();
    usleep(200000);
    assert_true(cpu_seconds() - before < 0.1); /* three spinning workers would burn 0.2 s or more */
    fs_pool_destroy(pool);
}

static void arguments_and_short_memory(void **state) {
    (void)state;
    fs_pool *pool = NULL;
    fs_error err = {0};
    assert_int_equal(fs_pool_create(&pool, -1, &err), FS_ERROR_ARGUMENT);
    assert_int_equal(fs_pool_create(&pool, 100000, &err), FS_ERROR_ARGUMENT);
    for (int n = 0;; n++) {
        fail_from(n);
        fs_status status = fs_pool_create(&pool, 2, &err);
        if (!fail_stop()) {
            assert_int_equal(status, FS_OK);
            break;
        }
        assert_int_equal(status, FS_ERROR_MEMORY);
        assert_null(pool);
    }
    fs_pool_destroy(pool);
    fs_pool_destroy(NULL);
    assert_true(fs_cpu_count() >= 1);
    assert_int_equal(fs_pool_create(&pool, 0, &err), FS_OK);
    assert_int_equal(fs_pool_threads(pool), fs_cpu_count());
    fs_pool_destroy(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_once),           cmocka_unit_test(loops_in_a_row),
        cmocka_unit_test(workers_take_part),          cmocka_unit_test(idle_pool_sleeps),
        cmocka_unit_test(arguments_and_short_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
