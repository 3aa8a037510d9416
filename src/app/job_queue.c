#include "app/job_queue.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/alloc.h"

struct fs_job_queue {
    pthread_mutex_t mutex;
    pthread_cond_t wanted;    /* a job came, or the queue was closed */
    pthread_cond_t exhausted; /* closed, and the last job is gone */
    fs_job *lanes[FS_LANE_COUNT];
    fs_job *trash;   /* dropped, to be destroyed by the worker */
    fs_job *running; /* also still in its lane unless dropped */
    uint64_t generation;
    fs_job_lane last_of_two; /* the view or the panel: whichever had the last turn */
    bool closed;
};

static void job_destroy(fs_job *job) {
    if (job->spec.destroy != NULL)
        job->spec.destroy(job->spec.parameters);
    fs_free(job);
}

static void destroy_list(fs_job *job) {
    while (job != NULL) {
        fs_job *next = job->next;
        job_destroy(job);
        job = next;
    }
}

fs_status fs_job_queue_create(fs_job_queue **out, fs_error *err) {
    fs_job_queue *queue = fs_calloc(1, sizeof *queue);
    if (queue == NULL)
        return fs_fail_memory(err, "the job queue");
    queue->last_of_two = FS_LANE_PANEL; /* the view begins */
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->wanted, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->exhausted, &attributes);
    pthread_condattr_destroy(&attributes);
    *out = queue;
    return FS_OK;
}

void fs_job_queue_destroy(fs_job_queue *queue) {
    if (queue == NULL)
        return;
    for (int lane = 0; lane < FS_LANE_COUNT; lane++)
        destroy_list(queue->lanes[lane]);
    destroy_list(queue->trash);
    pthread_cond_destroy(&queue->wanted);
    pthread_cond_destroy(&queue->exhausted);
    pthread_mutex_destroy(&queue->mutex);
    fs_free(queue);
}

/* The functions below with `locked` in their name are called with the mutex held. */

static bool empty_locked(const fs_job_queue *queue) {
    for (int lane = 0; lane < FS_LANE_COUNT; lane++)
        if (queue->lanes[lane] != NULL)
            return false;
    return queue->running == NULL;
}

/* Takes a job out of its lane. A running one is left to fs_job_queue_settle. */
static void drop_locked(fs_job_queue *queue, fs_job *job, bool cancel) {
    fs_job **link = &queue->lanes[job->spec.lane];
    while (*link != NULL && *link != job)
        link = &(*link)->next;
    if (*link == job)
        *link = job->next;
    job->next = NULL;
    job->dropped = true;
    if (job == queue->running) {
        if (cancel)
            atomic_store(&job->cancel, true);
        return;
    }
    job->next = queue->trash;
    queue->trash = job;
}

static void drop_lane_locked(fs_job_queue *queue, fs_job_lane lane, bool cancel, bool even_must_finish) {
    fs_job *job = queue->lanes[lane];
    while (job != NULL) {
        fs_job *next = job->next;
        if (even_must_finish || !job->spec.must_finish)
            drop_locked(queue, job, cancel);
        job = next;
    }
}

static void append_locked(fs_job_queue *queue, fs_job *job) {
    fs_job **link = &queue->lanes[job->spec.lane];
    if (job->spec.lane != FS_LANE_ORDERED)
        drop_lane_locked(queue, job->spec.lane, !job->spec.gentle, true);
    while (*link != NULL)
        link = &(*link)->next;
    *link = job;
    /* What the user looks at goes first: a background step stops at the next node and its job goes on later.
     */
    if ((job->spec.lane == FS_LANE_VIEW || job->spec.lane == FS_LANE_PANEL) && queue->running != NULL &&
        queue->running->spec.lane == FS_LANE_BACKGROUND)
        atomic_store(&queue->running->cancel, true);
}

uint64_t fs_job_queue_put(fs_job_queue *queue, const fs_job_spec *spec) {
    fs_job *job = fs_calloc(1, sizeof *job);
    uint64_t generation = 0;
    pthread_mutex_lock(&queue->mutex);
    if (job != NULL && !queue->closed) {
        job->spec = *spec;
        job->generation = generation = ++queue->generation;
        append_locked(queue, job);
        pthread_cond_signal(&queue->wanted);
    }
    pthread_mutex_unlock(&queue->mutex);
    if (generation == 0) {
        if (spec->destroy != NULL)
            spec->destroy(spec->parameters);
        fs_free(job);
    }
    return generation;
}

void fs_job_queue_clear(fs_job_queue *queue, fs_job_lane lane) {
    pthread_mutex_lock(&queue->mutex);
    drop_lane_locked(queue, lane, true, true);
    pthread_cond_signal(&queue->wanted); /* the trash is there to be emptied */
    pthread_mutex_unlock(&queue->mutex);
}

void fs_job_queue_park(fs_job_queue *queue, fs_job_lane lane, bool parked) {
    pthread_mutex_lock(&queue->mutex);
    for (fs_job *job = queue->lanes[lane]; job != NULL; job = job->next)
        job->parked = parked;
    pthread_cond_signal(&queue->wanted);
    pthread_mutex_unlock(&queue->mutex);
}

static fs_job *ready_locked(const fs_job_queue *queue, fs_job_lane lane) {
    fs_job *job = queue->lanes[lane];
    return job != NULL && !job->parked ? job : NULL;
}

static fs_job *first_locked(fs_job_queue *queue) {
    if (ready_locked(queue, FS_LANE_ORDERED) != NULL)
        return queue->lanes[FS_LANE_ORDERED];
    fs_job_lane other = queue->last_of_two == FS_LANE_VIEW ? FS_LANE_PANEL : FS_LANE_VIEW;
    fs_job *job = ready_locked(queue, other);
    if (job == NULL)
        job = ready_locked(queue, queue->last_of_two);
    if (job == NULL)
        return ready_locked(queue, FS_LANE_BACKGROUND);
    queue->last_of_two = job->spec.lane;
    return job;
}

fs_job *fs_job_queue_next(fs_job_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    for (;;) {
        if (queue->trash != NULL) {
            fs_job *trash = queue->trash;
            queue->trash = NULL;
            pthread_mutex_unlock(&queue->mutex);
            destroy_list(trash);
            pthread_mutex_lock(&queue->mutex);
            continue;
        }
        queue->running = first_locked(queue);
        if (queue->running != NULL || queue->closed)
            break;
        pthread_cond_wait(&queue->wanted, &queue->mutex);
    }
    fs_job *job = queue->running;
    pthread_mutex_unlock(&queue->mutex);
    return job;
}

void fs_job_queue_settle(fs_job_queue *queue, fs_job *job, fs_job_result result) {
    pthread_mutex_lock(&queue->mutex);
    queue->running = NULL;
    bool gone = job->dropped;
    if (!gone && result == FS_JOB_DONE) {
        drop_locked(queue, job, false);
        gone = true;
    } else if (gone) {
        job->next = queue->trash;
        queue->trash = job;
    }
    if (!gone)
        atomic_store(&job->cancel, false); /* it was only paused */
    if (queue->closed && empty_locked(queue))
        pthread_cond_broadcast(&queue->exhausted);
    pthread_mutex_unlock(&queue->mutex);
}

void fs_job_queue_close(fs_job_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    for (int lane = 0; lane < FS_LANE_COUNT; lane++)
        drop_lane_locked(queue, (fs_job_lane)lane, true, false);
    pthread_cond_broadcast(&queue->wanted);
    pthread_mutex_unlock(&queue->mutex);
}

bool fs_job_queue_wait(fs_job_queue *queue, double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    long long nanoseconds = until.tv_nsec + (long long)(seconds * 1e9);
    until.tv_sec += (time_t)(nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    pthread_mutex_lock(&queue->mutex);
    int status = 0;
    while (!(queue->closed && empty_locked(queue)) && status != ETIMEDOUT)
        status = pthread_cond_timedwait(&queue->exhausted, &queue->mutex, &until);
    bool done = queue->closed && empty_locked(queue);
    pthread_mutex_unlock(&queue->mutex);
    return done;
}

void fs_job_queue_abort(fs_job_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    for (int lane = 0; lane < FS_LANE_COUNT; lane++)
        drop_lane_locked(queue, (fs_job_lane)lane, true, true);
    pthread_cond_broadcast(&queue->wanted);
    pthread_mutex_unlock(&queue->mutex);
}

int fs_job_queue_running_kind(fs_job_queue *queue) {
    pthread_mutex_lock(&queue->mutex);
    int kind = queue->running != NULL ? queue->running->spec.kind : -1;
    pthread_mutex_unlock(&queue->mutex);
    return kind;
}
