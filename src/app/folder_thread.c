#include "app/folder_thread.h"

#include "app/folder_job.h"
#include "app/worker_private.h"
#include "base/alloc.h"

struct fs_folder_thread {
    fs_folder_thread_options options;
    fs_job_queue *jobs;
    fs_pool *pool;
    pthread_t thread;
};

static const double report_interval = 1.0 / 15; /* seconds */

/* A request of the queue. */
typedef struct entry {
    fs_folder_request request;
    char *folder;
    fs_folder_thread *thread;
    fs_job *job;
    double reported; /* when progress was told last */
} entry;

static void entry_destroy(void *parameters) {
    entry *e = parameters;
    fs_shared_model_release(e->request.model);
    fs_free(e->folder);
    fs_free(e);
}

static void send(const fs_folder_thread *thread, const fs_job *job, fs_event *event) {
    event->job_kind = FS_WORKER_FOLDER;
    event->generation = job->generation;
    fs_event_queue_send(thread->options.events, event);
}

static void report(void *context, const fs_progress_state *state) {
    entry *e = context;
    double now = fs_seconds();
    if (now - e->reported < report_interval && state->done < state->total)
        return;
    e->reported = now;
    fs_event event = {.kind = FS_EVENT_PROGRESS, .done = state->done, .total = state->total};
    send(e->thread, e->job, &event);
}

static fs_job_result step(fs_job *job, void *context) {
    entry *e = job->spec.parameters;
    fs_folder_thread *thread = context;
    fs_event event = {0};
    e->thread = thread;
    e->job = job;
    const fs_progress progress = {.report = report, .context = e, .cancel = &job->cancel};
    const fs_folder_job work = {.request = e->request, .pool = thread->pool, .progress = &progress};
    fs_status status = fs_folder_job_run(&event.path, &work, &event.error);
    event.kind = status == FS_OK ? FS_EVENT_SAVED : FS_EVENT_FAILED;
    send(thread, job, &event);
    return FS_JOB_DONE;
}

static void *thread_main(void *context) {
    fs_folder_thread *thread = context;
    fs_worker_lower_priority(thread->options.niceness);
    /* Without a pool the computations run on this thread alone. */
    if (fs_pool_create(&thread->pool, thread->options.threads, NULL) != FS_OK)
        thread->pool = NULL;
    fs_job *job;
    while ((job = fs_job_queue_next(thread->jobs)) != NULL)
        fs_job_queue_settle(thread->jobs, job, job->spec.step(job, thread));
    fs_pool_destroy(thread->pool);
    return NULL;
}

fs_status fs_folder_thread_create(fs_folder_thread **out, const fs_folder_thread_options *options,
                                  fs_error *err) {
    fs_folder_thread *thread = fs_calloc(1, sizeof *thread);
    if (thread == NULL)
        return fs_fail_memory(err, "the thread for exports");
    thread->options = *options;
    fs_status status = fs_job_queue_create(&thread->jobs, err);
    if (status == FS_OK && pthread_create(&thread->thread, NULL, thread_main, thread) != 0)
        status = fs_fail(err, FS_ERROR_MEMORY, "cannot start the thread for exports");
    if (status != FS_OK) {
        fs_job_queue_destroy(thread->jobs);
        fs_free(thread);
        return status;
    }
    *out = thread;
    return FS_OK;
}

void fs_folder_thread_quit(fs_folder_thread *thread) {
    if (thread != NULL)
        fs_job_queue_close(thread->jobs);
}

void fs_folder_thread_destroy(fs_folder_thread *thread) {
    if (thread == NULL)
        return;
    fs_job_queue_close(thread->jobs);
    pthread_join(thread->thread, NULL);
    fs_job_queue_destroy(thread->jobs);
    fs_free(thread);
}

uint64_t fs_folder_thread_put(fs_folder_thread *thread, const fs_folder_request *request) {
    entry *e = fs_calloc(1, sizeof *e);
    char *folder = fs_strdup(request->folder);
    if (e == NULL || folder == NULL) {
        fs_free(e);
        fs_free(folder);
        return 0;
    }
    e->request = *request;
    e->request.folder = e->folder = folder;
    fs_shared_model_keep(request->model);
    const fs_job_spec spec = {.lane = FS_LANE_ORDERED,
                              .kind = FS_WORKER_FOLDER,
                              .step = step,
                              .parameters = e,
                              .destroy = entry_destroy};
    return fs_job_queue_put(thread->jobs, &spec);
}

void fs_folder_thread_stop(fs_folder_thread *thread) {
    fs_job_queue_clear(thread->jobs, FS_LANE_ORDERED);
}
