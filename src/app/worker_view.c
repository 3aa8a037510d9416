/* The channel the user looks at, grown at full size. */
#include "app/worker_private.h"
#include "base/alloc.h"

/* Seconds between two published pictures. */
static const double publish_interval = 1.0 / 30;

typedef struct view_job {
    fs_shared_model *model;
    int layer;
    fs_render_settings settings;
    fs_render *render; /* made by the first step */
    double busy;       /* seconds spent in steps */
    double published;
} view_job;

static void view_destroy(void *parameters) {
    view_job *view = parameters;
    fs_render_destroy(view->render);
    fs_shared_model_release(view->model);
    fs_free(view);
}

static fs_status view_publish(fs_worker *worker, const fs_job *job, view_job *view, fs_error *err) {
    fs_event event = {.kind = FS_EVENT_PICTURE};
    fs_status status = fs_worker_snapshot(view->render, 0, &view->settings, &event.picture, err);
    if (status != FS_OK)
        return status;
    event.picture->model = view->model->serial;
    event.picture->layer = view->layer;
    event.picture->channel = view->settings.channel;
    event.picture->rate = view->busy > 0 ? event.picture->steps / view->busy : 0;
    fs_worker_send(worker, job, &event);
    view->published = fs_seconds();
    return FS_OK;
}

static fs_status view_advance(fs_worker *worker, fs_job *job, view_job *view, fs_error *err) {
    if (view->render == NULL)
        return fs_render_create(&view->render, view->model->model, &view->settings, NULL, 1, worker->pool,
                                err);
    double begun = fs_seconds();
    fs_status status = fs_render_step(view->render, &job->cancel, err);
    if (status != FS_OK)
        return status;
    view->busy += fs_seconds() - begun;
    bool finished = fs_render_steps_done(view->render) >= view->settings.steps;
    if (finished || fs_seconds() - view->published >= publish_interval)
        status = view_publish(worker, job, view, err);
    return status;
}

static fs_job_result view_step(fs_job *job, void *context) {
    view_job *view = job->spec.parameters;
    fs_error err = {0};
    fs_status status = view_advance(context, job, view, &err);
    if (status == FS_ERROR_CANCELLED)
        return FS_JOB_MORE; /* it has been dropped, or goes on */
    if (status != FS_OK) {
        fs_worker_send_failure(context, job, &err);
        return FS_JOB_DONE;
    }
    if (fs_render_steps_done(view->render) < view->settings.steps)
        return FS_JOB_MORE;
    fs_event event = {.kind = FS_EVENT_DONE};
    fs_worker_send(context, job, &event);
    return FS_JOB_DONE;
}

uint64_t fs_worker_view(fs_worker *worker, const fs_view_request *request) {
    view_job *view = fs_calloc(1, sizeof *view);
    if (view == NULL)
        return 0;
    view->model = fs_shared_model_keep(request->model);
    view->layer = request->layer;
    view->settings = request->settings;
    fs_job_spec spec = {.lane = FS_LANE_VIEW,
                        .kind = FS_WORKER_VIEW,
                        .step = view_step,
                        .parameters = view,
                        .destroy = view_destroy};
    return fs_worker_submit(worker, &spec);
}

void fs_worker_stop_view(fs_worker *worker) {
    fs_job_queue_clear(worker->jobs, FS_LANE_VIEW);
}

void fs_worker_pause_view(fs_worker *worker, bool paused) {
    fs_job_queue_park(worker->jobs, FS_LANE_VIEW, paused);
}
