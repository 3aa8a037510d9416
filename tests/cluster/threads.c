#include "cluster/threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster_transport.h"

enum { MOST = 8, LETTERS = 1024 };

typedef struct letter {
    int from;
    size_t size;
    char *bytes;
} letter;

typedef struct mailbox {
    letter letters[LETTERS];
    int first, n;
} mailbox;

/* What all of them see: where the data of a collective call lies, and letters that are under way. */
typedef struct hall {
    int size;
    pthread_barrier_t barrier;
    const void *given[MOST];
    pthread_mutex_t mutex;
    mailbox boxes[MOST];
} hall;

typedef struct member {
    hall *hall;
    int rank;
    void (*body)(fs_cluster *cluster, void *context);
    void *context;
    pthread_t thread;
} member;

static void show(member *m, const void *data) {
    m->hall->given[m->rank] = data;
    pthread_barrier_wait(&m->hall->barrier);
}

static void done(member *m) {
    pthread_barrier_wait(&m->hall->barrier);
}

static void gather(void *context, const void *mine, size_t bytes, void *all) {
    member *m = context;
    show(m, mine);
    for (int r = 0; r < m->hall->size; r++)
        memcpy((char *)all + (size_t)r * bytes, m->hall->given[r], bytes);
    done(m);
}

static void exchange(void *context, const float *from, float *to, int part) {
    member *m = context;
    show(m, from);
    for (int r = 0; r < m->hall->size; r++)
        memcpy(to + r * part, (const float *)m->hall->given[r] + m->rank * part, (size_t)part * sizeof *to);
    done(m);
}

static void collect(void *context, const float *mine, float *all, int part) {
    gather(context, mine, (size_t)part * sizeof *mine, all);
}

static void any(void *context, bool *flags, int count) {
    member *m = context;
    bool *all = calloc((size_t)count + 1, sizeof *all);
    show(m, flags);
    for (int r = 0; r < m->hall->size; r++)
        for (int i = 0; i < count; i++)
            all[i] |= ((const bool *)m->hall->given[r])[i];
    done(m);
    memcpy(flags, all, (size_t)count * sizeof *all);
    free(all);
}

static void broadcast(void *context, void *data, int bytes, int root) {
    member *m = context;
    show(m, data);
    if (m->rank != root)
        memcpy(data, m->hall->given[root], (size_t)bytes);
    done(m);
}

static void send_letter(void *context, int to, const void *bytes, size_t size) {
    member *m = context;
    mailbox *box = &m->hall->boxes[to];
    letter l = {m->rank, size, malloc(size + 1)};
    memcpy(l.bytes, bytes, size);
    pthread_mutex_lock(&m->hall->mutex);
    if (box->n == LETTERS)
        abort();
    box->letters[(box->first + box->n++) % LETTERS] = l;
    pthread_mutex_unlock(&m->hall->mutex);
}

static bool poll_letter(void *context, int *from, fs_text *text) {
    member *m = context;
    mailbox *box = &m->hall->boxes[m->rank];
    letter l = {0};
    pthread_mutex_lock(&m->hall->mutex);
    if (box->n) {
        l = box->letters[box->first];
        box->first = (box->first + 1) % LETTERS;
        box->n--;
    }
    pthread_mutex_unlock(&m->hall->mutex);
    if (!l.bytes)
        return false;
    *from = l.from;
    fs_text_add_bytes(text, l.bytes, l.size);
    free(l.bytes);
    return true;
}

static void leave(void *context) {
    done(context);
}

static void *run(void *context) {
    member *m = context;
    const fs_cluster_transport transport = {m,   m->rank,   m->hall->size, gather,      exchange, collect,
                                            any, broadcast, send_letter,   poll_letter, leave};
    fs_cluster *cluster = fs_cluster_create(&transport);
    m->body(cluster, m->context);
    fs_cluster_leave(cluster);
    return NULL;
}

void threads_run(int size, void (*body)(fs_cluster *cluster, void *context), void *context) {
    static hall h; /* large */
    member members[MOST];
    memset(&h, 0, sizeof h);
    h.size = size;
    pthread_barrier_init(&h.barrier, NULL, (unsigned)size);
    pthread_mutex_init(&h.mutex, NULL);
    for (int r = 0; r < size; r++) {
        members[r] = (member){.hall = &h, .rank = r, .body = body, .context = context};
        pthread_create(&members[r].thread, NULL, run, &members[r]);
    }
    for (int r = 0; r < size; r++)
        pthread_join(members[r].thread, NULL);
    for (int r = 0; r < size; r++)
        if (h.boxes[r].n)
            abort(); /* a letter that nobody took would be found by the next work that is handed out */
    pthread_mutex_destroy(&h.mutex);
    pthread_barrier_destroy(&h.barrier);
}
