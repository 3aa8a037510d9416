#include "app/event_queue.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"

typedef struct fs_event_entry {
    fs_event event;
    struct fs_event_entry *next;
} fs_event_entry;

enum { SPARE = 16 };

struct fs_event_queue {
    pthread_mutex_t mutex;
    fs_event_entry *first, **end;
    fs_event_entry *spare[SPARE]; /* for when memory is short */
    int n_spare;
    void (*wake)(void *);
    void *wake_context;
};

void fs_event_release(fs_event *event) {
    fs_picture_release(event->picture);
    fs_panel_release(event->panel);
    fs_kernel_study_release(event->study);
    fs_inspection_release(event->inspection);
    fs_substituted_release(event->substituted);
    fs_training_news_release(event->training);
    fs_shared_model_release(event->model);
    fs_free(event->path);
    memset(event, 0, sizeof *event);
}

fs_status fs_event_queue_create(fs_event_queue **out, void (*wake)(void *), void *wake_context,
                                fs_error *err) {
    fs_event_queue *queue = fs_calloc(1, sizeof *queue);
    if (queue == NULL)
        return fs_fail_memory(err, "the event queue");
    pthread_mutex_init(&queue->mutex, NULL);
    queue->end = &queue->first;
    queue->wake = wake;
    queue->wake_context = wake_context;
    while (queue->n_spare < SPARE && (queue->spare[queue->n_spare] = fs_calloc(1, sizeof(fs_event_entry))))
        queue->n_spare++;
    if (queue->n_spare < SPARE) {
        fs_event_queue_destroy(queue);
        return fs_fail_memory(err, "the event queue");
    }
    *out = queue;
    return FS_OK;
}

void fs_event_queue_destroy(fs_event_queue *queue) {
    if (queue == NULL)
        return;
    fs_event event;
    while (fs_event_queue_take(queue, &event))
        fs_event_release(&event);
    while (queue->n_spare > 0)
        fs_free(queue->spare[--queue->n_spare]);
    pthread_mutex_destroy(&queue->mutex);
    fs_free(queue);
}

static bool supersedes(const fs_event *newer, const fs_event *older) {
    if (newer->kind != older->kind || newer->job_kind != older->job_kind)
        return false;
    if (newer->kind == FS_EVENT_PANEL || newer->kind == FS_EVENT_PROGRESS || newer->kind == FS_EVENT_TRAINING)
        return newer->generation == older->generation;
    if (newer->kind != FS_EVENT_PICTURE)
        return false;
    const fs_picture *a = newer->picture, *b = older->picture;
    return a->model == b->model && a->layer == b->layer && a->channel == b->channel;
}

/* Swaps a waiting picture for the newer one. With the mutex held. */
static bool replace(fs_event_queue *queue, fs_event *event) {
    for (fs_event_entry *entry = queue->first; entry != NULL; entry = entry->next) {
        if (supersedes(event, &entry->event)) {
            fs_event old = entry->event;
            entry->event = *event;
            *event = old;
            return true;
        }
    }
    return false;
}

/* What a job says once: somebody waits for it, and it has to come through when memory is short too. */
static bool is_said_once(const fs_event *event) {
    return event->kind != FS_EVENT_PICTURE && event->kind != FS_EVENT_PROGRESS;
}

void fs_event_queue_send(fs_event_queue *queue, fs_event *event) {
    fs_event_entry *entry = fs_calloc(1, sizeof *entry);
    bool was_empty = false;
    pthread_mutex_lock(&queue->mutex);
    const bool replaced = replace(queue, event);
    if (!replaced && entry == NULL && is_said_once(event) && queue->n_spare > 0)
        entry = queue->spare[--queue->n_spare];
    if (!replaced && entry != NULL) {
        was_empty = queue->first == NULL;
        entry->event = *event;
        *queue->end = entry;
        queue->end = &entry->next;
        entry = NULL;
        memset(event, 0, sizeof *event);
    }
    if (was_empty && queue->wake != NULL)
        queue->wake(queue->wake_context);
    pthread_mutex_unlock(&queue->mutex);
    fs_free(entry);
    fs_event_release(event); /* what was replaced, or could not be queued */
}

void fs_event_queue_mute(fs_event_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->wake = NULL;
    pthread_mutex_unlock(&queue->mutex);
}

/* With the mutex held. False: there is enough room already, and the entry is the caller's to free. */
static bool set_aside(fs_event_queue *queue, fs_event_entry *entry) {
    if (queue->n_spare == SPARE)
        return false;
    memset(entry, 0, sizeof *entry);
    queue->spare[queue->n_spare++] = entry;
    return true;
}

bool fs_event_queue_take(fs_event_queue *queue, fs_event *out) {
    bool kept = false;
    pthread_mutex_lock(&queue->mutex);
    fs_event_entry *entry = queue->first;
    if (entry != NULL) {
        queue->first = entry->next;
        if (queue->first == NULL)
            queue->end = &queue->first;
        *out = entry->event;
        kept = set_aside(queue, entry);
    }
    pthread_mutex_unlock(&queue->mutex);
    if (entry == NULL)
        return false;
    if (!kept)
        fs_free(entry);
    return true;
}
