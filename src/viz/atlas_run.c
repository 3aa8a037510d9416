/* Drawing the open tiles of an atlas, several at a time, each on one thread of some process. Whoever draws a
 * tile writes it; rank 0 keeps the list and the index. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "cluster/handout.h"
#include "viz/atlas_private.h"

/* Of the time, for writing indices between tiles. */
#define INDEX_SHARE 0.02

typedef struct place {
    int layer, tile;
} place;

/* What is told of a tile that was drawn. */
typedef struct drawn {
    fs_atlas_state state;
    double objective, rate;
} drawn;

typedef struct run {
    fs_atlas *atlas;
    const fs_progress *progress;
    place *open;      /* in order; rank 0 alone has them, as layers of the model and channels: */
    fs_piece *pieces; /* [n_open] */
    int n_open;
    atomic_llong steps;               /* done, of all tiles; a tile that starts again takes its own back */
    double started;                   /* seconds */
    pthread_mutex_t reporter;         /* held by the thread that reports */
    pthread_mutex_t mutex;            /* over the making of plans */
    double index_written, index_took; /* when, and how long it took */
} run;

/* A tile on its way. */
typedef struct job {
    run *run;
    const fs_layer *layer;
    const atomic_bool *stop;
} job;

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

static bool is_cancelled(const job *j) {
    return fs_progress_cancelled(j->run->progress) || atomic_load(j->stop);
}

/* ---- one tile ---- */

/* Plans are made one after the other: they settle how many threads the matrix library has. */
static fs_status make_render(run *r, fs_render **out, const fs_render_settings *settings, fs_error *err) {
    pthread_mutex_lock(&r->mutex);
    fs_status status = fs_render_create(out, r->atlas->model, settings, NULL, 1, NULL, err);
    pthread_mutex_unlock(&r->mutex);
    return status;
}

static fs_status take_steps(const job *j, fs_render *render, const fs_render_settings *settings,
                            fs_error *err) {
    run *r = j->run;
    fs_status status = FS_OK;
    while (status == FS_OK && fs_render_steps_done(render) < settings->steps) {
        if (is_cancelled(j))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        status = fs_render_step(render, NULL, err);
        if (status != FS_OK)
            break;
        atomic_fetch_add(&r->steps, 1);
        report(r, j->layer);
    }
    if (status == FS_ERROR_DIVERGED)
        atomic_fetch_sub(&r->steps, fs_render_steps_done(render));
    return status;
}

static fs_status draw(const job *j, const fs_render_settings *settings, fs_image *image, double *objective,
                      fs_error *err) {
    fs_render *render = NULL;
    fs_status status = make_render(j->run, &render, settings, err);
    if (status != FS_OK)
        return status;
    status = take_steps(j, render, settings, err);
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
static fs_status draw_somehow(const job *j, fs_render_settings *settings, fs_image *image, double *objective,
                              fs_error *err) {
    fs_status status = FS_ERROR_DIVERGED;
    for (int retry = 0; retry <= FS_ATLAS_RETRIES && status == FS_ERROR_DIVERGED; retry++) {
        settings->rate = ldexp(j->run->atlas->request.render.rate, -retry);
        status = draw(j, settings, image, objective, err);
    }
    return status;
}

static fs_status store_tile(const job *j, const fs_render_settings *settings, double objective,
                            const fs_image *image, fs_error *err) {
    const fs_atlas *atlas = j->run->atlas;
    const fs_atlas_store *store = &atlas->request.store;
    const fs_atlas_layer entry = {.folder = fs_atlas_safe_name(atlas->model, j->layer)};
    char *path = entry.folder ? fs_atlas_tile_path(atlas, &entry, settings->channel) : NULL;
    fs_free(entry.folder);
    if (path == NULL)
        return fs_fail_memory(err, "an atlas");
    fs_status status = store->write(store->context, settings, objective, image, path, err);
    fs_free(path);
    return status;
}

static fs_status do_tile(const job *j, int channel, drawn *out, fs_error *err) {
    run *r = j->run;
    fs_render_settings settings = r->atlas->request.render;
    fs_image image = {0};
    double objective = NAN;
    snprintf(settings.layer, sizeof settings.layer, "%s", j->layer->name);
    settings.channel = channel;
    fs_status status = draw_somehow(j, &settings, &image, &objective, err);
    if (status == FS_ERROR_DIVERGED) {
        atomic_fetch_add(&r->steps, settings.steps);
        *out = (drawn){FS_ATLAS_DIVERGED, NAN, settings.rate};
        return FS_OK;
    }
    if (status == FS_OK)
        status = store_tile(j, &settings, objective, &image, err);
    if (status == FS_OK)
        *out = (drawn){FS_ATLAS_DRAWN, objective, settings.rate};
    fs_image_free(&image);
    return status;
}

/* ---- handed out ---- */

static fs_status work(void *context, fs_piece piece, const atomic_bool *stop, fs_text *result,
                      fs_error *err) {
    run *r = context;
    const job j = {r, &r->atlas->model->layers[piece.a], stop};
    drawn d;
    fs_status status = do_tile(&j, piece.b, &d, err);
    if (status == FS_OK)
        fs_text_add_bytes(result, (const char *)&d, sizeof d);
    return status;
}

/* The tiles are on the disk already and can be told without an index, so it need not follow each of them. */
static fs_status refresh_index(run *r, fs_error *err) {
    double now = fs_seconds();
    if (now - r->index_written < r->index_took / INDEX_SHARE)
        return FS_OK;
    fs_status status = fs_atlas_index_write(r->atlas, err);
    r->index_written = fs_seconds();
    r->index_took = r->index_written - now;
    return status;
}

static fs_status note_tile(void *context, int number, int from, const char *result, size_t size,
                           fs_error *err) {
    run *r = context;
    const place at = r->open[number];
    const fs_atlas_layer *entry = &r->atlas->layers[at.layer];
    drawn d;
    if (size != sizeof d)
        return fs_fail(err, FS_ERROR_FORMAT, "rank %d runs another version of the program", from);
    memcpy(&d, result, sizeof d);
    fs_atlas_tile *tile = &entry->tiles[at.tile];
    tile->state = d.state;
    tile->objective = d.objective;
    tile->rate = d.rate;
    if (from != 0) {
        atomic_fetch_add(&r->steps, r->atlas->request.render.steps);
        report(r, entry->layer);
    }
    return refresh_index(r, err);
}

/* ---- all of them ---- */

/* Several processes begin with the last layers, whose tiles take longest: in the end all wait for the last
 * tile. */
static fs_status collect_open(run *r, fs_error *err) {
    const fs_atlas *atlas = r->atlas;
    const bool backwards = fs_cluster_size(atlas->request.cluster) > 1;
    const size_t room = (size_t)fs_atlas_count(atlas, FS_ATLAS_OPEN) + 1;
    r->open = fs_calloc(room, sizeof *r->open);
    r->pieces = fs_calloc(room, sizeof *r->pieces);
    if (r->open == NULL || r->pieces == NULL)
        return fs_fail_memory(err, "an atlas");
    for (int i = 0; i < atlas->n_layers; i++) {
        const int l = backwards ? atlas->n_layers - 1 - i : i;
        const fs_atlas_layer *entry = &atlas->layers[l];
        for (int t = 0; t < entry->n_tiles; t++) {
            if (entry->tiles[t].state != FS_ATLAS_OPEN)
                continue;
            r->open[r->n_open] = (place){l, t};
            r->pieces[r->n_open++] =
                (fs_piece){(int)(entry->layer - atlas->model->layers), entry->tiles[t].channel};
        }
    }
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

static fs_status prepare(run *r, fs_error *err) {
    fs_status status = make_folders(r->atlas, err);
    if (status == FS_OK)
        status = collect_open(r, err);
    if (status == FS_OK)
        status = fs_atlas_index_write(r->atlas, err); /* what is written here later has its parameters */
    return status;
}

/* What was finished is in the index even when the rest failed; the failure is the news then. */
static fs_status conclude(const run *r, fs_status status, fs_error *err) {
    fs_error error = {0};
    fs_status written = fs_atlas_index_write(r->atlas, &error);
    if (status == FS_OK && written != FS_OK) {
        if (err != NULL)
            *err = error;
        return written;
    }
    if (status != FS_OK && status != FS_ERROR_CANCELLED)
        return status;
    int open = fs_atlas_count(r->atlas, FS_ATLAS_OPEN);
    if (open > 0)
        return fs_fail(err, FS_ERROR_CANCELLED, "stopped with %d of %d pictures to go", open, r->n_open);
    return FS_OK;
}

static fs_status draw_all(run *r, fs_pool *pool, int lanes, fs_error *err) {
    fs_cluster *cluster = r->atlas->request.cluster;
    const fs_handout handout = {r->pieces, r->n_open, r->progress, r, work, note_tile};
    pthread_mutex_init(&r->mutex, NULL);
    pthread_mutex_init(&r->reporter, NULL);
    fs_status status = fs_handout_run(cluster, &handout, pool, lanes, err);
    pthread_mutex_destroy(&r->mutex);
    pthread_mutex_destroy(&r->reporter);
    return fs_cluster_rank(cluster) == 0 ? conclude(r, status, err) : status;
}

fs_status fs_atlas_run(fs_atlas *atlas, fs_pool *pool, int at_once, const fs_progress *progress,
                       fs_error *err) {
    fs_cluster *cluster = atlas->request.cluster;
    run r = {.atlas = atlas, .progress = progress, .started = fs_seconds()};
    int lanes = fs_pool_threads(pool);
    if (at_once > 0 && at_once < lanes)
        lanes = at_once;
    fs_status status = fs_cluster_rank(cluster) == 0 ? prepare(&r, err) : FS_OK;
    status = fs_cluster_agree(cluster, status, err);
    if (status == FS_OK)
        status = fs_cluster_agree(cluster, draw_all(&r, pool, lanes, err), err);
    fs_free(r.open);
    fs_free(r.pieces);
    return status;
}
