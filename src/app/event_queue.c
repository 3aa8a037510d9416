#include "app/event_queue.h"

#include <pthread.h>
#include <string.h>

#include "base/alloc.h"

typedef struct fs_event_entry {
    fs_event event;
    struct fs_event_entry *next;
} fs_event_entry;

struct fs_event_queue {
    pthread_mutex_t mutex;
    fs_event_entry *first, **end;
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
    *out = queue;
    return FS_OK;
}

void fs_event_queue_destroy(fs_event_queue *queue) {
    if (queue == NULL)
        return;
    fs_event event;
    while (fs_event_queue_take(queue, &event))
        fs_event_release(&event);
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

void fs_event_queue_send(fs_event_queue *queue, fs_event *event) {
    fs_event_entry *entry = fs_calloc(1, sizeof *entry);
    bool was_empty = false;
    pthread_mutex_lock(&queue->mutex);
    if (!replace(queue, event) && entry != NULL) {
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

bool fs_event_queue_take(fs_event_queue *queue, fs_event *out) {
    pthread_mutex_lock(&queue->mutex);
    fs_event_entry *entry = queue->first;
    if (entry != NULL) {
        queue->first = entry->next;
        if (queue->first == NULL)
            queue->end = &queue->first;
    }
    pthread_mutex_unlock(&queue->mutex);
    if (entry == NULL)
        return false;
    *out = entry->event;
    fs_free(entry);
    return true;
}
