#include "app/worker_pictures.h"

#include "app/user_folders.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "world/dataset.h"

/* Twenty of each class to train on, as many to validate: a second or two of drawing. */
enum { PICTURES = 240, SIDE = 128, SEED = 1 };

static fs_status draw(const fs_job *job, fs_worker *worker, char **folder, fs_error *err) {
    char *cache = NULL;
    fs_text path = {0};
    fs_status status = fs_cache_folder(&cache, err);
    if (status == FS_OK)
        fs_text_add(&path, "%s/second-task", cache);
    fs_free(cache);
    if (status == FS_OK && fs_text_broken(&path))
        status = fs_fail_memory(err, "the second task");
    if (status == FS_OK)
        status = fs_make_folder(path.bytes, err);
    if (status == FS_OK) {
        const fs_world_dataset wanted = {.folder = path.bytes,
                                         .n = PICTURES,
                                         .seed = SEED,
                                         .set = FS_WORLD_B,
                                         .size = SIDE,
                                         .split = 0.5,
                                         .no_masks = true,
                                         .resume = true};
        const fs_progress progress = {.cancel = &job->cancel};
        status = fs_world_dataset_write(&wanted, fs_worker_pool(worker), &progress, err);
    }
    if (status == FS_OK)
        *folder = path.bytes;
    else
        fs_text_free(&path);
    return status;
}

static fs_job_result pictures_step(fs_job *job, void *context) {
    fs_event event = {.kind = FS_EVENT_SAVED};
    fs_error err = {0};
    const fs_status status = draw(job, context, &event.path, &err);
    if (status == FS_OK)
        fs_worker_send(context, job, &event);
    else if (status != FS_ERROR_CANCELLED)
        fs_worker_send_failure(context, job, &err);
    return FS_JOB_DONE;
}

uint64_t fs_worker_draw_pictures(fs_worker *worker) {
    const fs_job_spec spec = {.lane = FS_LANE_ORDERED, .kind = FS_WORKER_OTHER, .step = pictures_step};
    return fs_worker_submit(worker, &spec);
}
