/* The maps of all channels of the layer on one photograph, the strongest first. */
#include <stdio.h>

#include "app/channel_maps.h"
#include "app/panel_job.h"
#include "base/alloc.h"
#include "base/file.h"
#include "report/caption.h"

static fs_status run(fs_panel_job *job, fs_channel_maps *maps, fs_error *err) {
    const fs_panel_request *r = &job->request;
    const fs_layer *layer = fs_panel_job_layer(job);
    fs_activation *activation = NULL;
    fs_image photograph = {0};
    fs_status status = fs_channel_maps_check(r->model->model, layer, err);
    if (status == FS_OK)
        status = fs_image_read(&photograph, r->photograph, err);
    if (status == FS_OK)
        status = fs_activation_create(&activation, r->model->model, layer, fs_worker_pool(job->worker), err);
    if (status == FS_OK)
        status = fs_activation_run(activation, &photograph, job->progress.cancel, err);
    if (status == FS_OK)
        status = fs_channel_maps_make(maps, activation, FS_MAPS_STRONGEST, 0, err);
    fs_activation_destroy(activation);
    fs_image_free(&photograph);
    return status;
}

static fs_status publish(fs_panel_job *job, fs_channel_maps *maps, fs_error *err) {
    fs_panel *panel = fs_panel_job_create(job, maps->n);
    if (panel == NULL)
        return fs_fail_memory(err, "the maps of a layer");
    for (int i = 0; i < maps->n; i++) {
        fs_channel_map *map = &maps->list[i];
        fs_panel_tile *tile = &panel->tiles[i];
        char number[FS_CAPTION_SIZE];
        tile->channel = map->index;
        tile->picture = map->picture;
        map->picture = (fs_image){0};
        snprintf(tile->caption, sizeof tile->caption, "%d \u00b7 %.100s", map->index,
                 fs_caption_number(map->greatest, number));
    }
    snprintf(panel->title, sizeof panel->title, "%.300s: each channel's number and greatest activation",
             fs_path_base(job->request.photograph));
    fs_panel_job_publish(job, panel);
    return FS_OK;
}

static fs_status step(fs_panel_job *job, bool *finished, fs_error *err) {
    *finished = true;
    fs_channel_maps maps = {0};
    fs_status status = run(job, &maps, err);
    if (status == FS_OK)
        status = publish(job, &maps, err);
    fs_channel_maps_free(&maps);
    return status;
}

const fs_panel_steps fs_panel_activations = {step, NULL};
