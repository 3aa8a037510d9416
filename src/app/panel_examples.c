/* The photographs of a folder that excite a channel. A search is done a slice at a time; what was found of
 * one that is dropped goes into the cache, where the next search finds it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/examples_find.h"
#include "app/panel_job.h"
#include "base/alloc.h"
#include "report/caption.h"
#include "viz/example_view.h"

typedef struct search {
    fs_folder_walk *walk; /* until the folder is known */
    fs_folder *folder;
    fs_activation *activation;
    fs_examples_cache cache;
    fs_examples *examples;
} search;

static void release(void *state) {
    search *s = state;
    if (s->examples != NULL)
        (void)fs_examples_keep(s->examples, &s->cache, NULL); /* done without where that is not possible */
    fs_examples_destroy(s->examples);
    fs_examples_cache_free(&s->cache);
    fs_activation_destroy(s->activation);
    fs_folder_destroy(s->folder);
    fs_folder_walk_destroy(s->walk);
    fs_free(s);
}

/* A slice that was cut off is no failure: the next one goes on there. */
static fs_status or_paused(const fs_panel_job *job, fs_status status) {
    const bool paused = status == FS_ERROR_CANCELLED && !atomic_load(&job->job->cancel);
    return paused ? FS_OK : status;
}

static fs_status find_pictures(fs_panel_job *job, search *s, fs_error *err) {
    fs_status status = FS_OK;
    if (s->walk == NULL)
        status = fs_folder_walk_create(&s->walk, job->request.images, err);
    if (status == FS_OK)
        status = fs_folder_walk_run(s->walk, &job->slice, err);
    if (status == FS_OK)
        status = fs_folder_walk_take(s->walk, &s->folder, err);
    return or_paused(job, status);
}

static fs_status begin(fs_panel_job *job, search *s, fs_error *err) {
    const fs_panel_request *r = &job->request;
    fs_status status = FS_OK;
    if (s->activation == NULL)
        status = fs_activation_create(&s->activation, r->model->model, fs_panel_job_layer(job),
                                      fs_worker_pool(job->worker), err);
    if (status != FS_OK)
        return status;
    fs_examples_search how = {.model = r->model->model,
                              .layer = fs_panel_job_layer(job),
                              .folder = s->folder,
                              .activation = s->activation};
    return fs_examples_begin(&s->examples, &how, &s->cache, err);
}

static fs_status look_on(fs_panel_job *job, search *s, fs_error *err) {
    fs_examples_watch watch = {.progress = &job->slice};
    job->before = fs_examples_done(s->examples);
    fs_status status =
        fs_examples_run(s->examples, s->activation, s->folder, fs_worker_pool(job->worker), &watch, err);
    return or_paused(job, status);
}

static fs_status make_tile(fs_panel_job *job, search *s, const fs_example *e, fs_panel_tile *tile,
                           fs_error *err) {
    const fs_folder_file *file = &s->folder->files[e->image];
    fs_example_view *view = fs_calloc(1, sizeof *view);
    const size_t samples = FS_VIEW_SIDE * FS_VIEW_SIDE;
    tile->path = fs_strdup(file->path);
    tile->samples = fs_alloc_array(samples, sizeof *tile->samples);
    if (view == NULL || tile->path == NULL || tile->samples == NULL) {
        fs_free(view);
        return fs_fail_memory(err, "an example");
    }
    fs_status status = fs_example_view_make(view, s->activation, file->path, job->request.channel,
                                            e->position, 1, job->progress.cancel, err);
    if (status == FS_OK) {
        char number[FS_CAPTION_SIZE];
        const char *name = strrchr(file->name, '/');
        tile->picture = view->picture;
        tile->side = FS_VIEW_SIDE;
        tile->level = view->half;
        memcpy(tile->samples, view->samples, samples * sizeof *tile->samples);
        snprintf(tile->caption, sizeof tile->caption, "%.100s", fs_caption_number(e->value, number));
        snprintf(tile->detail, sizeof tile->detail, "%.120s", name ? name + 1 : file->name);
    }
    if (status == FS_OK && !(view->has_samples && view->half > 0)) {
        fs_free(tile->samples);
        tile->samples = NULL;
    }
    fs_free(view);
    return status;
}

static void add_charts(fs_panel *panel, const fs_panel_job *job, const search *s) {
    fs_map_geometry g = fs_activation_geometry(s->activation);
    bool has_positions = g.height * g.width > 1;
    panel->n_charts = has_positions ? 2 : 1;
    fs_panel_chart *greatest = &panel->charts[0], *values = &panel->charts[1];
    greatest->histogram = *fs_examples_greatest(s->examples, job->request.channel);
    greatest->mark = panel->threshold;
    snprintf(greatest->title, sizeof greatest->title, "%s of %d pictures",
             has_positions ? "Maxima" : "Values", fs_examples_used(s->examples));
    values->histogram = *fs_examples_values(s->examples, job->request.channel);
    values->logarithmic = true;
    values->mark = NAN;
    snprintf(values->title, sizeof values->title, "All positions, log counts");
}

static fs_status publish(fs_panel_job *job, search *s, fs_error *err) {
    const fs_panel_request *r = &job->request;
    fs_example list[FS_EXAMPLES_KEPT];
    double threshold = isfinite(r->threshold) ? r->threshold : fs_examples_threshold(s->examples, r->channel);
    int top = r->top < FS_EXAMPLES_KEPT ? r->top : FS_EXAMPLES_KEPT;
    int n = fs_examples_list(s->examples, (fs_examples_which)r->which, r->channel, threshold, list, top);
    fs_panel *panel = fs_panel_job_create(job, n);
    if (panel == NULL)
        return fs_fail_memory(err, "examples");
    panel->threshold = threshold;
    snprintf(panel->title, sizeof panel->title, "%d pictures in %.400s", fs_examples_used(s->examples),
             r->images);
    fs_status status = FS_OK;
    for (int i = 0; i < n && status == FS_OK; i++)
        status = make_tile(job, s, &list[i], &panel->tiles[i], err);
    if (status != FS_OK) {
        fs_panel_release(panel);
        return status;
    }
    add_charts(panel, job, s);
    fs_panel_job_publish(job, panel);
    return FS_OK;
}

static fs_status step(fs_panel_job *job, bool *finished, fs_error *err) {
    *finished = false;
    if (job->state == NULL)
        job->state = fs_calloc(1, sizeof(search));
    search *s = job->state;
    if (s == NULL)
        return fs_fail_memory(err, "examples");
    if (s->folder == NULL)
        return find_pictures(job, s, err);
    if (s->examples == NULL)
        return begin(job, s, err);
    if (fs_examples_done(s->examples) < s->folder->n_files)
        return look_on(job, s, err);
    *finished = true;
    fs_status status = fs_examples_check(s->examples, s->folder, err);
    return status == FS_OK ? publish(job, s, err) : status;
}

const fs_panel_steps fs_panel_examples = {step, release};
