#include "app/worker_session.h"

#include "base/alloc.h"
#include "base/file.h"

typedef struct session_job {
    char *text, *path;
    size_t length;
} session_job;

static void session_destroy(void *parameters) {
    session_job *save = parameters;
    fs_free(save->text);
    fs_free(save->path);
    fs_free(save);
}

static fs_job_result session_step(fs_job *job, void *context) {
    session_job *save = job->spec.parameters;
    fs_error err = {0};
    if (atomic_load(&job->cancel))
        return FS_JOB_DONE;
    if (fs_file_write(save->path, save->text, save->length, &err) == FS_OK) {
        fs_event event = {.kind = FS_EVENT_SAVED, .path = save->path};
        save->path = NULL;
        fs_worker_send(context, job, &event);
    } else {
        fs_worker_send_failure(context, job, &err);
    }
    return FS_JOB_DONE;
}

uint64_t fs_worker_save_session(fs_worker *worker, const fs_session *session, const char *path) {
    session_job *save = fs_calloc(1, sizeof *save);
    if (save == NULL)
        return 0;
    save->path = fs_strdup(path);
    if (save->path == NULL || fs_session_text(&save->text, &save->length, session, NULL) != FS_OK) {
        session_destroy(save);
        return 0;
    }
    fs_job_spec spec = {.lane = FS_LANE_ORDERED,
                        .kind = FS_WORKER_EXPORT,
                        .step = session_step,
                        .parameters = save,
                        .destroy = session_destroy,
                        .must_finish = true};
    return fs_worker_submit(worker, &spec);
}
