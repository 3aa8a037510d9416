/* A kernel's card as PNG and the parameters of all kernels as CSV, as the command `gabor` writes them. */
#include <stdio.h>

#include "app/worker_private.h"
#include "app/worker_substitute.h"
#include "base/alloc.h"
#include "base/text.h"
#include "gabor/fits_write.h"
#include "report/gabor_card.h"

typedef struct kernel_export {
    fs_shared_model *model;
    fs_kernel_study *study;
    int kernel;
    char *card, *fits;
} kernel_export;

static void export_destroy(void *parameters) {
    kernel_export *export = parameters;
    fs_shared_model_release(export->model);
    fs_kernel_study_release(export->study);
    fs_free(export->card);
    fs_free(export->fits);
    fs_free(export);
}

static fs_status write_card(const kernel_export *export, fs_error *err) {
    char title[64], subject[512];
    const fs_model *model = export->model->model;
    fs_image image = {0};
    snprintf(title, sizeof title, "kernel %d", export->kernel);
    snprintf(subject, sizeof subject, "%.200s \u00b7 %.200s", model->name,
             model->layers[export->study->layer].name);
    const fs_gabor_card card = {title, subject, fs_kernels_patch(&export->study->kernels, export->kernel),
                                &export->study->analysis.kernels[export->kernel]};
    fs_status status = fs_gabor_card_draw(&card, &image, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, export->card, NULL, 0, err);
    fs_image_free(&image);
    return status;
}

static fs_status write_both(kernel_export *export, char **said, fs_error *err) {
    fs_text text = {0};
    fs_status status = fs_worker_free_path(&export->card, err);
    if (status == FS_OK)
        status = fs_worker_free_path(&export->fits, err);
    if (status == FS_OK)
        status = write_card(export, err);
    if (status == FS_OK)
        status = fs_fits_write_csv(&export->study->analysis, export->fits, err);
    if (status != FS_OK)
        return status;
    fs_text_add(&text, "%s and %s", export->card, export->fits);
    if (fs_text_broken(&text)) {
        fs_text_free(&text);
        return fs_fail_memory(err, "a file name");
    }
    *said = text.bytes;
    return FS_OK;
}

static fs_job_result export_step(fs_job *job, void *context) {
    fs_event event = {.kind = FS_EVENT_SAVED};
    fs_error err = {0};
    if (atomic_load(&job->cancel))
        return FS_JOB_DONE;
    if (write_both(job->spec.parameters, &event.path, &err) == FS_OK)
        fs_worker_send(context, job, &event);
    else
        fs_worker_send_failure(context, job, &err);
    return FS_JOB_DONE;
}

uint64_t fs_worker_export_kernel(fs_worker *worker, const fs_kernel_export_request *request) {
    kernel_export *export = fs_calloc(1, sizeof *export);
    if (export == NULL)
        return 0;
    *export = (kernel_export){.model = fs_shared_model_keep(request->model),
                              .study = fs_kernel_study_keep(request->study),
                              .kernel = request->kernel,
                              .card = fs_strdup(request->card),
                              .fits = fs_strdup(request->fits)};
    if (export->card == NULL || export->fits == NULL) {
        export_destroy(export);
        return 0;
    }
    const fs_job_spec spec = {.lane = FS_LANE_ORDERED,
                              .kind = FS_WORKER_EXPORT,
                              .step = export_step,
                              .parameters = export,
                              .destroy = export_destroy,
                              .must_finish = true};
    return fs_worker_submit(worker, &spec);
}
