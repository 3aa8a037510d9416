#include "app/worker_clipboard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clipboard.h"
#include "app/render_export.h"
#include "app/user_folders.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/hash.h"
#include "base/image.h"
#include "base/text.h"

/* ---- files ---- */

/* A folder of the user's cache, which is there then; fs_text_free. */
static fs_status cache_folder(fs_text *out, const char *name, fs_error *err) {
    char *cache = NULL;
    fs_text path = {0};
    fs_status status = fs_cache_folder(&cache, err);
    if (status != FS_OK)
        return status;
    fs_text_add(&path, "%s/%s", cache, name);
    fs_free(cache);
    status = fs_text_broken(&path) ? fs_fail_memory(err, "a file name") : fs_make_folder(path.bytes, err);
    if (status == FS_OK)
        *out = path;
    else
        fs_text_free(&path);
    return status;
}

static const char *ending_of(const uint8_t *bytes, size_t size) {
    if (size >= 4 && memcmp(bytes, "\x89PNG", 4) == 0)
        return "png";
    return size >= 2 && bytes[0] == 0xff && bytes[1] == 0xd8 ? "jpg" : "bmp";
}

static int by_age(const void *a, const void *b) {
    const fs_folder_file *x = a, *y = b;
    return x->modified < y->modified ? 1 : x->modified > y->modified ? -1 : strcmp(x->path, y->path);
}

static void forget_oldest(const char *folder) {
    fs_folder *list = NULL;
    if (fs_folder_list(&list, folder, NULL) != FS_OK)
        return;
    qsort(list->files, (size_t)list->n_files, sizeof *list->files, by_age);
    for (int i = FS_PASTED_KEPT; i < list->n_files; i++)
        (void)unlink(list->files[i].path);
    fs_folder_destroy(list);
}

/* ---- pasting ---- */

static fs_status keep(char **path, const uint8_t *bytes, size_t size, fs_error *err) {
    fs_text folder = {0}, file = {0};
    fs_image image = {0};
    fs_error wrong = {0};
    fs_status status = cache_folder(&folder, "pasted", err);
    if (status != FS_OK)
        return status;
    fs_text_add(&file, "%s/%016llx.%s", folder.bytes,
                (unsigned long long)fs_hash_bytes(FS_HASH_START, bytes, size), ending_of(bytes, size));
    status = fs_text_broken(&file) ? fs_fail_memory(err, "a file name")
                                   : fs_file_write(file.bytes, bytes, size, err);
    if (status == FS_OK && fs_image_read(&image, file.bytes, &wrong) != FS_OK) {
        (void)unlink(file.bytes);
        status = fs_fail(err, wrong.code, "The clipboard's picture cannot be read: %s", wrong.message);
    }
    fs_image_free(&image);
    if (status == FS_OK)
        forget_oldest(folder.bytes);
    fs_text_free(&folder);
    if (status == FS_OK)
        *path = file.bytes;
    else
        fs_text_free(&file);
    return status;
}

static fs_job_result paste_step(fs_job *job, void *context) {
    fs_event event = {.kind = FS_EVENT_SAVED};
    fs_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_clipboard_paste(&bytes, &size, &job->cancel, &err);
    if (status == FS_OK) {
        status = keep(&event.path, bytes, size, &err);
        fs_free(bytes);
    }
    if (status == FS_OK)
        fs_worker_send(context, job, &event);
    else if (status != FS_ERROR_CANCELLED)
        fs_worker_send_failure(context, job, &err);
    return FS_JOB_DONE;
}

uint64_t fs_worker_paste(fs_worker *worker) {
    const fs_job_spec spec = {.lane = FS_LANE_ORDERED, .kind = FS_WORKER_CLIPBOARD, .step = paste_step};
    return fs_worker_submit(worker, &spec);
}

/* ---- copying ---- */

typedef struct copy_job {
    fs_shared_model *model;
    fs_picture *picture;
    fs_render_settings settings;
} copy_job;

static void copy_destroy(void *parameters) {
    copy_job *copy = parameters;
    fs_shared_model_release(copy->model);
    fs_picture_release(copy->picture);
    fs_free(copy);
}

/* Through a file that is gone afterwards. */
static fs_status copy_picture(const copy_job *copy, const atomic_bool *cancel, fs_error *err) {
    fs_text folder = {0}, file = {0};
    fs_status status = cache_folder(&folder, "copied", err);
    if (status != FS_OK)
        return status;
    fs_text_add(&file, "%s/%ld.png", folder.bytes, (long)getpid());
    if (fs_text_broken(&file)) {
        status = fs_fail_memory(err, "a file name");
    } else {
        status =
            fs_render_export(copy->model->model, &copy->settings, &copy->picture->image, file.bytes, err);
        if (status == FS_OK)
            status = fs_clipboard_copy(file.bytes, cancel, err);
        (void)unlink(file.bytes);
    }
    fs_text_free(&folder);
    fs_text_free(&file);
    return status;
}

static fs_job_result copy_step(fs_job *job, void *context) {
    fs_event event = {.kind = FS_EVENT_DONE};
    fs_error err = {0};
    const fs_status status = copy_picture(job->spec.parameters, &job->cancel, &err);
    if (status == FS_OK)
        fs_worker_send(context, job, &event);
    else if (status != FS_ERROR_CANCELLED)
        fs_worker_send_failure(context, job, &err);
    return FS_JOB_DONE;
}

uint64_t fs_worker_copy(fs_worker *worker, const fs_export_request *request) {
    copy_job *copy = fs_alloc(sizeof *copy);
    if (copy == NULL)
        return 0;
    *copy = (copy_job){.model = fs_shared_model_keep(request->model),
                       .picture = fs_picture_keep(request->picture),
                       .settings = request->settings};
    const fs_job_spec spec = {.lane = FS_LANE_ORDERED,
                              .kind = FS_WORKER_CLIPBOARD,
                              .step = copy_step,
                              .parameters = copy,
                              .destroy = copy_destroy};
    return fs_worker_submit(worker, &spec);
}
