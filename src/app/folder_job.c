#include "app/folder_job.h"

#include <stdio.h>
#include <string.h>

#include "app/atlas_make.h"
#include "app/gabor_files.h"
#include "base/alloc.h"
#include "base/file.h"
#include "gabor/kernels.h"

enum { MAX_NUMBERED_FOLDERS = 1000 };

/* "out", "out-2", "out-3" ...; fs_free. NULL when memory is short. */
static char *numbered(const char *folder, int number) {
    size_t size = strlen(folder) + 16;
    char *path = fs_alloc(size);
    if (path != NULL && number == 1)
        snprintf(path, size, "%s", folder);
    else if (path != NULL)
        snprintf(path, size, "%s-%d", folder, number);
    return path;
}

/* ---- atlas ---- */

static fs_status make_atlas(const fs_folder_job *job, const char *folder, bool resume, fs_error *err) {
    fs_model *model = job->request.model->model;
    fs_atlas_job atlas = {.folder = folder, .resume = resume, .pool = job->pool, .progress = job->progress};
    fs_atlas_made made;
    fs_atlas_job_defaults(&atlas);
    atlas.render.seed = job->request.seed;
    if (job->request.what == FS_FOLDER_ATLAS_LAYER)
        atlas.layer = &model->layers[job->request.layer];
    return fs_atlas_make(&made, model, &atlas, err);
}

/* What resuming says of an atlas of another model or with other settings, which is left alone. */
static bool is_of_another(fs_status status) {
    return status == FS_ERROR_ARGUMENT || status == FS_ERROR_FORMAT || status == FS_ERROR_UNSUPPORTED;
}

/* In the folder if it is free or holds this very atlas. */
static fs_status try_atlas(const fs_folder_job *job, const char *folder, bool *taken, fs_error *err) {
    const bool there = fs_atlas_exists(folder);
    *taken = !there && fs_file_exists(folder);
    if (*taken)
        return FS_OK;
    fs_status status = make_atlas(job, folder, there, err);
    *taken = there && is_of_another(status);
    return *taken ? FS_OK : status;
}

/* ---- Gabor report ---- */

static fs_status write_report(const fs_folder_job *job, const char *folder, const fs_layer *layer,
                              const fs_kernels *kernels, fs_error *err) {
    const fs_model *model = job->request.model->model;
    fs_analysis_settings settings = fs_analysis_settings_default();
    fs_analysis analysis = {0};
    settings.seed = job->request.seed;
    const fs_fits_source source = {model->name, layer->name, "weights", settings.seed};
    fs_status status = fs_analysis_run(&analysis, kernels, &settings, job->pool, job->progress, err);
    if (status != FS_OK && status != FS_ERROR_CANCELLED)
        status = fs_error_prefix(err, status, "%s", layer->name);
    const fs_gabor_output output = {.folder = folder,
                                    .kernels = kernels,
                                    .analysis = &analysis,
                                    .source = &source,
                                    .pool = job->pool,
                                    .progress = job->progress};
    if (status == FS_OK)
        status = fs_gabor_files_write(&output, err);
    fs_analysis_free(&analysis);
    return status;
}

static fs_status make_report(const fs_folder_job *job, const char *folder, fs_error *err) {
    const fs_model *model = job->request.model->model;
    const fs_layer *layer = fs_kernels_first_layer(model, err);
    fs_kernels kernels = {0};
    fs_status status = layer != NULL ? fs_kernels_of_layer(&kernels, model, layer, err) : FS_ERROR_NOT_FOUND;
    if (status == FS_OK)
        status = write_report(job, folder, layer, &kernels, err);
    fs_kernels_free(&kernels);
    return status;
}

static fs_status try_report(const fs_folder_job *job, const char *folder, bool *taken, fs_error *err) {
    *taken = fs_file_exists(folder);
    return *taken ? FS_OK : make_report(job, folder, err);
}

/* ---- the first folder that takes it ---- */

fs_status fs_folder_job_run(char **path, const fs_folder_job *job, fs_error *err) {
    for (int number = 1; number <= MAX_NUMBERED_FOLDERS; number++) {
        bool taken = false;
        char *folder = numbered(job->request.folder, number);
        if (folder == NULL)
            return fs_fail_memory(err, "a file name");
        if (fs_progress_cancelled(job->progress)) {
            fs_free(folder);
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped before it began");
        }
        fs_status status = job->request.what == FS_FOLDER_GABOR ? try_report(job, folder, &taken, err)
                                                                : try_atlas(job, folder, &taken, err);
        if (status == FS_OK && !taken) {
            *path = folder;
            return FS_OK;
        }
        fs_free(folder);
        if (!taken)
            return status;
    }
    return fs_fail(err, FS_ERROR_LIMIT, "%s: too many folders of that name", job->request.folder);
}
