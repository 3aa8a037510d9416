#include "engine/train/loader.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/pool.h"

enum { SLOTS = 3 }; /* one in use, two ahead */

typedef struct slot {
    fs_batch batch;
    fs_status *states; /* [batch] of the pictures */
    fs_status status;
    fs_error error;
} slot;

struct fs_loader {
    fs_pictures *pictures;
    const int *order;
    int n, n_batches;
    fs_loader_settings settings;
    fs_augment_settings augment;
    fs_pool *pool;
    slot slots[SLOTS];
    pthread_t thread;
    bool started, stop;
    int made, taken; /* batches; slots [taken - 1, made) are full, under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
};

/* ---- making a batch ---- */

typedef struct fill_job {
    fs_loader *loader;
    slot *slot;
    int first; /* in the order */
} fill_job;

/* Every picture's numbers are its own, whatever batch it is in. */
static fs_random random_of(const fs_loader *l, int item) {
    fs_random random;
    const uint64_t place[2] = {l->settings.stream, (uint64_t)item};
    fs_random_seed(&random, l->settings.seed, fs_hash_bytes(FS_HASH_START, place, sizeof place));
    return random;
}

static void fill_range(void *context, int first, int last, int thread) {
    (void)thread;
    const fill_job *job = context;
    fs_loader *l = job->loader;
    const int64_t floats = fs_pictures_floats(l->pictures);
    for (int i = first; i < last; i++) {
        const int item = l->order[job->first + i];
        fs_random random = random_of(l, item);
        job->slot->batch.items[i] = item;
        job->slot->states[i] = fs_pictures_input(l->pictures, item, l->settings.augment, &random,
                                                 job->slot->batch.input + i * floats, NULL);
    }
}

/* Closes the gaps of pictures that could not be read. */
static void compact(const fs_loader *l, slot *s) {
    const int64_t floats = fs_pictures_floats(l->pictures);
    fs_batch *b = &s->batch;
    b->n = 0;
    for (int i = 0; i < b->asked; i++) {
        if (s->states[i] == FS_ERROR_MEMORY)
            s->status = fs_fail_memory(&s->error, "a batch of pictures");
        if (s->states[i] != FS_OK)
            continue;
        b->items[b->n] = b->items[i];
        if (b->n != i)
            memmove(b->input + b->n * floats, b->input + i * floats, (size_t)floats * sizeof(float));
        b->n++;
    }
}

static void make(fs_loader *l, int number) {
    slot *s = &l->slots[number % SLOTS];
    fill_job job = {l, s, number * l->settings.batch};
    const int left = l->n - job.first;
    s->batch.asked = left < l->settings.batch ? left : l->settings.batch;
    fs_pool_for(l->pool, s->batch.asked, 1, fill_range, &job);
    compact(l, s);
}

static void *produce(void *context) {
    fs_loader *l = context;
    for (int number = 0; number < l->n_batches; number++) {
        pthread_mutex_lock(&l->mutex);
        /* the slot of the batch taken last is still being read */
        while (!l->stop && number - l->taken >= SLOTS - 1)
            pthread_cond_wait(&l->changed, &l->mutex);
        const bool stop = l->stop;
        pthread_mutex_unlock(&l->mutex);
        if (stop)
            break;
        make(l, number);
        pthread_mutex_lock(&l->mutex);
        l->made++;
        pthread_cond_broadcast(&l->changed);
        pthread_mutex_unlock(&l->mutex);
    }
    return NULL;
}

/* ---- life ---- */

static fs_status allocate(fs_loader *l, fs_error *err) {
    const size_t batch = (size_t)l->settings.batch;
    for (int i = 0; i < SLOTS; i++) {
        slot *s = &l->slots[i];
        s->batch.items = fs_alloc_array(batch, sizeof *s->batch.items);
        s->batch.input =
            fs_alloc_array(batch * (size_t)fs_pictures_floats(l->pictures), sizeof *s->batch.input);
        s->states = fs_alloc_array(batch, sizeof *s->states);
        if (!s->batch.items || !s->batch.input || !s->states)
            return fs_fail_memory(err, "batches of pictures");
    }
    return FS_OK;
}

fs_status fs_loader_create(fs_loader **out, fs_pictures *pictures, const int *order, int n,
                           const fs_loader_settings *settings, fs_error *err) {
    fs_loader *l = fs_calloc(1, sizeof *l);
    if (!l)
        return fs_fail_memory(err, "batches of pictures");
    l->pictures = pictures;
    l->order = order;
    l->n = n;
    l->settings = *settings;
    if (settings->augment) {
        l->augment = *settings->augment;
        l->settings.augment = &l->augment;
    }
    l->n_batches = (n + settings->batch - 1) / settings->batch;
    pthread_mutex_init(&l->mutex, NULL);
    pthread_cond_init(&l->changed, NULL);
    fs_status status = allocate(l, err);
    if (status == FS_OK)
        status = fs_pool_create(&l->pool, settings->threads, err);
    if (status == FS_OK) {
        l->started = pthread_create(&l->thread, NULL, produce, l) == 0;
        if (!l->started)
            status = fs_fail(err, FS_ERROR_MEMORY, "cannot start a thread");
    }
    if (status == FS_OK)
        *out = l;
    else
        fs_loader_destroy(l);
    return status;
}

void fs_loader_destroy(fs_loader *l) {
    if (!l)
        return;
    if (l->started) {
        pthread_mutex_lock(&l->mutex);
        l->stop = true;
        pthread_cond_broadcast(&l->changed);
        pthread_mutex_unlock(&l->mutex);
        pthread_join(l->thread, NULL);
    }
    fs_pool_destroy(l->pool);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->mutex);
    for (int i = 0; i < SLOTS; i++) {
        fs_free(l->slots[i].batch.items);
        fs_free(l->slots[i].batch.input);
        fs_free(l->slots[i].states);
    }
    fs_free(l);
}

fs_status fs_loader_next(fs_loader *l, const fs_batch **out, fs_error *err) {
    static const fs_batch end = {0};
    if (l->taken == l->n_batches) { /* only this thread writes it */
        *out = &end;
        return FS_OK;
    }
    pthread_mutex_lock(&l->mutex);
    while (l->made <= l->taken)
        pthread_cond_wait(&l->changed, &l->mutex);
    slot *s = &l->slots[l->taken % SLOTS];
    l->taken++;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->mutex);
    if (s->status != FS_OK)
        return fs_fail(err, s->status, "%s", s->error.message);
    *out = &s->batch;
    return FS_OK;
}
