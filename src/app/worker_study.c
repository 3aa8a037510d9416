#include "app/worker_study.h"

#include <string.h>

#include "app/worker_private.h"
#include "base/alloc.h"
#include "gabor/effective.h"

static const double report_interval = 1.0 / 15; /* seconds */
enum { LEAST_FIELD = 4, MOST_FIELD = 32 }; /* pixels a side: fits can be judged, and made while one waits */

typedef struct study_job {
    fs_study_request request;
    double reported; /* when progress was told last */
    fs_worker *worker;
    fs_job *job;
} study_job;

int fs_study_layer(const fs_model *model, bool effective) {
    const fs_layer *first = fs_kernels_first_layer(model, NULL);
    if (!effective)
        return first != NULL ? (int)(first - model->layers) : -1;
    for (int i = 0; i < model->n_layers; i++) {
        const fs_layer *layer = &model->layers[i];
        const int field = layer->field.size;
        if (strcmp(layer->operator_type, "Conv") == 0 && field >= LEAST_FIELD && field <= MOST_FIELD)
            return i;
    }
    return -1;
}

static void report(void *context, const fs_progress_state *state) {
    study_job *study = context;
    double now = fs_seconds();
    if (now - study->reported < report_interval && state->done < state->total)
        return;
    study->reported = now;
    fs_event event = {.kind = FS_EVENT_PROGRESS, .done = state->done, .total = state->total};
    fs_worker_send(study->worker, study->job, &event);
}

static fs_status read_kernels(const fs_study_request *request, fs_kernels *out, fs_pool *pool,
                              const fs_progress *progress, fs_error *err) {
    const fs_model *model = request->model->model;
    const fs_layer *layer = &model->layers[request->layer];
    return request->effective ? fs_kernels_effective(out, model, layer, NULL, pool, progress, err)
                              : fs_kernels_of_layer(out, model, layer, err);
}

static fs_status run(study_job *study, fs_kernel_study **out, fs_error *err) {
    const fs_study_request *r = &study->request;
    const fs_analysis_settings settings = {.null_fits = r->null_fits, .seed = r->seed};
    fs_progress progress = {.report = report, .context = study, .cancel = &study->job->cancel};
    fs_pool *pool = fs_worker_pool(study->worker);
    fs_kernels kernels = {0};
    fs_analysis analysis = {0};
    fs_status status = read_kernels(r, &kernels, pool, &progress, err);
    if (status == FS_OK) {
        status = fs_analysis_run(&analysis, &kernels, &settings, pool, &progress, err);
        if (status != FS_OK && status != FS_ERROR_CANCELLED)
            status = fs_error_prefix(err, status, "%s", r->model->model->layers[r->layer].name);
    }
    if (status == FS_OK)
        status = fs_kernel_study_create(out, &kernels, &analysis, err);
    fs_kernels_free(&kernels);
    fs_analysis_free(&analysis);
    return status;
}

static fs_job_result study_step(fs_job *job, void *context) {
    study_job *study = job->spec.parameters;
    fs_event event = {.kind = FS_EVENT_STUDY};
    fs_error err = {0};
    study->worker = context;
    study->job = job;
    fs_status status = run(study, &event.study, &err);
    if (status == FS_ERROR_CANCELLED)
        return FS_JOB_DONE; /* nobody waits for it any more */
    if (status != FS_OK) {
        fs_worker_send_failure(context, job, &err);
        return FS_JOB_DONE;
    }
    event.study->model = study->request.model->serial;
    event.study->layer = study->request.layer;
    event.study->effective = study->request.effective;
    fs_worker_send(context, job, &event);
    return FS_JOB_DONE;
}

static void study_destroy(void *parameters) {
    study_job *study = parameters;
    fs_shared_model_release(study->request.model);
    fs_free(study);
}

uint64_t fs_worker_study(fs_worker *worker, const fs_study_request *request) {
    study_job *study = fs_calloc(1, sizeof *study);
    if (study == NULL)
        return 0;
    study->request = *request;
    fs_shared_model_keep(request->model);
    fs_job_spec spec = {.lane = FS_LANE_PANEL,
                        .kind = FS_WORKER_STUDY,
                        .step = study_step,
                        .parameters = study,
                        .destroy = study_destroy};
    return fs_worker_submit(worker, &spec);
}

void fs_worker_stop_study(fs_worker *worker) {
    fs_job_queue_clear(worker->jobs, FS_LANE_PANEL);
}
