#include "base/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

/* How a loop runs. The `gate` is one word: a loop number, an open bit, and how many workers are inside.
 * The caller writes the job, opens the gate under a new number and takes pieces itself. A worker that sees
 * a number it has not served steps in, takes pieces, and steps out. When the pieces run out the caller
 * closes the gate and waits only for workers still inside: one that the system has not woken in time misses
 * the loop, and nobody waits for it. The job changes only while the gate is closed and empty. */
enum {
    POOL_MAX_THREADS = 1024,
    GATE_OPEN = 1 << 30,
    GATE_INSIDE = GATE_OPEN - 1, /* mask of the count */
    SPIN_COUNT = 256             /* pauses before sleeping: some microseconds */
};

#define GATE_NUMBER_ONE (UINT64_C(1) << 32)

typedef struct pool_worker {
    fs_pool *pool;
    pthread_t id;
    int index; /* 1 .. threads-1; the caller is 0 */
} pool_worker;

struct fs_pool {
    pool_worker *workers;
    int threads;
    int spins;
    fs_pool_body body;
    void *context;
    int count, grain;
    _Alignas(FS_ALIGNMENT) atomic_llong next; /* the next piece; apart from what others poll */
    _Alignas(FS_ALIGNMENT) _Atomic uint64_t gate;
    atomic_bool stop;
    atomic_int sleepers;        /* workers waiting, or about to wait, on `opened` */
    atomic_bool caller_waiting; /* the same for `emptied` */
    pthread_mutex_t mutex;
    pthread_cond_t opened, emptied;
};

static void cpu_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

int fs_cpu_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN); /* more cores than a cpu_set_t holds */
    if (online < 1)
        return 1;
    return online < POOL_MAX_THREADS ? (int)online : POOL_MAX_THREADS;
}

static void run_pieces(fs_pool *pool, int thread) {
    long long count = pool->count, grain = pool->grain;
    for (;;) {
        long long first = grain * atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (first >= count)
            return;
        long long last = first + grain < count ? first + grain : count;
        pool->body(pool->context, (int)first, (int)last, thread);
    }
}

static bool gate_news(uint64_t gate, uint32_t served) {
    return (gate & GATE_OPEN) != 0 && (uint32_t)(gate >> 32) != served;
}

/* Waits until the gate is open under a number other than `served`; false when the pool ends. */
static bool wait_for_loop(fs_pool *pool, uint32_t served) {
    for (int i = 0; i < pool->spins; i++) {
        if (gate_news(atomic_load_explicit(&pool->gate, memory_order_relaxed), served))
            return true;
        cpu_pause();
    }
    /* The order matters: count ourselves, then look. The caller opens, then looks for sleepers; whichever
     * comes second sees the other. */
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!gate_news(atomic_load(&pool->gate), served) && !atomic_load(&pool->stop))
        pthread_cond_wait(&pool->opened, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
    return !atomic_load(&pool->stop);
}

/* Steps in if the gate is open under a new number, which becomes *served. */
static bool enter_gate(fs_pool *pool, uint32_t *served) {
    uint64_t gate = atomic_load_explicit(&pool->gate, memory_order_relaxed);
    while (gate_news(gate, *served)) {
        if (atomic_compare_exchange_weak_explicit(&pool->gate, &gate, gate + 1, memory_order_acquire,
                                                  memory_order_relaxed)) {
            *served = (uint32_t)(gate >> 32);
            return true;
        }
    }
    return false;
}

static void leave_gate(fs_pool *pool) {
    uint64_t before = atomic_fetch_sub(&pool->gate, 1);
    bool last = (before & GATE_INSIDE) == 1 && (before & GATE_OPEN) == 0;
    if (!last || !atomic_load(&pool->caller_waiting))
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->emptied);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument) {
    pool_worker *worker = argument;
    fs_pool *pool = worker->pool;
    uint32_t served = 0;
    while (wait_for_loop(pool, served)) {
        if (enter_gate(pool, &served)) {
            run_pieces(pool, worker->index);
            leave_gate(pool);
        }
    }
    return NULL;
}

static bool gate_empty(fs_pool *pool) {
    return (atomic_load(&pool->gate) & GATE_INSIDE) == 0;
}

static void wait_until_empty(fs_pool *pool) {
    for (int i = 0; i < pool->spins; i++) {
        if (gate_empty(pool))
            return;
        cpu_pause();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_waiting, true);
    while (!gate_empty(pool))
        pthread_cond_wait(&pool->emptied, &pool->mutex);
    atomic_store(&pool->caller_waiting, false);
    pthread_mutex_unlock(&pool->mutex);
}

/* Wakes as many workers as there are pieces for. The empty critical section makes sure that a worker which
 * looked before the gate opened has reached its wait. */
static void wake_workers(fs_pool *pool, long long pieces) {
    long long sleepers = atomic_load(&pool->sleepers);
    if (sleepers == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    if (pieces - 1 >= sleepers) {
        pthread_cond_broadcast(&pool->opened);
        return;
    }
    for (long long i = 1; i < pieces; i++)
        pthread_cond_signal(&pool->opened);
}

static void run_alone(int count, int grain, fs_pool_body body, void *context) {
    for (int first = 0; first < count;) {
        int last = count - first > grain ? first + grain : count;
        body(context, first, last, 0);
        first = last;
    }
}

void fs_pool_for(fs_pool *pool, int count, int grain, fs_pool_body body, void *context) {
    assert(grain >= 1);
    if (pool == NULL || pool->threads == 1 || count <= grain) {
        run_alone(count, grain, body, context);
        return;
    }
    uint64_t gate = atomic_load_explicit(&pool->gate, memory_order_relaxed);
    assert((gate & (GATE_OPEN | GATE_INSIDE)) == 0); /* one loop at a time, and none from a body */
    pool->body = body;
    pool->context = context;
    pool->count = count;
    pool->grain = grain;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_store(&pool->gate, (gate + GATE_NUMBER_ONE) | GATE_OPEN);
    wake_workers(pool, ((long long)count + grain - 1) / grain);
    run_pieces(pool, 0);
    atomic_fetch_and(&pool->gate, ~(uint64_t)GATE_OPEN);
    wait_until_empty(pool);
}

int fs_pool_threads(const fs_pool *pool) {
    return pool == NULL ? 1 : pool->threads;
}

/* Signals stay with the threads of the program: Ctrl-C must not land in a worker. */
static fs_status start_workers(fs_pool *pool, int threads, fs_error *err) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = 0;
    for (int i = 1; i < threads && failure == 0; i++) {
        pool_worker *worker = &pool->workers[i];
        *worker = (pool_worker){.pool = pool, .index = i};
        failure = pthread_create(&worker->id, NULL, worker_main, worker);
        if (failure == 0)
            pool->threads = i + 1;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0)
        return fs_fail(err, FS_ERROR_IO, "cannot start %d threads: %s", threads, strerror(failure));
    return FS_OK;
}

fs_status fs_pool_create(fs_pool **out, int threads, fs_error *err) {
    int cores = fs_cpu_count();
    if (threads == 0)
        threads = cores < POOL_MAX_THREADS ? cores : POOL_MAX_THREADS;
    if (threads < 0 || threads > POOL_MAX_THREADS)
        return fs_fail(err, FS_ERROR_ARGUMENT, "threads: %d is not in 0..%d", threads, POOL_MAX_THREADS);
    fs_pool *pool = fs_calloc(1, sizeof *pool);
    if (pool == NULL)
        return fs_fail_memory(err, "a thread pool");
    pool->workers = fs_calloc((size_t)threads, sizeof *pool->workers);
    if (pool->workers == NULL) {
        fs_free(pool);
        return fs_fail_memory(err, "a thread pool");
    }
    pool->threads = 1;
    pool->spins = threads <= cores ? SPIN_COUNT : 0; /* with more threads than cores a spin delays the work */
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->opened, NULL);
    pthread_cond_init(&pool->emptied, NULL);
    fs_status status = start_workers(pool, threads, err);
    if (status != FS_OK) {
        fs_pool_destroy(pool);
        return status;
    }
    *out = pool;
    return FS_OK;
}

void fs_pool_destroy(fs_pool *pool) {
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stop, true);
    pthread_cond_broadcast(&pool->opened);
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 1; i < pool->threads; i++)
        pthread_join(pool->workers[i].id, NULL);
    pthread_cond_destroy(&pool->emptied);
    pthread_cond_destroy(&pool->opened);
    pthread_mutex_destroy(&pool->mutex);
    fs_free(pool->workers);
    fs_free(pool);
}
