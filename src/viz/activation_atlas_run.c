/* Drawing the cells of an activation atlas, several at a time, each on one thread. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/npy.h"
#include "base/text.h"
#include "viz/activation_atlas_private.h"

typedef struct run {
    fs_activation_atlas *atlas;
    const fs_progress *progress;
    atomic_int next, done; /* cells */
    atomic_bool stop;
    double started;
    pthread_mutex_t mutex; /* over reports, the making of plans, and what follows */
    fs_status status;      /* of the first failure */
    fs_error error;
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

static void report(run *r, double objective) {
    pthread_mutex_lock(&r->mutex);
    fs_progress_report(r->progress, &(fs_progress_state){.label = "cells",
                                                         .done = atomic_load(&r->done),
                                                         .total = r->atlas->n_cells,
                                                         .seconds = fs_seconds() - r->started,
                                                         .value = objective});
    pthread_mutex_unlock(&r->mutex);
}

static bool is_cancelled(run *r) {
    if (fs_progress_cancelled(r->progress))
        atomic_store(&r->stop, true);
    return atomic_load(&r->stop);
}

/* ---- what is drawn ---- */

static void add_quoted(fs_text *text, const char *word) {
    fs_text_add(text, "\"");
    for (; *word; word++)
        fs_text_add(text, *word == '"' || *word == '\\' ? "\\%c" : "%c", *word);
    fs_text_add(text, "\"");
}

/* direction("features.8", "out/cells/03-11.npy", power=2) */
static fs_status settings_of(const fs_activation_atlas *atlas, const char *npy, fs_render_settings *out,
                             fs_error *err) {
    fs_text text = {0};
    *out = atlas->request.render;
    out->layer[0] = '\0';
    out->channel = 0;
    out->variants = 1;
    fs_text_add(&text, "direction(");
    add_quoted(&text, atlas->layer->name);
    fs_text_add(&text, ", ");
    add_quoted(&text, npy);
    fs_text_add(&text, ", power=%.9g)", atlas->request.power);
    fs_status status = FS_OK;
    if (fs_text_broken(&text))
        status = fs_fail_memory(err, "an activation atlas");
    else if (text.length >= sizeof out->objective)
        status = fs_fail(err, FS_ERROR_LIMIT, "%.200s...: the folder's path is too long", npy);
    else
        memcpy(out->objective, text.bytes, text.length + 1);
    fs_text_free(&text);
    return status;
}

static bool same_settings(const fs_render_settings *a, const fs_render_settings *b) {
    char x[FS_OPTION_VALUE_SIZE], y[FS_OPTION_VALUE_SIZE];
    for (const fs_option *option = fs_render_options; option->name; option++)
        if (strcmp(fs_option_format(option, a, x), fs_option_format(option, b, y)) != 0)
            return false;
    return true;
}

/* Whether the folder has the cell's picture: for this direction, made like this. */
static bool is_there(const fs_activation_atlas *atlas, const float *direction, const char *npy,
                     const char *png, const fs_render_settings *settings, double *objective) {
    const fs_atlas_store *store = &atlas->request.store;
    const size_t channels = (size_t)atlas->points->channels;
    fs_render_settings found;
    fs_npy stored = {0};
    if (!atlas->request.keep || !fs_file_exists(png) || !fs_file_exists(npy) ||
        fs_npy_read(&stored, npy, NULL) != FS_OK)
        return false;
    const bool same = stored.rank == 1 && stored.dim[0] == (int64_t)channels &&
                      memcmp(stored.data, direction, channels * sizeof *direction) == 0;
    fs_npy_free(&stored);
    memset(&found, 0, sizeof found);
    return same && store->read(store->context, &found, objective, png, NULL) == FS_OK &&
           same_settings(&found, settings);
}

/* ---- one cell ---- */

static fs_status take_steps(run *r, fs_render *render, int steps, fs_error *err) {
    fs_status status = FS_OK;
    while (status == FS_OK && fs_render_steps_done(render) < steps) {
        if (is_cancelled(r))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped");
        status = fs_render_step(render, NULL, err);
    }
    return status;
}

static fs_status draw(run *r, const fs_render_settings *settings, fs_image *image, double *objective,
                      fs_error *err) {
    fs_render *render = NULL;
    pthread_mutex_lock(&r->mutex); /* plans settle how many threads the matrix library has */
    fs_status status = fs_render_create(&render, r->atlas->model, settings, NULL, 1, NULL, err);
    pthread_mutex_unlock(&r->mutex);
    if (status != FS_OK)
        return status;
    status = take_steps(r, render, settings->steps, err);
    if (status == FS_OK)
        status = fs_render_image(render, 0, FS_RENDER_LAST, image, err);
    if (status == FS_OK)
        *objective = fs_render_objective(render, 0);
    fs_render_destroy(render);
    return status;
}

/* The picture of another direction goes before the direction does: they must not be taken for a pair. */
static fs_status draw_cell(run *r, fs_atlas_cell *cell, const float *direction, const char *npy,
                           const char *png, fs_error *err) {
    const fs_atlas_store *store = &r->atlas->request.store;
    const int64_t channels = r->atlas->points->channels;
    fs_render_settings settings;
    fs_image image = {0};
    double objective = NAN;
    fs_status status = settings_of(r->atlas, npy, &settings, err);
    if (status != FS_OK)
        return status;
    if (!is_there(r->atlas, direction, npy, png, &settings, &objective)) {
        remove(png);
        status = fs_npy_write(npy, 1, &channels, direction, err);
        if (status == FS_OK)
            status = draw(r, &settings, &image, &objective, err);
        if (status == FS_ERROR_DIVERGED) {
            cell->state = FS_ATLAS_DIVERGED;
            return FS_OK;
        }
        if (status == FS_OK)
            status = store->write(store->context, &settings, objective, &image, png, err);
        fs_image_free(&image);
    }
    if (status == FS_OK) {
        cell->state = FS_ATLAS_DRAWN;
        cell->objective = objective;
    }
    return status;
}

static fs_status do_cell(run *r, int index, fs_error *err) {
    fs_activation_atlas *atlas = r->atlas;
    fs_atlas_cell *cell = &atlas->cells[index];
    char *npy_name = fs_activation_atlas_name(cell, ".npy"),
         *png_name = fs_activation_atlas_name(cell, ".png");
    char *npy = npy_name ? fs_activation_atlas_path(atlas, npy_name) : NULL;
    char *png = png_name ? fs_activation_atlas_path(atlas, png_name) : NULL;
    fs_status status = npy && png ? FS_OK : fs_fail_memory(err, "an activation atlas");
    if (status == FS_OK)
        status = draw_cell(r, cell, atlas->directions + (size_t)index * (size_t)atlas->points->channels, npy,
                           png, err);
    fs_free(npy_name);
    fs_free(png_name);
    fs_free(npy);
    fs_free(png);
    return status;
}

/* ---- all of them ---- */

static void draw_cells(void *context, int first, int last, int thread) {
    run *r = context;
    (void)thread;
    for (int lane = first; lane < last; lane++) {
        int i;
        while (!is_cancelled(r) && (i = atomic_fetch_add(&r->next, 1)) < r->atlas->n_cells) {
            fs_error error = {0};
            fs_status status = do_cell(r, i, &error);
            if (status != FS_OK && status != FS_ERROR_CANCELLED)
                fail_run(r, status, &error);
            atomic_fetch_add(&r->done, 1);
            report(r, r->atlas->cells[i].objective);
        }
    }
}

static fs_status make_folder(const fs_activation_atlas *atlas, fs_error *err) {
    char *path = fs_activation_atlas_path(atlas, "cells");
    fs_status status = path ? fs_make_folder(path, err) : fs_fail_memory(err, "an activation atlas");
    fs_free(path);
    return status;
}

fs_status fs_activation_atlas_run(fs_activation_atlas *atlas, fs_pool *pool, const fs_progress *progress,
                                  fs_error *err) {
    run r = {.atlas = atlas, .progress = progress, .started = fs_seconds()};
    int open = 0;
    fs_status status = make_folder(atlas, err);
    if (status != FS_OK)
        return status;
    pthread_mutex_init(&r.mutex, NULL);
    fs_pool_for(pool, fs_pool_threads(pool), 1, draw_cells, &r);
    pthread_mutex_destroy(&r.mutex);
    if (r.status != FS_OK) {
        if (err)
            *err = r.error;
        return r.status;
    }
    for (int i = 0; i < atlas->n_cells; i++)
        open += atlas->cells[i].state == FS_ATLAS_OPEN;
    if (open > 0)
        return fs_fail(err, FS_ERROR_CANCELLED, "stopped with %d of %d cells to go", open, atlas->n_cells);
    return FS_OK;
}
