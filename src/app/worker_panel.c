#include "app/worker_panel.h"

#include <math.h>
#include <string.h>

#include "app/panel_job.h"
#include "app/worker_private.h"
#include "base/alloc.h"

static const double report_interval = 1.0 / 15, slice = 0.15; /* seconds */

static const fs_panel_steps *const kinds[FS_PANEL_KINDS] = {
    [FS_PANEL_VARIANTS] = &fs_panel_variants,       [FS_PANEL_EXAMPLES] = &fs_panel_examples,
    [FS_PANEL_TUNING] = &fs_panel_tuning,           [FS_PANEL_ATTRIBUTION] = &fs_panel_attribution,
    [FS_PANEL_ACTIVATIONS] = &fs_panel_activations, [FS_PANEL_WEIGHTS] = &fs_panel_weights_steps,
};

fs_panel_request fs_panel_request_default(fs_panel_kind kind, fs_shared_model *model, int layer,
                                          int channel) {
    fs_panel_request request;
    memset(&request, 0, sizeof request);
    request.kind = kind;
    request.model = model;
    request.layer = layer;
    request.channel = channel;
    request.threshold = NAN;
    request.top = 9;
    request.method = FS_ATTRIBUTION_SMOOTHGRAD;
    return request;
}

fs_panel *fs_panel_job_create(const fs_panel_job *job, int n_tiles) {
    fs_panel *panel = fs_panel_create(job->request.kind, n_tiles);
    if (panel == NULL)
        return NULL;
    panel->model = job->request.model->serial;
    panel->layer = job->request.layer;
    panel->channel = job->request.channel;
    return panel;
}

void fs_panel_job_publish(fs_panel_job *job, fs_panel *panel) {
    fs_event event = {.kind = FS_EVENT_PANEL, .panel = panel};
    fs_worker_send(job->worker, job->job, &event);
}

static void report(void *context, const fs_progress_state *state) {
    fs_panel_job *job = context;
    double now = fs_seconds();
    if (now >= job->step_ends || atomic_load(&job->job->cancel))
        atomic_store(&job->pause, true);
    if (now - job->reported < report_interval)
        return;
    job->reported = now;
    fs_event event = {
        .kind = FS_EVENT_PROGRESS, .done = job->before + state->done, .total = job->before + state->total};
    fs_worker_send(job->worker, job->job, &event);
}

static fs_job_result panel_step(fs_job *job, void *context) {
    fs_panel_job *panel = job->spec.parameters;
    fs_error err = {0};
    bool finished = true;
    double now = fs_seconds();
    panel->worker = context;
    panel->job = job;
    if (panel->begun == 0)
        panel->begun = now;
    panel->step_ends = now + slice;
    atomic_store(&panel->pause, false);
    panel->progress = (fs_progress){.report = report, .context = panel, .cancel = &job->cancel};
    panel->slice = (fs_progress){.report = report, .context = panel, .cancel = &panel->pause};
    fs_status status = kinds[panel->request.kind]->step(panel, &finished, &err);
    if (status == FS_ERROR_CANCELLED)
        return FS_JOB_MORE; /* it has been dropped */
    if (status != FS_OK) {
        fs_worker_send_failure(context, job, &err);
        return FS_JOB_DONE;
    }
    if (!finished)
        return FS_JOB_MORE;
    fs_event event = {.kind = FS_EVENT_DONE};
    fs_worker_send(context, job, &event);
    return FS_JOB_DONE;
}

static void panel_destroy(void *parameters) {
    fs_panel_job *panel = parameters;
    const fs_panel_steps *kind = kinds[panel->request.kind];
    if (kind->release != NULL && panel->state != NULL)
        kind->release(panel->state);
    fs_shared_model_release(panel->request.model);
    fs_free(panel);
}

uint64_t fs_worker_panel(fs_worker *worker, const fs_panel_request *request) {
    fs_panel_job *panel = fs_calloc(1, sizeof *panel);
    if (panel == NULL)
        return 0;
    panel->request = *request;
    fs_shared_model_keep(request->model);
    fs_job_spec spec = {.lane = FS_LANE_PANEL,
                        .kind = FS_WORKER_PANEL,
                        .step = panel_step,
                        .parameters = panel,
                        .destroy = panel_destroy};
    return fs_worker_submit(worker, &spec);
}

void fs_worker_stop_panel(fs_worker *worker) {
    fs_job_queue_clear(worker->jobs, FS_LANE_PANEL);
}
