/* Several pictures of one objective, grown side by side. */
#include <stdio.h>

#include "app/panel_job.h"
#include "base/alloc.h"
#include "report/caption.h"

static const double publish_interval = 0.2; /* seconds: the eye follows a picture that sharpens so */

typedef struct variants {
    fs_render *render;
    double published;
} variants;

static void release(void *state) {
    variants *v = state;
    fs_render_destroy(v->render);
    fs_free(v);
}

static fs_status begin(fs_panel_job *job, fs_error *err) {
    const fs_render_settings *s = &job->request.settings;
    variants *v = fs_calloc(1, sizeof *v);
    if (v == NULL)
        return fs_fail_memory(err, "variants");
    job->state = v;
    return fs_render_create(&v->render, job->request.model->model, s, NULL, s->variants,
                            fs_worker_pool(job->worker), err);
}

static fs_status publish(fs_panel_job *job, variants *v, fs_error *err) {
    const fs_render_settings *s = &job->request.settings;
    fs_panel *panel = fs_panel_job_create(job, s->variants);
    if (panel == NULL)
        return fs_fail_memory(err, "variants");
    fs_status status = FS_OK;
    for (int i = 0; i < s->variants && status == FS_OK; i++) {
        char number[FS_CAPTION_SIZE];
        status = fs_render_image(v->render, i, FS_RENDER_LAST, &panel->tiles[i].picture, err);
        snprintf(panel->tiles[i].caption, sizeof panel->tiles[i].caption, "%.100s",
                 fs_caption_number(fs_render_objective(v->render, i), number));
    }
    snprintf(panel->title, sizeof panel->title, "%.500s", s->objective);
    if (status != FS_OK) {
        fs_panel_release(panel);
        return status;
    }
    fs_panel_job_publish(job, panel);
    v->published = fs_seconds();
    return FS_OK;
}

static fs_status step(fs_panel_job *job, bool *finished, fs_error *err) {
    *finished = false;
    if (job->state == NULL)
        return begin(job, err);
    variants *v = job->state;
    int steps = job->request.settings.steps;
    fs_status status = fs_render_step(v->render, job->progress.cancel, err);
    if (status != FS_OK)
        return status;
    int done = fs_render_steps_done(v->render);
    fs_progress_state state = {
        .label = "variants", .done = done, .total = steps, .seconds = fs_seconds() - job->begun};
    fs_progress_report(&job->progress, &state);
    *finished = done >= steps;
    if (*finished || fs_seconds() - v->published >= publish_interval)
        status = publish(job, v, err);
    return status;
}

const fs_panel_steps fs_panel_variants = {step, release};
