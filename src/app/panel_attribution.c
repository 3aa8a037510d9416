/* What the channel, or the likeliest class, owes its value to in one photograph. */
#include <stdio.h>

#include "app/attribute_target.h"
#include "app/panel_job.h"
#include "base/alloc.h"
#include "base/file.h"
#include "report/caption.h"
#include "viz/attribution_view.h"

typedef struct explanation {
    fs_image crop;
    fs_attribute_target target;
    fs_attribution_settings how;
    fs_attribution result;
} explanation;

static fs_status read_crop(const fs_panel_job *job, fs_image *out, fs_error *err) {
    const fs_preprocess *p = &job->request.model->model->preprocess;
    fs_image photograph = {0};
    fs_status status = fs_image_read(&photograph, job->request.photograph, err);
    if (status == FS_OK) {
        status = fs_preprocess_crop(&photograph, p->height, p->width, out, err);
        if (status != FS_OK)
            fs_error_prefix(err, status, "%s", job->request.photograph);
    }
    fs_image_free(&photograph);
    return status;
}

/* Grad-CAM weighs the maps of this layer where it has some. */
static fs_attribute_query query_of(const fs_panel_job *job) {
    const fs_layer *layer = fs_panel_job_layer(job);
    const fs_layer *scores = fs_model_logits(job->request.model->model);
    bool is_cam = job->request.method == FS_ATTRIBUTION_GRADCAM, is_score = layer == scores;
    bool has_maps = layer->shape.rank == 4 && layer->shape.dim[2] * layer->shape.dim[3] > 1;
    if (!is_cam && !job->request.explain_class)
        return (fs_attribute_query){.layer = layer, .channel = job->request.channel, .class_index = -1};
    return (fs_attribute_query){.layer = is_cam && has_maps ? layer : NULL,
                                .channel = -1,
                                .class_index =
                                    is_score && !job->request.explain_class ? job->request.channel : -1};
}

static fs_status explain(fs_panel_job *job, explanation *e, fs_error *err) {
    const fs_model *model = job->request.model->model;
    fs_pool *pool = fs_worker_pool(job->worker);
    fs_attribute_query query = query_of(job);
    fs_status status = read_crop(job, &e->crop, err);
    if (status == FS_OK)
        status = fs_attribute_find(&e->target, model, &query, &e->crop, pool, job->progress.cancel, err);
    if (status != FS_OK)
        return status;
    e->how = fs_attribution_settings_default();
    e->how.method = (fs_attribution_method)job->request.method;
    e->how.map = e->target.map;
    return fs_attribution_run(&e->result, model, e->target.layer, e->target.channel, &e->crop, &e->how, pool,
                              &job->progress, err);
}

static void describe(const fs_panel_job *job, const explanation *e, fs_panel *panel) {
    char name[FS_CAPTION_SIZE], number[FS_CAPTION_SIZE];
    const char *method = fs_attribute_method_title(e->how.method);
    fs_caption_channel(job->request.model->model, e->target.layer, e->target.channel, name);
    snprintf(panel->title, sizeof panel->title, "%.150s \u00b7 channel %.120s \u00b7 value %.40s%s%.120s",
             e->target.layer->name, name, fs_caption_number(e->result.value, number),
             e->result.map ? " \u00b7 maps of " : "", e->result.map ? e->result.map->name : "");
    snprintf(panel->tiles[0].caption, sizeof panel->tiles[0].caption, "over the picture");
    snprintf(panel->tiles[1].caption, sizeof panel->tiles[1].caption, "%s", method);
    snprintf(panel->tiles[2].caption, sizeof panel->tiles[2].caption, "%.120s",
             fs_path_base(job->request.photograph));
}

static fs_status publish(fs_panel_job *job, explanation *e, fs_error *err) {
    fs_panel *panel = fs_panel_job_create(job, 3);
    if (panel == NULL)
        return fs_fail_memory(err, "an attribution");
    fs_status status = fs_attribution_view(&e->result, e->how.method, &e->crop, &panel->tiles[1].picture,
                                           &panel->tiles[0].picture, err);
    if (status != FS_OK) {
        fs_panel_release(panel);
        return status;
    }
    panel->tiles[2].picture = e->crop;
    e->crop = (fs_image){0};
    describe(job, e, panel);
    fs_panel_job_publish(job, panel);
    return FS_OK;
}

static fs_status step(fs_panel_job *job, bool *finished, fs_error *err) {
    *finished = true;
    explanation e = {0};
    fs_status status = explain(job, &e, err);
    if (status == FS_OK)
        status = publish(job, &e, err);
    fs_attribution_free(&e.result);
    fs_image_free(&e.crop);
    return status;
}

const fs_panel_steps fs_panel_attribution = {step, NULL};
