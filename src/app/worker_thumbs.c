#include "app/worker_thumbs.h"

#include <string.h>

#include "app/worker_private.h"
#include "base/alloc.h"

static const double slice = 0.1, publish_interval = 0.2; /* seconds */

typedef struct thumbs_job {
    fs_shared_model *model;
    fs_render *render; /* of the item that is next; NULL: not begun */
    double published;
    int next, n_items;
    fs_thumb_item items[];
} thumbs_job;

static void thumbs_destroy(void *parameters) {
    thumbs_job *thumbs = parameters;
    fs_render_destroy(thumbs->render);
    fs_shared_model_release(thumbs->model);
    fs_free(thumbs);
}

static fs_status publish(fs_worker *worker, const fs_job *job, thumbs_job *thumbs, fs_error *err) {
    const fs_thumb_item *item = &thumbs->items[thumbs->next];
    fs_event event = {.kind = FS_EVENT_PICTURE};
    fs_status status = fs_worker_snapshot(thumbs->render, 0, &item->settings, &event.picture, err);
    if (status != FS_OK)
        return status;
    event.picture->model = thumbs->model->serial;
    event.picture->layer = item->layer;
    event.picture->channel = item->settings.channel;
    fs_worker_send(worker, job, &event);
    thumbs->published = fs_seconds();
    return FS_OK;
}

static fs_status advance(fs_worker *worker, fs_job *job, thumbs_job *thumbs, bool *finished, fs_error *err) {
    const fs_render_settings *settings = &thumbs->items[thumbs->next].settings;
    const double until = fs_seconds() + slice;
    fs_status status = FS_OK;
    *finished = false;
    if (thumbs->render == NULL &&
        fs_worker_send_cached(worker, job, thumbs->model, thumbs->items[thumbs->next].layer, settings)) {
        *finished = true;
        return FS_OK;
    }
    if (thumbs->render == NULL)
        status =
            fs_render_create(&thumbs->render, thumbs->model->model, settings, NULL, 1, worker->pool, err);
    while (status == FS_OK && !*finished && fs_seconds() < until) {
        status = fs_render_step(thumbs->render, &job->cancel, err);
        *finished = status == FS_OK && fs_render_steps_done(thumbs->render) >= settings->steps;
    }
    if (status == FS_OK && (*finished || fs_seconds() - thumbs->published >= publish_interval))
        status = publish(worker, job, thumbs, err);
    if (status == FS_OK && *finished)
        fs_worker_cache(worker, thumbs->model, thumbs->items[thumbs->next].layer, settings, thumbs->render,
                        0);
    return status;
}

static fs_job_result thumbs_step(fs_job *job, void *context) {
    thumbs_job *thumbs = job->spec.parameters;
    bool finished = true;
    fs_error err = {0};
    fs_status status = FS_OK;
    if (thumbs->next < thumbs->n_items)
        status = advance(context, job, thumbs, &finished, &err);
    if (status == FS_ERROR_CANCELLED)
        return FS_JOB_MORE; /* it has been dropped */
    if (finished || status != FS_OK) {
        fs_render_destroy(thumbs->render);
        thumbs->render = NULL;
        thumbs->next++;
    }
    if (thumbs->next < thumbs->n_items)
        return FS_JOB_MORE;
    fs_event event = {.kind = FS_EVENT_DONE};
    fs_worker_send(context, job, &event);
    return FS_JOB_DONE;
}

uint64_t fs_worker_thumbs(fs_worker *worker, const fs_thumbs_request *request) {
    const size_t bytes = (size_t)request->n_items * sizeof *request->items;
    thumbs_job *thumbs = fs_calloc(1, sizeof *thumbs + bytes);
    if (thumbs == NULL)
        return 0;
    thumbs->model = fs_shared_model_keep(request->model);
    thumbs->n_items = request->n_items;
    memcpy(thumbs->items, request->items, bytes);
    const fs_job_spec spec = {.lane = FS_LANE_PANEL,
                              .kind = FS_WORKER_THUMBS,
                              .step = thumbs_step,
                              .parameters = thumbs,
                              .destroy = thumbs_destroy};
    return fs_worker_submit(worker, &spec);
}
