/* Messages from the worker to whoever shows its results. Values: the receiver owns what an event holds and
 * gives it back with fs_event_release.
 *
 *     while (fs_event_queue_take(queue, &event)) { ...; fs_event_release(&event); }
 *
 * A newer picture of the same channel, a newer panel, training news or progress of the same job, takes the
 * place of one that nobody has fetched, so that a slow reader costs no memory. `wake` is called, from the
 * sending thread, whenever the queue stops being empty; it may not use the queue. */
#ifndef FS_APP_EVENT_QUEUE_H
#define FS_APP_EVENT_QUEUE_H

#include "app/inspection.h"
#include "app/kernel_study.h"
#include "app/panel.h"
#include "app/picture.h"
#include "app/substituted.h"
#include "app/training_news.h"

typedef enum fs_event_kind {
    FS_EVENT_NONE,
    FS_EVENT_MODEL,       /* model */
    FS_EVENT_PICTURE,     /* picture */
    FS_EVENT_PANEL,       /* panel */
    FS_EVENT_STUDY,       /* study */
    FS_EVENT_INSPECTION,  /* inspection */
    FS_EVENT_SUBSTITUTED, /* substituted */
    FS_EVENT_TRAINING,    /* training */
    FS_EVENT_PROGRESS,    /* done, total */
    FS_EVENT_SAVED,       /* path */
    FS_EVENT_DONE,        /* the job has come to its end */
    FS_EVENT_FAILED       /* error */
} fs_event_kind;

typedef struct fs_event {
    fs_event_kind kind;
    int job_kind;
    uint64_t generation;
    fs_picture *picture;
    fs_panel *panel;
    fs_kernel_study *study;
    fs_inspection *inspection;
    fs_substituted *substituted;
    fs_training_news *training;
    double done, total;
    fs_shared_model *model;
    char *path;
    fs_error error;
} fs_event;

void fs_event_release(fs_event *event);

typedef struct fs_event_queue fs_event_queue;

fs_status fs_event_queue_create(fs_event_queue **out, void (*wake)(void *), void *wake_context,
                                fs_error *err);
void fs_event_queue_destroy(fs_event_queue *queue);
/* Takes over what the event holds. When memory is short, room that was set aside carries what a job says once
 * (its result, its end, its failure), to a reader who comes at all; a picture or progress is released. */
void fs_event_queue_send(fs_event_queue *queue, fs_event *event);
/* From the return on `wake` is not called any more. */
void fs_event_queue_mute(fs_event_queue *queue);
bool fs_event_queue_take(fs_event_queue *queue, fs_event *out);

#endif
