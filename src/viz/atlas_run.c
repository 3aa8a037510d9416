/* Drawing the open tiles of an atlas, several at a time, each on one thread. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "viz/atlas_private.h"

/* Of the time, for writing indices between tiles. */
#define INDEX_SHARE 0.02

typedef struct place {
    int layer, tile;
} place;

typedef struct run {
    fs_atlas *atlas;
    const fs_progress *progress;
    place *open; /* in order */
    int n_open;
    atomic_int next;          /* of open */
    atomic_llong steps;       /* done, of all tiles; a tile that starts again takes its own back */
    atomic_bool stop;         /* a tile failed, or the user wants to stop */
    double started;           /* seconds */
    pthread_mutex_t reporter; /* held by the thread that reports */
    pthread_mutex_t mutex;    /* over what follows, the atlas's tiles, and the making of plans */
    fs_status status;         /* of the first failure */
    fs_error error;
    double index_written, index_took; /* when, and how long it took */
} run;

static void fail_run(run *r, fs_status status, const fs_error *error) {
    pthread_mutex_lock(&r->mutex);
    if (r->status == FS_OK) {
        r->status = status;
        r->error = *error;
    }
    pthread_mutex_unlock(&r->mutex);
    atomic_store(&r->stop, true);
}

/* Receivers expect one call at a time; a thread that comes meanwhile has nothing newer to say. */
static void report(run *r, const fs_layer *layer) {
    if (pthread_mutex_trylock(&r->reporter) != 0)
        return;
    fs_progress_state state = {.label = layer->name,
                               .done = (double)atomic_load(&r->steps) / r->atlas->request.render.steps,
                               .total = r->n_open,
                               .seconds = fs_seconds() - r->started,
                               .value = NAN};
    fs_progress_report(r->progress, &state);
    pthread_mutex_unlock(&r->reporter);
}

static bool is_cancelled(run *r) {
    if (fs_progress_cancelled(r->progress))
        atomic_store(&r->stop, true);
    return atomic_load(&r->stop);
}

/* ---- one tile ---- */

/* Plans are made one after the other: they settle how many threads the matrix library has. */
static fs_status make_render(run *r, fs_render **out, const fs_render_settings *settings, fs_error *err) {
    pthread_mutex_lock(&r->mutex);
    fs_status status = fs_render_create(out, r->atlas->model, settings, NULL, 1, NULL, err);
    pthread_mutex_unlock(&r->mutex);
    return status;
}

static fs_status take_steps(run *r, fs_render *render, const fs_render_settings *settings,
                            const fs_layer *layer, fs_error *err) {
    fs_status status = FS_OK;
    while (status == FS_OK && fs_render_steps_done(render) < settings->steps) {
        if (is_cancelled(r))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        status = fs_render_step(render, NULL, err);
        if (status != FS_OK)
            break;
        atomic_fetch_add(&r->steps, 1);
        report(r, layer);
    }
    if (status == FS_ERROR_DIVERGED)
        atomic_fetch_sub(&r->steps, fs_render_steps_done(render));
    return status;
}

static fs_status draw(run *r, const fs_render_settings *settings, const fs_layer *layer, fs_image *image,
                      double *objective, fs_error *err) {
    fs_render *render = NULL;
    fs_status status = make_render(r, &render, settings, err);
    if (status != FS_OK)
        return status;
    status = take_steps(r, render, settings, layer, err);
    if (status == FS_OK && !isfinite(fs_render_objective(render, 0)))
        status =
            fs_fail(err, FS_ERROR_DIVERGED, "channel %d: the objective is not finite", settings->channel);
    if (status == FS_OK)
        status = fs_render_figure(render, 0, image, err);
    if (status == FS_OK)
        *objective = fs_render_objective(render, 0);
    fs_render_destroy(render);
    return status;
}

/* At the rate asked for, or the largest of its halves that stays finite. */
static fs_status draw_somehow(run *r, fs_render_settings *settings, const fs_layer *layer, fs_image *image,
                              double *objective, fs_error *err) {
    fs_status status = FS_ERROR_DIVERGED;
    for (int retry = 0; retry <= FS_ATLAS_RETRIES && status == FS_ERROR_DIVERGED; retry++) {
        settings->rate = ldexp(r->atlas->request.render.rate, -retry);
        status = draw(r, settings, layer, image, objective, err);
    }
    return status;
}

static fs_status store_tile(const run *r, const fs_atlas_layer *entry, const fs_render_settings *settings,
                            double objective, const fs_image *image, fs_error *err) {
    const fs_atlas_store *store = &r->atlas->request.store;
    char *path = fs_atlas_tile_path(r->atlas, entry, settings->channel);
    if (path == NULL)
        return fs_fail_memory(err, "an atlas");
    fs_status status = store->write(store->context, settings, objective, image, path, err);
    fs_free(path);
    return status;
}

/* Under the mutex. The tiles are on the disk already and can be told without an index, so it need not follow
 * each of them. */
static fs_status refresh_index(run *r, fs_error *err) {
    double now = fs_seconds();
    if (now - r->index_written < r->index_took / INDEX_SHARE)
        return FS_OK;
    fs_status status = fs_atlas_index_write(r->atlas, err);
    r->index_written = fs_seconds();
    r->index_took = r->index_written - now;
    return status;
}

static fs_status note_tile(run *r, place at, const fs_render_settings *settings, fs_atlas_state state,
                           double objective, fs_error *err) {
    pthread_mutex_lock(&r->mutex);
    fs_atlas_tile *tile = &r->atlas->layers[at.layer].tiles[at.tile];
    tile->state = state;
    tile->objective = objective;
    tile->rate = settings->rate;
    fs_status status = refresh_index(r, err);
    pthread_mutex_unlock(&r->mutex);
    return status;
}

static fs_status do_tile(run *r, place at, fs_error *err) {
    const fs_atlas_layer *entry = &r->atlas->layers[at.layer];
    fs_render_settings settings = r->atlas->request.render;
    fs_image image = {0};
    double objective = NAN;
    snprintf(settings.layer, sizeof settings.layer, "%s", entry->layer->name);
    settings.channel = entry->tiles[at.tile].channel;
    fs_status status = draw_somehow(r, &settings, entry->layer, &image, &objective, err);
    if (status == FS_ERROR_DIVERGED) {
        atomic_fetch_add(&r->steps, settings.steps);
        return note_tile(r, at, &settings, FS_ATLAS_DIVERGED, NAN, err);
    }
    if (status == FS_OK)
        status = store_tile(r, entry, &settings, objective, &image, err);
    if (status == FS_OK)
        status = note_tile(r, at, &settings, FS_ATLAS_DRAWN, objective, err);
    fs_image_free(&image);
    return status;
}

/* ---- all of them ---- */

static void draw_tiles(void *context, int first, int last, int thread) {
    run *r = context;
    (void)thread;
    for (int lane = first; lane < last; lane++) {
        int i;
        while (!is_cancelled(r) && (i = atomic_fetch_add(&r->next, 1)) < r->n_open) {
            fs_error error = {0};
            fs_status status = do_tile(r, r->open[i], &error);
            if (status != FS_OK && status != FS_ERROR_CANCELLED)
                fail_run(r, status, &error);
        }
    }
}

static fs_status collect_open(run *r, fs_error *err) {
    const fs_atlas *atlas = r->atlas;
    r->open = fs_calloc((size_t)fs_atlas_count(atlas, FS_ATLAS_OPEN) + 1, sizeof *r->open);
    if (r->open == NULL)
        return fs_fail_memory(err, "an atlas");
    for (int l = 0; l < atlas->n_layers; l++)
        for (int t = 0; t < atlas->layers[l].n_tiles; t++)
            if (atlas->layers[l].tiles[t].state == FS_ATLAS_OPEN)
                r->open[r->n_open++] = (place){l, t};
    return FS_OK;
}

static fs_status make_folders(const fs_atlas *atlas, fs_error *err) {
    fs_status status = fs_make_folder(atlas->folder, err);
    for (int l = 0; l < atlas->n_layers && status == FS_OK; l++) {
        char *path = fs_atlas_path(atlas, atlas->layers[l].folder);
        if (path == NULL)
            return fs_fail_memory(err, "an atlas");
        status = fs_make_folder(path, err);
        fs_free(path);
    }
    return status;
}

/* What was finished is in the index even when the rest failed; the failure is the news then. */
static fs_status conclude(run *r, fs_error *err) {
    fs_error error = {0};
    fs_status written = fs_atlas_index_write(r->atlas, &error);
    fs_status status = r->status;
    if (status == FS_OK) {
        status = written;
        r->error = error;
    }
    if (status != FS_OK) {
        if (err != NULL)
            *err = r->error;
        return status;
    }
    int open = fs_atlas_count(r->atlas, FS_ATLAS_OPEN);
    if (open > 0)
        return fs_fail(err, FS_ERROR_CANCELLED, "stopped with %d of %d pictures to go", open, r->n_open);
    return FS_OK;
}

fs_status fs_atlas_run(fs_atlas *atlas, fs_pool *pool, int at_once, const fs_progress *progress,
                       fs_error *err) {
    run r = {.atlas = atlas, .progress = progress, .started = fs_seconds()};
    int lanes = fs_pool_threads(pool);
    if (at_once > 0 && at_once < lanes)
        lanes = at_once;
    fs_status status = make_folders(atlas, err);
    if (status == FS_OK)
        status = collect_open(&r, err);
    if (status == FS_OK)
        status = fs_atlas_index_write(atlas, err); /* what is written here later has its parameters */
    if (status == FS_OK) {
        pthread_mutex_init(&r.mutex, NULL);
        pthread_mutex_init(&r.reporter, NULL);
        fs_pool_for(pool, lanes, 1, draw_tiles, &r);
        pthread_mutex_destroy(&r.mutex);
        pthread_mutex_destroy(&r.reporter);
        status = conclude(&r, err);
    }
    fs_free(r.open);
    return status;
}
