#include <stdio.h>
#include <string.h>

#include "app/activation_atlas_json.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "app/tile_store.h"
#include "base/alloc.h"
#include "base/file.h"
#include "report/activation_atlas_sheet.h"
#include "report/caption.h"
#include "viz/projection.h"

enum { COMPONENTS = 50 }; /* principal ones, that t-SNE measures distances in */

typedef enum projection { PROJECTION_TSNE, PROJECTION_PCA } projection;

typedef struct settings {
    char images[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int grid, least, points, per_image, projection, size, steps;
    double power, perplexity;
    bool plain, resume;
} settings;

static const char *const projections[] = {"tsne", "pca", NULL};

static const fs_option options[] = {
    FS_OPTION_FOLDER(settings, images, "images", "", "folder of photographs"),
    FS_OPTION_FOLDER(settings, output, "output", "", "folder to write (-o)"),
    FS_OPTION_BOOL(settings, resume, "resume", "keep pictures of the folder that would come out the same"),
    FS_OPTION_INT(settings, grid, "grid", 1, FS_ACTIVATION_ATLAS_MAX_GRID, "12", "cells a side"),
    FS_OPTION_INT(settings, least, "least", 1, 1000000, "5", "activations that a cell needs to be drawn"),
    FS_OPTION_INT(settings, points, "points", 4, FS_PROJECTION_MAX_POINTS, "3000",
                  "activations, of all photographs together"),
    FS_OPTION_INT(settings, per_image, "per-image", 0, 1 << 20, "0",
                  "places in a photograph, 0: as many as --points takes"),
    FS_OPTION_CHOICE(settings, projection, "projection", projections, "tsne",
                     "layout in the plane: tsne, pca"),
    FS_OPTION_DOUBLE(settings, perplexity, "perplexity", 1, 1000, "30",
                     "about how many neighbours tsne keeps"),
    FS_OPTION_BOOL(settings, plain, "plain", "directions as they are, not whitened"),
    FS_OPTION_DOUBLE(settings, power, "power", 0, 16, "2", "of the cosine in the objective"),
    FS_OPTION_INT(settings, size, "size", 8, 4096, "96", "pixels a side of a cell"),
    FS_OPTION_INT(settings, steps, "steps", 1, 100000, "128", "optimisation steps"),
    FS_OPTION_END};

typedef struct job {
    fs_call *call;
    const settings *settings;
    fs_folder *folder;
    fs_model *model;
    fs_pool *pool;
    const fs_layer *layer;
    fs_activation *activation;
    fs_points points;
    float *plane; /* [n][2] */
    fs_activation_atlas_request request;
    fs_activation_atlas *atlas;
} job;

static fs_status check(const job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_render_settings *render = j->call->extra;
    if (!*s->images || !*render->layer || !*s->output)
        return fs_call_usage(j->call, err, "--images, --layer and -o are needed");
    if (strcmp(render->objective, "channel") != 0 || render->channel != 0)
        return fs_call_usage(j->call, err,
                             "the objective is the directions of cells: no --objective, no --channel");
    if (render->variants != 1)
        return fs_call_usage(j->call, err, "--variants belongs to render");
    if (!s->resume && fs_atlas_exists(s->output))
        return fs_fail(err, FS_ERROR_ARGUMENT, "%.300s has an atlas already: --resume goes on with it",
                       s->output);
    return FS_OK;
}

/* ---- points in the plane ---- */

static fs_status collect(job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_render_settings *render = j->call->extra;
    const fs_points_settings wanted = {s->points, s->per_image, render->seed};
    const fs_examples_watch watch = {&j->call->progress, fs_terminal_say_skipped, NULL};
    fs_status status = fs_activation_create(&j->activation, j->model, j->layer, j->pool, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", j->model->path);
    return fs_points_collect(&j->points, j->activation, j->folder, &wanted, j->pool, &watch, err);
}

/* Directions, not lengths, say what an activation is of. */
static fs_status lay_out(job *j, fs_error *err) {
    const int n = j->points.n, channels = j->points.channels;
    const bool tsne = j->settings->projection == PROJECTION_TSNE;
    const int kept = !tsne ? 2 : channels < COMPONENTS ? channels : COMPONENTS;
    float *directions = fs_alloc_array((size_t)n * (size_t)channels, sizeof *directions);
    float *components = fs_alloc_array((size_t)n * (size_t)kept, sizeof *components);
    j->plane = fs_alloc_array((size_t)n, 2 * sizeof *j->plane);
    fs_status status =
        directions && components && j->plane ? FS_OK : fs_fail_memory(err, "an activation atlas");
    if (status == FS_OK) {
        fs_points_directions(&j->points, directions);
        status = fs_project_pca(tsne ? components : j->plane, directions, n, channels, kept, err);
    }
    if (status == FS_OK && tsne) {
        fs_tsne_settings tsne_settings = fs_tsne_defaults();
        tsne_settings.perplexity = j->settings->perplexity;
        status =
            fs_project_tsne(j->plane, components, n, kept, &tsne_settings, j->pool, &j->call->progress, err);
    }
    fs_free(directions);
    fs_free(components);
    return status;
}

/* ---- sheets ---- */

static fs_status read_cell(void *context, const fs_atlas_cell *cell, fs_image *out, fs_error *err) {
    const job *j = context;
    if (cell->state != FS_ATLAS_DRAWN)
        return FS_OK;
    char *name = fs_activation_atlas_name(cell, ".png");
    char *path = name ? fs_activation_atlas_path(j->atlas, name) : NULL;
    fs_status status = path ? fs_image_read(out, path, err) : fs_fail_memory(err, "an activation atlas");
    fs_free(name);
    fs_free(path);
    return status;
}

/* What the unit nearest to the cell's mean saw. A photograph that has gone meanwhile leaves its place empty.
 */
static fs_status read_photograph(void *context, const fs_atlas_cell *cell, fs_image *out, fs_error *err) {
    const job *j = context;
    const fs_preprocess *p = &j->model->preprocess;
    const int point = cell->nearest[0];
    fs_image photograph = {0}, seen = {0};
    if (cell->n_nearest == 0 ||
        fs_image_read(&photograph, j->folder->files[j->points.images[point]].path, NULL) != FS_OK)
        return FS_OK;
    fs_status status = fs_preprocess_crop(&photograph, p->height, p->width, &seen, err);
    const fs_window w = fs_map_window(&j->points.map, j->points.positions[point], 1);
    if (status == FS_OK)
        status = fs_image_crop(out, &seen, w.x, w.y, w.width, w.height, err);
    fs_image_free(&photograph);
    fs_image_free(&seen);
    return status;
}

static fs_status write_sheet(job *j, const char *name, bool photographs, fs_error *err) {
    const settings *s = j->settings;
    char subtitle[2 * FS_CAPTION_SIZE], detail[FS_CAPTION_SIZE];
    fs_image image = {0};
    snprintf(subtitle, sizeof subtitle, "%.200s \u00b7 %s", j->model->name,
             fs_caption_level(j->layer->level));
    snprintf(detail, sizeof detail, "%s \u00b7 %d activations of %d photographs by %s",
             photographs ? "the photograph nearest to each cell's mean" : "what excites each cell's mean",
             j->points.n, j->points.used, s->projection == PROJECTION_TSNE ? "t-SNE" : "PCA");
    const fs_activation_atlas_sheet sheet = {.title = j->layer->name,
                                             .subtitle = subtitle,
                                             .detail = detail,
                                             .atlas = j->atlas,
                                             .grid = s->grid,
                                             .tile_side = s->size,
                                             .picture = photographs ? read_photograph : read_cell,
                                             .context = j};
    char *path = fs_activation_atlas_path(j->atlas, name);
    fs_status status = path ? fs_activation_atlas_sheet_draw(&sheet, &image, err)
                            : fs_fail_memory(err, "an activation atlas");
    if (status == FS_OK)
        status = fs_image_write_png(&image, path, NULL, 0, err);
    fs_image_free(&image);
    fs_free(path);
    return status;
}

static fs_status write_index(const job *j, fs_error *err) {
    const fs_activation_atlas_report report = {j->model,
                                               j->layer,
                                               j->folder,
                                               &j->points,
                                               j->atlas,
                                               &j->request,
                                               projections[j->settings->projection]};
    char *path = fs_activation_atlas_path(j->atlas, "index.json");
    fs_status status = path ? fs_activation_atlas_write_json(&report, path, err)
                            : fs_fail_memory(err, "an activation atlas");
    fs_free(path);
    return status;
}

/* ---- the job ---- */

static fs_status draw(job *j, fs_error *err) {
    const settings *s = j->settings;
    j->request = (fs_activation_atlas_request){.render = *(const fs_render_settings *)j->call->extra,
                                               .folder = s->output,
                                               .grid = s->grid,
                                               .least = s->least,
                                               .whiten = !s->plain,
                                               .power = s->power,
                                               .store = fs_tile_store(j->model),
                                               .keep = s->resume};
    j->request.render.size = s->size;
    j->request.render.steps = s->steps;
    fs_status status =
        fs_activation_atlas_create(&j->atlas, j->model, j->layer, &j->points, j->plane, &j->request, err);
    if (status == FS_OK)
        status = fs_activation_atlas_run(j->atlas, j->pool, &j->call->progress, err);
    fs_terminal_clear();
    if (status == FS_ERROR_CANCELLED) {
        char why[128];
        snprintf(why, sizeof why, "%.100s", err->message);
        const fs_status written = write_index(j, err);
        return written != FS_OK ? written
                                : fs_fail(err, status, "%s; the same command with --resume goes on", why);
    }
    if (status == FS_OK)
        status = write_sheet(j, "atlas.png", false, err);
    if (status == FS_OK)
        status = write_sheet(j, "photographs.png", true, err);
    return status == FS_OK ? write_index(j, err) : status;
}

static fs_status prepare(job *j, fs_error *err) {
    const fs_render_settings *render = j->call->extra;
    fs_status status = fs_folder_list(&j->folder, j->settings->images, err);
    if (status == FS_OK)
        status = fs_call_load_model(j->call, NULL, &j->model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(j->call, &j->pool, err);
    if (status == FS_OK)
        status = fs_call_find_layer(j->model, render->layer, -1, &j->layer, err);
    return status;
}

static void say_done(const job *j, double seconds) {
    const fs_atlas_cell *cells;
    const int n = fs_activation_atlas_cells(j->atlas, &cells);
    if (!j->call->common.quiet)
        fprintf(stderr, "%s: %d cells of %d activations, in %.0f s\n", j->settings->output, n, j->points.n,
                seconds);
}

static fs_status run(fs_call *call, fs_error *err) {
    job j = {.call = call, .settings = call->settings};
    const double start = fs_seconds();
    fs_status status = check(&j, err);
    if (status == FS_OK)
        status = prepare(&j, err);
    if (status == FS_OK)
        status = collect(&j, err);
    if (status == FS_OK)
        status = lay_out(&j, err);
    if (status == FS_OK)
        status = draw(&j, err);
    fs_terminal_clear();
    if (status == FS_OK)
        say_done(&j, fs_seconds() - start);
    fs_activation_atlas_destroy(j.atlas);
    fs_free(j.plane);
    fs_points_free(&j.points);
    fs_activation_destroy(j.activation);
    fs_pool_destroy(j.pool);
    fs_model_destroy(j.model);
    fs_folder_destroy(j.folder);
    return status;
}

const fs_command fs_command_activation_atlas = {
    .name = "activation-atlas",
    .arguments = "--images DIR --layer L [--resume] [options] -o DIR",
    .summary = "what a layer sees in photographs, as a map of pictures",
    .options = options,
    .settings_size = sizeof(settings),
    .extra_options = fs_render_options,
    .extra_size = sizeof(fs_render_settings),
    .example = "activation-atlas --images photographs --layer part1 -o map",
    .run = run};
