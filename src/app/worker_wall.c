/* The wall of thumbnails: one layer's channels, a batch at a time, whenever nothing else wants the cores. */
#include <string.h>

#include "app/worker_private.h"
#include "base/alloc.h"

/* Seconds between two publications of a batch: the eye follows a picture that sharpens in such steps. */
static const double publish_interval = 0.2;
/* Seconds in one step of reading what is kept on disk. */
static const double read_slice = 0.05;

typedef struct wall_job {
    fs_shared_model *model;
    int layer;
    fs_render_settings settings;
    int batch;
    int n_channels, n_urgent;
    int next; /* first of channels that has not been begun */
    bool adopted;
    int channels[];
} wall_job;

static void wall_destroy(void *parameters) {
    wall_job *wall = parameters;
    fs_shared_model_release(wall->model);
    fs_free(wall);
}

void fs_wall_batch_drop(fs_wall_batch *batch) {
    fs_render_destroy(batch->render);
    fs_shared_model_release(batch->model);
    memset(batch, 0, sizeof *batch);
}

static bool contains(const int *channels, int n, int channel) {
    for (int i = 0; i < n; i++)
        if (channels[i] == channel)
            return true;
    return false;
}

static bool still_wanted(const fs_wall_batch *batch, const wall_job *wall) {
    if (batch->render == NULL || batch->model != wall->model || batch->layer != wall->layer)
        return false;
    /* A difference in padding only renders a thumbnail again.
     * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    if (memcmp(&batch->settings, &wall->settings, sizeof wall->settings) != 0)
        return false;
    for (int i = 0; i < batch->n; i++)
        if (contains(wall->channels, wall->n_urgent, batch->channels[i]))
            return true;
    return false;
}

/* Once per request: carries on with the batch in progress or drops it. */
static void wall_adopt(fs_wall_batch *batch, wall_job *wall) {
    wall->adopted = true;
    if (!still_wanted(batch, wall)) {
        fs_wall_batch_drop(batch);
        return;
    }
    int kept = 0;
    for (int i = 0; i < wall->n_channels; i++)
        if (!contains(batch->channels, batch->n, wall->channels[i]))
            wall->channels[kept++] = wall->channels[i];
    wall->n_channels = kept;
}

/* The next channels as a new batch, but for those that are kept on disk: they are published at once. Without
 * a render afterwards there is more to read, or nothing is left. */
static fs_status wall_begin(fs_worker *worker, const fs_job *job, wall_job *wall, fs_error *err) {
    fs_wall_batch *batch = &worker->wall;
    const double until = fs_seconds() + read_slice;
    fs_render_settings settings;
    memcpy(&settings, &wall->settings, sizeof settings);
    while (batch->n < wall->batch && wall->next < wall->n_channels && fs_seconds() < until) {
        settings.channel = wall->channels[wall->next];
        if (!fs_worker_send_cached(worker, job, wall->model, wall->layer, &settings))
            batch->channels[batch->n++] = settings.channel;
        wall->next++;
    }
    if (batch->n == 0)
        return FS_OK;
    batch->model = fs_shared_model_keep(wall->model);
    batch->layer = wall->layer;
    memcpy(&batch->settings, &wall->settings, sizeof batch->settings); /* padding too: it is compared */
    return fs_render_create(&batch->render, wall->model->model, &wall->settings, batch->channels, batch->n,
                            worker->pool, err);
}

static fs_status wall_publish(fs_worker *worker, const fs_job *job, fs_error *err) {
    fs_wall_batch *batch = &worker->wall;
    for (int i = 0; i < batch->n; i++) {
        fs_event event = {.kind = FS_EVENT_PICTURE};
        fs_status status = fs_worker_snapshot(batch->render, i, &batch->settings, &event.picture, err);
        if (status != FS_OK)
            return status;
        event.picture->model = batch->model->serial;
        event.picture->layer = batch->layer;
        event.picture->channel = batch->channels[i];
        event.picture->rate = batch->busy > 0 ? event.picture->steps * batch->n / batch->busy : 0;
        fs_worker_send(worker, job, &event);
    }
    batch->published = fs_seconds();
    return FS_OK;
}

/* Finished pictures on disk. */
static void wall_keep(fs_worker *worker) {
    const fs_wall_batch *batch = &worker->wall;
    fs_render_settings settings;
    memcpy(&settings, &batch->settings, sizeof settings);
    for (int i = 0; i < batch->n; i++) {
        settings.channel = batch->channels[i];
        fs_worker_cache(worker, batch->model, batch->layer, &settings, batch->render, i);
    }
}

static fs_status wall_advance(fs_worker *worker, fs_job *job, fs_error *err) {
    fs_wall_batch *batch = &worker->wall;
    double begun = fs_seconds();
    fs_status status = fs_render_step(batch->render, &job->cancel, err);
    if (status != FS_OK)
        return status;
    batch->busy += fs_seconds() - begun;
    bool finished = fs_render_steps_done(batch->render) >= batch->settings.steps;
    if (finished || fs_seconds() - batch->published >= publish_interval)
        status = wall_publish(worker, job, err);
    if (finished && status == FS_OK)
        wall_keep(worker);
    if (finished)
        fs_wall_batch_drop(batch);
    return status;
}

static fs_job_result wall_step(fs_job *job, void *context) {
    fs_worker *worker = context;
    wall_job *wall = job->spec.parameters;
    if (!wall->adopted)
        wall_adopt(&worker->wall, wall);
    fs_error err = {0};
    fs_status status = FS_OK;
    if (worker->wall.render != NULL)
        status = wall_advance(worker, job, &err);
    else if (wall->next < wall->n_channels)
        status = wall_begin(worker, job, wall, &err);
    if (status == FS_ERROR_CANCELLED)
        return FS_JOB_MORE; /* paused for a view, or dropped */
    if (status != FS_OK) {
        fs_wall_batch_drop(&worker->wall);
        fs_worker_send_failure(worker, job, &err);
        return FS_JOB_DONE;
    }
    if (worker->wall.render != NULL || wall->next < wall->n_channels)
        return FS_JOB_MORE;
    fs_event event = {.kind = FS_EVENT_DONE};
    fs_worker_send(worker, job, &event);
    return FS_JOB_DONE;
}

uint64_t fs_worker_wall(fs_worker *worker, const fs_wall_request *request) {
    size_t channel_bytes = (size_t)request->n_channels * sizeof(int);
    wall_job *wall = fs_calloc(1, sizeof *wall + channel_bytes);
    if (wall == NULL)
        return 0;
    wall->model = fs_shared_model_keep(request->model);
    wall->layer = request->layer;
    memcpy(&wall->settings, &request->settings, sizeof wall->settings);
    wall->batch = request->batch < 1                   ? 1
                  : request->batch > FS_WALL_MAX_BATCH ? FS_WALL_MAX_BATCH
                                                       : request->batch;
    wall->n_channels = request->n_channels;
    wall->n_urgent = request->n_urgent;
    memcpy(wall->channels, request->channels, channel_bytes);
    fs_job_spec spec = {.lane = FS_LANE_BACKGROUND,
                        .kind = FS_WORKER_WALL,
                        .step = wall_step,
                        .parameters = wall,
                        .destroy = wall_destroy,
                        .gentle = worker->wall_serial == request->model->serial &&
                                  worker->wall_layer == request->layer};
    worker->wall_serial = request->model->serial;
    worker->wall_layer = request->layer;
    return fs_worker_submit(worker, &spec);
}

void fs_worker_stop_wall(fs_worker *worker) {
    fs_job_queue_clear(worker->jobs, FS_LANE_BACKGROUND);
}
