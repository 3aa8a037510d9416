/* Jobs that touch files: loading a model, exporting a picture. */
#include <stdio.h>
#include <string.h>

#include "app/render_export.h"
#include "app/worker_private.h"
#include "base/alloc.h"
#include "base/file.h"

enum { MAX_NUMBERED_FILES = 100000 };

static fs_job_result load_step(fs_job *job, void *context) {
    const char *path = job->spec.parameters;
    fs_worker *worker = context;
    fs_event event = {.kind = FS_EVENT_MODEL};
    fs_error err = {0};
    fs_model *model = NULL;
    fs_inspect_cache_drop(&worker->inspect); /* it would keep the model before */
    fs_status status = fs_model_load(&model, path, &err);
    if (status == FS_OK)
        status = fs_shared_model_create(&event.model, model, job->generation, &err);
    if (status == FS_OK) {
        fs_worker_send(context, job, &event);
    } else {
        fs_model_destroy(model);
        fs_worker_send_failure(context, job, &err);
    }
    return FS_JOB_DONE;
}

uint64_t fs_worker_load(fs_worker *worker, const char *path) {
    fs_job_spec spec = {
        .lane = FS_LANE_ORDERED, .kind = FS_WORKER_LOAD, .step = load_step, .destroy = fs_free};
    spec.parameters = fs_strdup(path);
    return spec.parameters != NULL ? fs_worker_submit(worker, &spec) : 0;
}

typedef struct export_job {
    fs_shared_model *model;
    fs_picture *picture;
    fs_render_settings settings;
    char *path;
} export_job;

static void export_destroy(void *parameters) {
    export_job *export = parameters;
    fs_shared_model_release(export->model);
    fs_picture_release(export->picture);
    fs_free(export->path);
    fs_free(export);
}

fs_status fs_worker_free_path(char **path, fs_error *err) {
    if (!fs_file_exists(*path))
        return FS_OK;
    const char *dot = strrchr(fs_path_base(*path), '.');
    const size_t length = strlen(*path), size = length + 16;
    const size_t stem = dot != NULL ? (size_t)(dot - *path) : length;
    char *next = fs_alloc(size);
    if (next == NULL)
        return fs_fail_memory(err, "a file name");
    for (int i = 2; i < MAX_NUMBERED_FILES; i++) {
        snprintf(next, size, "%.*s-%d%s", (int)stem, *path, i, *path + stem);
        if (!fs_file_exists(next)) {
            fs_free(*path);
            *path = next;
            return FS_OK;
        }
    }
    fs_free(next);
    return fs_fail(err, FS_ERROR_LIMIT, "%s: too many files of that name", *path);
}

static fs_job_result export_step(fs_job *job, void *context) {
    export_job *export = job->spec.parameters;
    fs_error err = {0};
    fs_status status = FS_ERROR_CANCELLED;
    if (!atomic_load(&job->cancel))
        status = fs_worker_free_path(&export->path, &err);
    if (status == FS_OK)
        status = fs_render_export(export->model->model, &export->settings, &export->picture->image,
                                  export->path, &err);
    if (status == FS_OK) {
        fs_event event = {.kind = FS_EVENT_SAVED, .path = export->path};
        export->path = NULL;
        fs_worker_send(context, job, &event);
    } else if (status != FS_ERROR_CANCELLED) {
        fs_worker_send_failure(context, job, &err);
    }
    return FS_JOB_DONE;
}

uint64_t fs_worker_export(fs_worker *worker, const fs_export_request *request) {
    export_job *export = fs_calloc(1, sizeof *export);
    char *path = fs_strdup(request->path);
    if (export == NULL || path == NULL) {
        fs_free(export);
        fs_free(path);
        return 0;
    }
    *export = (export_job){.model = fs_shared_model_keep(request->model),
                           .picture = fs_picture_keep(request->picture),
                           .settings = request->settings,
                           .path = path};
    fs_job_spec spec = {.lane = FS_LANE_ORDERED,
                        .kind = FS_WORKER_EXPORT,
                        .step = export_step,
                        .parameters = export,
                        .destroy = export_destroy,
                        .must_finish = true};
    return fs_worker_submit(worker, &spec);
}
