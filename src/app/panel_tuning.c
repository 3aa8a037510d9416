/* A channel's answers to gratings and Gabor patches. */
#include <math.h>
#include <stdio.h>

#include "app/panel_job.h"
#include "report/caption.h"

static void describe(fs_panel *panel) {
    const fs_tuning *t = &panel->tuning;
    int peak = fs_tuning_peak(t, FS_STIMULUS_GRATING);
    char number[FS_CAPTION_SIZE];
    snprintf(panel->title, sizeof panel->title, "%d orientations, %d wavelengths; most to gratings: %.100s",
             t->orientations, t->wavelengths,
             fs_caption_number(t->response[FS_STIMULUS_GRATING][peak], number));
}

static void release(void *state) {
    fs_tuning_end(state, NULL);
}

static fs_status begin(fs_panel_job *job, fs_error *err) {
    const fs_panel_request *r = &job->request;
    fs_tuning_settings settings;
    fs_tuning_test *test = NULL;
    fs_options_defaults(fs_tuning_options, &settings);
    fs_status status = fs_tuning_begin(&test, r->model->model, fs_panel_job_layer(job), r->channel, &settings,
                                       fs_worker_pool(job->worker), err);
    job->state = test;
    return status;
}

static fs_status publish(fs_panel_job *job, fs_error *err) {
    fs_panel *panel = fs_panel_job_create(job, 0);
    if (panel == NULL)
        return fs_fail_memory(err, "tuning curves");
    fs_tuning_end(job->state, &panel->tuning);
    job->state = NULL;
    describe(panel);
    fs_panel_job_publish(job, panel);
    return FS_OK;
}

static fs_status step(fs_panel_job *job, bool *finished, fs_error *err) {
    *finished = false;
    if (job->state == NULL)
        return begin(job, err);
    fs_status status = FS_OK;
    while (status == FS_OK && !fs_tuning_finished(job->state) && fs_seconds() < job->step_ends)
        status = fs_tuning_advance(job->state, &job->progress, err);
    if (status != FS_OK || !fs_tuning_finished(job->state))
        return status;
    *finished = true;
    return publish(job, err);
}

const fs_panel_steps fs_panel_tuning = {step, release};
