#include "app/worker.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "app/worker_private.h"
#include "base/alloc.h"

void fs_worker_lower_priority(int niceness) {
    id_t self = (id_t)gettid();
    if (niceness > 0)
        (void)setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + niceness);
}

static void worker_free(fs_worker *worker) {
    fs_job_queue_destroy(worker->jobs);
    fs_event_queue_destroy(worker->events);
    fs_free(worker->cache_folder);
    fs_free(worker);
}

static void *worker_main(void *context) {
    fs_worker *worker = context;
    fs_worker_lower_priority(worker->options.niceness);
    /* Without a pool the computations run on this thread alone. */
    if (fs_pool_create(&worker->pool, worker->options.threads, NULL) != FS_OK)
        worker->pool = NULL;
    fs_job *job;
    while ((job = fs_job_queue_next(worker->jobs)) != NULL)
        fs_job_queue_settle(worker->jobs, job, job->spec.step(job, worker));
    fs_wall_batch_drop(&worker->wall);
    fs_inspect_cache_drop(&worker->inspect);
    fs_worker_forget_cache(worker);
    fs_pool_destroy(worker->pool);
    if (atomic_exchange(&worker->left, true))
        worker_free(worker);
    return NULL;
}

fs_status fs_worker_create(fs_worker **out, const fs_worker_options *options, fs_error *err) {
    fs_worker *worker = fs_calloc(1, sizeof *worker);
    if (worker == NULL)
        return fs_fail_memory(err, "the worker");
    worker->options = *options;
    fs_status status = fs_job_queue_create(&worker->jobs, err);
    if (status == FS_OK && options->cache_folder != NULL &&
        (worker->cache_folder = fs_strdup(options->cache_folder)) == NULL)
        status = fs_fail_memory(err, "the worker");
    if (status == FS_OK)
        status = fs_event_queue_create(&worker->events, options->wake, options->wake_context, err);
    if (status == FS_OK && pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
        status = fs_fail(err, FS_ERROR_MEMORY, "cannot start the worker's thread");
    if (status != FS_OK) {
        worker_free(worker);
        return status;
    }
    *out = worker;
    return FS_OK;
}

void fs_worker_destroy(fs_worker *worker) {
    if (worker == NULL)
        return;
    const double until = fs_seconds() + FS_WORKER_GRACE;
    fs_training_thread_quit(worker->training);
    fs_folder_thread_quit(worker->folders);
    fs_job_queue_close(worker->jobs);
    bool ended = fs_job_queue_wait(worker->jobs, FS_WORKER_GRACE);
    fs_job_queue_abort(worker->jobs);
    fs_event_queue_mute(worker->events);
    fs_folder_thread_destroy(worker->folders);
    fs_training_thread_destroy(worker->training, until - fs_seconds());
    pthread_t thread = worker->thread;
    if (!ended && fs_job_queue_running_kind(worker->jobs) == FS_WORKER_LOAD &&
        !atomic_exchange(&worker->left, true)) {
        /* Reading a huge model cannot be interrupted. It leaves nothing half done, so that the thread may
         * come to its end alone rather than let the user wait. */
        pthread_detach(thread);
        return;
    }
    pthread_join(thread, NULL);
    worker_free(worker);
}

bool fs_worker_poll(fs_worker *worker, fs_event *out) {
    return fs_event_queue_take(worker->events, out);
}

uint64_t fs_worker_submit(fs_worker *worker, const fs_job_spec *spec) {
    return fs_job_queue_put(worker->jobs, spec);
}

fs_pool *fs_worker_pool(fs_worker *worker) {
    return worker->pool;
}

void fs_worker_send(fs_worker *worker, const fs_job *job, fs_event *event) {
    event->job_kind = job->spec.kind;
    event->generation = job->generation;
    fs_event_queue_send(worker->events, event);
}

void fs_worker_send_failure(fs_worker *worker, const fs_job *job, const fs_error *error) {
    fs_event event = {.kind = FS_EVENT_FAILED, .error = *error};
    fs_worker_send(worker, job, &event);
}

fs_status fs_worker_snapshot(const fs_render *render, int item, const fs_render_settings *settings,
                             fs_picture **out, fs_error *err) {
    fs_picture *picture = fs_picture_create();
    if (picture == NULL)
        return fs_fail_memory(err, "a picture");
    fs_status status = fs_render_image(render, item, FS_RENDER_LAST, &picture->image, err);
    if (status != FS_OK) {
        fs_picture_release(picture);
        return status;
    }
    picture->steps = fs_render_steps_done(render);
    picture->total_steps = settings->steps;
    picture->objective = fs_render_objective(render, item);
    *out = picture;
    return FS_OK;
}
