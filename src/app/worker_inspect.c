#include "app/worker_inspect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/attribute_target.h"
#include "app/channel_maps.h"
#include "app/worker_private.h"
#include "base/alloc.h"
#include "engine/train/loss.h"
#include "report/caption.h"
#include "viz/attribution_view.h"

static const double report_interval = 1.0 / 15, slice = 0.15; /* seconds */
enum { QUICK_SAMPLES = 48 }; /* of SmoothGrad and integrated gradients: somebody waits for them */

typedef struct inspect_job {
    fs_inspect_request request; /* its path and what is covered are below */
    char *path;
    fs_occlusion covered; /* strokes NULL: nothing is */
    double reported;      /* when progress was told last */
    fs_worker *worker;    /* during a step */
    fs_job *job;
    fs_folder_walk *walk; /* of a folder that is being listed */
    double step_ends;
    atomic_bool pause;
} inspect_job;

void fs_inspect_cache_drop(fs_inspect_cache *cache) {
    fs_activation_destroy(cache->scores);
    fs_shared_model_release(cache->model);
    memset(cache, 0, sizeof *cache);
}

/* ---- predictions ---- */

/* The plan to the class scores; NULL where the network has none. */
static fs_status find_scores(const inspect_job *j, fs_activation **out, fs_error *err) {
    fs_inspect_cache *cache = &j->worker->inspect;
    const fs_model *model = j->request.model->model;
    const fs_layer *scores = fs_model_logits(model);
    if (scores == NULL) {
        *out = NULL;
        return FS_OK;
    }
    if (cache->model != j->request.model) {
        fs_inspect_cache_drop(cache);
        fs_status status = fs_activation_create(&cache->scores, model, scores, j->worker->pool, err);
        if (status != FS_OK)
            return status;
        cache->model = fs_shared_model_keep(j->request.model);
    }
    *out = cache->scores;
    return FS_OK;
}

static fs_status predict(const inspect_job *j, const fs_image *crop, fs_inspection *out, fs_error *err) {
    fs_activation *scores = NULL;
    fs_status status = find_scores(j, &scores, err);
    if (status != FS_OK || scores == NULL)
        return status;
    const fs_map_geometry g = fs_activation_geometry(scores);
    const int n = fs_activation_channels(scores) * g.height * g.width;
    float *probabilities = fs_alloc_array((size_t)n, sizeof *probabilities);
    if (probabilities == NULL)
        return fs_fail_memory(err, "class probabilities");
    status = fs_activation_run_crop(scores, crop, &j->job->cancel, err);
    if (status != FS_OK) {
        fs_free(probabilities);
        return status;
    }
    fs_softmax(fs_activation_map(scores, 0), n, probabilities);
    out->probabilities = probabilities;
    out->n_classes = n;
    return FS_OK;
}

/* ---- reading ---- */

/* The part of the photograph that the crop shows, with the pixels it has there. */
static fs_status read_fine(const fs_image *photograph, const fs_image *resized, const fs_image *crop,
                           fs_image *out, fs_error *err) {
    const double across = (double)photograph->width / resized->width,
                 down = (double)photograph->height / resized->height;
    const int width = (int)lrint(across * crop->width), height = (int)lrint(down * crop->height);
    const int x = (int)(across * ((resized->width - crop->width) / 2)),
              y = (int)(down * ((resized->height - crop->height) / 2));
    if (width <= crop->width || height <= crop->height || x + width > photograph->width ||
        y + height > photograph->height)
        return FS_OK; /* it has no more than the crop */
    fs_image part = {0};
    fs_status status = fs_image_crop(&part, photograph, x, y, width, height, err);
    const double shrink = fmin(1, (double)FS_INSPECT_FINE_SIDE / fmax(width, height));
    if (status == FS_OK && shrink < 1) {
        status = fs_image_resize(out, &part, (int)fmax(1, rint(shrink * width)),
                                 (int)fmax(1, rint(shrink * height)), err);
        fs_image_free(&part);
    } else if (status == FS_OK) {
        *out = part;
    }
    return status;
}

/* As fs_preprocess_crop does it. */
static fs_status read_crops(const inspect_job *j, fs_inspection *out, fs_error *err) {
    const fs_preprocess *p = &j->request.model->model->preprocess;
    fs_image photograph = {0}, resized = {0};
    fs_status status = fs_image_read(&photograph, j->path, err);
    if (status != FS_OK)
        return status;
    status = fs_preprocess_resize(&photograph, p->height, p->width, &resized, err);
    if (status == FS_OK)
        status = fs_image_crop(&out->crop, &resized, (resized.width - p->width) / 2,
                               (resized.height - p->height) / 2, p->width, p->height, err);
    if (status == FS_OK)
        status = read_fine(&photograph, &resized, &out->crop, &out->fine, err);
    fs_image_free(&photograph);
    fs_image_free(&resized);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", j->path);
}

static fs_status read_picture(inspect_job *j, fs_inspection *out, fs_error *err) {
    fs_status status = read_crops(j, out, err);
    return status == FS_OK ? predict(j, &out->crop, out, err) : status;
}

/* ---- what needs the picture ---- */

/* The picture as it is covered. */
static fs_status covered_crop(const inspect_job *j, fs_image *out, fs_error *err) {
    const fs_image *crop = &j->request.picture->crop;
    fs_status status = fs_image_crop(out, crop, 0, 0, crop->width, crop->height, err);
    if (status == FS_OK && j->covered.strokes != NULL)
        fs_occlusion_paint(&j->covered, fs_occlusion_colour(&j->request.model->model->preprocess), out);
    return status;
}

static fs_status predict_covered(inspect_job *j, fs_inspection *out, fs_error *err) {
    fs_image crop = {0};
    fs_status status = covered_crop(j, &crop, err);
    if (status == FS_OK)
        status = predict(j, &crop, out, err);
    fs_image_free(&crop);
    return status;
}

static fs_status take_maps(const inspect_job *j, fs_channel_maps *maps, fs_inspection *out, fs_error *err) {
    const fs_model *model = j->request.model->model;
    const fs_layer *layer = &model->layers[j->request.layer];
    fs_panel *panel = fs_panel_create(FS_PANEL_ACTIVATIONS, maps->n);
    if (panel == NULL)
        return fs_fail_memory(err, "the maps of a layer");
    panel->model = j->request.model->serial;
    panel->layer = j->request.layer;
    for (int i = 0; i < maps->n; i++) {
        fs_channel_map *map = &maps->list[i];
        fs_panel_tile *tile = &panel->tiles[i];
        char text[FS_CAPTION_SIZE];
        tile->channel = map->index;
        tile->picture = map->picture;
        map->picture = (fs_image){0};
        snprintf(tile->caption, sizeof tile->caption, "%.120s",
                 fs_caption_channel_short(model, layer, map->index, text));
        snprintf(tile->detail, sizeof tile->detail, "%.60s", fs_caption_number(map->greatest, text));
    }
    out->maps = panel;
    return FS_OK;
}

static fs_status copy_values(const fs_activation *activation, fs_inspection *out, fs_error *err) {
    const fs_map_geometry g = fs_activation_geometry(activation);
    const int channels = fs_activation_channels(activation);
    const size_t count = (size_t)channels * (size_t)g.height * (size_t)g.width;
    out->values = fs_alloc_array(count, sizeof *out->values);
    if (out->values == NULL)
        return fs_fail_memory(err, "the maps of a layer");
    memcpy(out->values, fs_activation_map(activation, 0), count * sizeof *out->values);
    out->geometry = g;
    out->n_channels = channels;
    return FS_OK;
}

static fs_status compute_maps(inspect_job *j, fs_inspection *out, fs_error *err) {
    const fs_model *model = j->request.model->model;
    const fs_layer *layer = &model->layers[j->request.layer];
    fs_activation *activation = NULL;
    fs_channel_maps maps = {0};
    fs_image crop = {0};
    out->layer = j->request.layer;
    fs_status status = covered_crop(j, &crop, err);
    if (status == FS_OK)
        status = fs_activation_create(&activation, model, layer, j->worker->pool, err);
    if (status == FS_OK)
        status = fs_activation_run_crop(activation, &crop, &j->job->cancel, err);
    if (status == FS_OK)
        status = copy_values(activation, out, err);
    if (status == FS_OK && fs_channel_maps_check(model, layer, NULL) == FS_OK) {
        status = fs_channel_maps_make(&maps, activation, FS_MAPS_STRONGEST, 0, err);
        if (status == FS_OK)
            status = take_maps(j, &maps, out, err);
    }
    fs_channel_maps_free(&maps);
    fs_activation_destroy(activation);
    fs_image_free(&crop);
    return status == FS_OK || status == FS_ERROR_CANCELLED ? status
                                                           : fs_error_prefix(err, status, "%s", layer->name);
}

static void report(void *context, const fs_progress_state *state) {
    inspect_job *j = context;
    double now = fs_seconds();
    if (now - j->reported < report_interval)
        return;
    j->reported = now;
    fs_event event = {.kind = FS_EVENT_PROGRESS, .done = state->done, .total = state->total};
    fs_worker_send(j->worker, j->job, &event);
}

static void describe(const inspect_job *j, const fs_attribute_target *target, const fs_attribution *result,
                     fs_inspection *out) {
    char name[FS_CAPTION_SIZE], number[FS_CAPTION_SIZE];
    fs_caption_channel(j->request.model->model, target->layer, target->channel, name);
    snprintf(out->title, sizeof out->title, "%.150s, score %.40s%s%.120s", name,
             fs_caption_number(result->value, number), result->map ? ", maps of " : "",
             result->map ? result->map->name : "");
}

static fs_status attribute(inspect_job *j, fs_inspection *out, fs_error *err) {
    const fs_model *model = j->request.model->model;
    const fs_attribute_query query = {.channel = -1, .class_index = j->request.class_index};
    const fs_progress progress = {.report = report, .context = j, .cancel = &j->job->cancel};
    fs_attribution_settings how = fs_attribution_settings_default();
    fs_attribution result = {0};
    fs_attribute_target target = {0};
    fs_image crop = {0}, alone = {0};
    how.method = (fs_attribution_method)j->request.method;
    how.samples = QUICK_SAMPLES;
    fs_status status = covered_crop(j, &crop, err);
    if (status == FS_OK)
        status = fs_attribute_find(&target, model, &query, &crop, j->worker->pool, progress.cancel, err);
    if (status == FS_OK)
        status = fs_attribution_run(&result, model, target.layer, target.channel, &crop, &how,
                                    j->worker->pool, &progress, err);
    if (status == FS_OK)
        status = fs_attribution_view(&result, how.method, &crop, &alone, &out->over, err);
    if (status == FS_OK)
        describe(j, &target, &result, out);
    fs_attribution_free(&result);
    fs_image_free(&alone);
    fs_image_free(&crop);
    return status;
}

static void pause_in_time(void *context, const fs_progress_state *state) {
    inspect_job *j = context;
    (void)state;
    if (fs_seconds() >= j->step_ends || atomic_load(&j->job->cancel))
        atomic_store(&j->pause, true);
}

/* A slice of time at once: a folder may be a whole disk, and others wait. */
static fs_status list_folder(inspect_job *j, fs_inspection *out, fs_error *err) {
    const fs_progress progress = {.report = pause_in_time, .context = j, .cancel = &j->pause};
    fs_status status = FS_OK;
    j->step_ends = fs_seconds() + slice;
    atomic_store(&j->pause, false);
    if (j->walk == NULL)
        status = fs_folder_walk_create(&j->walk, j->path, err);
    if (status == FS_OK)
        status = fs_folder_walk_run(j->walk, &progress, err);
    return status == FS_OK ? fs_folder_walk_take(j->walk, &out->folder, err) : status;
}

/* ---- the job ---- */

static fs_status (*const kinds[FS_INSPECT_KINDS])(inspect_job *, fs_inspection *, fs_error *) = {
    [FS_INSPECT_READ] = read_picture,  [FS_INSPECT_PREDICT] = predict_covered,
    [FS_INSPECT_MAPS] = compute_maps,  [FS_INSPECT_ATTRIBUTE] = attribute,
    [FS_INSPECT_FOLDER] = list_folder,
};

static fs_job_result inspect_step(fs_job *job, void *context) {
    inspect_job *j = job->spec.parameters;
    fs_event event = {.kind = FS_EVENT_INSPECTION};
    fs_error err = {0};
    j->worker = context;
    j->job = job;
    event.inspection = fs_inspection_create(j->request.kind);
    fs_status status = event.inspection != NULL ? kinds[j->request.kind](j, event.inspection, &err)
                                                : fs_fail_memory(&err, "a picture");
    if (status == FS_OK) {
        event.inspection->model = j->request.model->serial;
        fs_worker_send(context, job, &event);
        return FS_JOB_DONE;
    }
    fs_inspection_release(event.inspection);
    if (status == FS_ERROR_CANCELLED) /* it is paused, or nobody waits for it any more */
        return FS_JOB_MORE;
    fs_worker_send_failure(context, job, &err);
    return FS_JOB_DONE;
}

static void inspect_destroy(void *parameters) {
    inspect_job *j = parameters;
    fs_shared_model_release(j->request.model);
    fs_inspection_release(j->request.picture);
    fs_occlusion_free(&j->covered);
    fs_folder_walk_destroy(j->walk);
    fs_free(j->path);
    fs_free(j);
}

static bool copy_covered(inspect_job *j, const fs_occlusion *covered) {
    if (covered == NULL || fs_occlusion_is_empty(covered))
        return true;
    if (fs_occlusion_create(&j->covered, covered->width, covered->height, NULL) != FS_OK)
        return false;
    memcpy(j->covered.strokes, covered->strokes, (size_t)covered->width * (size_t)covered->height);
    j->covered.n_strokes = covered->n_strokes;
    return true;
}

static fs_job_lane lane_of(fs_inspect_kind kind) {
    return kind == FS_INSPECT_READ || kind == FS_INSPECT_PREDICT ? FS_LANE_VIEW : FS_LANE_PANEL;
}

uint64_t fs_worker_inspect(fs_worker *worker, const fs_inspect_request *request) {
    inspect_job *j = fs_calloc(1, sizeof *j);
    if (j == NULL)
        return 0;
    j->request = *request;
    fs_shared_model_keep(request->model);
    if (request->picture != NULL)
        fs_inspection_keep(request->picture);
    j->path = request->path != NULL ? fs_strdup(request->path) : NULL;
    if ((request->path != NULL && j->path == NULL) || !copy_covered(j, request->covered)) {
        inspect_destroy(j);
        return 0;
    }
    j->request.path = NULL;
    j->request.covered = NULL;
    fs_job_spec spec = {.lane = lane_of(request->kind),
                        .kind = FS_WORKER_INSPECT,
                        .step = inspect_step,
                        .parameters = j,
                        .destroy = inspect_destroy};
    return fs_worker_submit(worker, &spec);
}

void fs_worker_stop_inspect(fs_worker *worker, fs_inspect_kind kind) {
    fs_job_queue_clear(worker->jobs, lane_of(kind));
}
