/* The jobs of one worker thread: what runs next, what replaces what, and what survives the end.
 *
 *     fs_job_spec spec = {.lane = FS_LANE_VIEW, .step = grow, .parameters = request, .destroy = fs_free};
 *     generation = fs_job_queue_put(queue, &spec);           // any thread, never waits for a job
 *
 *     while ((job = fs_job_queue_next(queue)) != NULL)       // the worker
 *         fs_job_queue_settle(queue, job, job->spec.step(job, context));
 *
 * A job runs in steps, and between steps the queue decides anew: ordered jobs first, then view and panel in
 * turn, then the background. Putting a job into a lane other than the ordered one drops the job that was
 * there; putting a view or a panel pauses a background step, whose job goes on later. A parked job keeps its
 * place and its state, and takes no turn. `cancel` is the flag a step hands to the engine, read
 * between nodes.
 *
 * The queue owns a job and its parameters from fs_job_queue_put on, even when that fails. Parameters of a job
 * that has run are destroyed by the worker, so that nothing heavy is released by the thread that draws. */
#ifndef FS_APP_JOB_QUEUE_H
#define FS_APP_JOB_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef enum fs_job_lane {
    FS_LANE_ORDERED,    /* first in, first out: loading, exports */
    FS_LANE_VIEW,       /* the newest alone: what the user looks at */
    FS_LANE_PANEL,      /* the newest alone: what the user wants to know about it */
    FS_LANE_BACKGROUND, /* the newest alone, when nothing else wants to run */
    FS_LANE_COUNT
} fs_job_lane;

typedef enum fs_job_result { FS_JOB_DONE, FS_JOB_MORE } fs_job_result;

typedef struct fs_job fs_job;
typedef fs_job_result (*fs_job_step)(fs_job *job, void *context);

typedef struct fs_job_spec {
    fs_job_lane lane;
    int kind; /* the caller's; carried along */
    fs_job_step step;
    void *parameters;
    void (*destroy)(void *parameters); /* may be NULL */
    bool must_finish;                  /* closing waits for it */
    bool gentle;                       /* lets a running step of the job it replaces come to its end */
} fs_job_spec;

struct fs_job {
    fs_job_spec spec;
    uint64_t generation; /* 1, 2, ... in the order of fs_job_queue_put */
    atomic_bool cancel;
    bool dropped, parked; /* the queue's own */
    fs_job *next;
};

typedef struct fs_job_queue fs_job_queue;

fs_status fs_job_queue_create(fs_job_queue **out, fs_error *err);
/* After the worker has ended. NULL is fine. */
void fs_job_queue_destroy(fs_job_queue *queue);

/* The job's generation, or 0 when memory is short or the queue is closed. */
uint64_t fs_job_queue_put(fs_job_queue *queue, const fs_job_spec *spec);
/* Drops what is in the view, panel or background lane. */
void fs_job_queue_clear(fs_job_queue *queue, fs_job_lane lane);
/* What is in such a lane now waits, after the step that is running, until it is parked no more. */
void fs_job_queue_park(fs_job_queue *queue, fs_job_lane lane, bool parked);

/* Waits for a job. NULL once the queue is closed and has run out. */
fs_job *fs_job_queue_next(fs_job_queue *queue);
void fs_job_queue_settle(fs_job_queue *queue, fs_job *job, fs_job_result result);

/* No new jobs; everything that need not finish is dropped. */
void fs_job_queue_close(fs_job_queue *queue);
/* True when a closed queue has run out within the time. */
bool fs_job_queue_wait(fs_job_queue *queue, double seconds);
/* Drops and cancels everything that is left. */
void fs_job_queue_abort(fs_job_queue *queue);
/* The kind of the job whose step is running; -1 when none is. */
int fs_job_queue_running_kind(fs_job_queue *queue);

#endif
