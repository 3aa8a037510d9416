#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/shift_pictures.h"
#include "app/shift_series_run.h"
#include "app/shift_write.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/file.h"

enum { NAME_SIZE = 256, PATH_SIZE = FS_OPTION_TEXT_SIZE + NAME_SIZE };

typedef struct settings {
    char before[FS_OPTION_TEXT_SIZE], after[FS_OPTION_TEXT_SIZE], images[FS_OPTION_TEXT_SIZE],
        output[FS_OPTION_TEXT_SIZE];
    int limit, batch, top, size, steps;
    bool all_layers, series;
} settings;

static const fs_option options[] = {
    FS_OPTION_MODEL(settings, before, "before", "", "model before: a file or a public model's name"),
    FS_OPTION_MODEL(settings, after, "after", "", "model after"),
    FS_OPTION_BOOL(
        settings, series, "series",
        "follow many versions: the epochs of a run's folder, or models in their order; the first, or "
        "--before, is what all are compared with"),
    FS_OPTION_FOLDER(settings, images, "images", "",
                     "folder of photographs; with a folder for each class, linear probes tell them apart"),
    FS_OPTION_FOLDER(settings, output, "output", "", "folder to write (-o)"),
    FS_OPTION_BOOL(settings, all_layers, "all-layers",
                   "every layer, rectifiers inside of modules too; else modules and what has weights"),
    FS_OPTION_INT(settings, limit, "limit", FS_CKA_LEAST_BATCH, FS_SHIFT_MAX_IMAGES, "512",
                  "photographs to look at, drawn at random where there are more"),
    FS_OPTION_INT(settings, batch, "batch", FS_SHIFT_LEAST_BATCH, FS_SHIFT_MAX_BATCH, "32",
                  "photographs of a minibatch; memory grows with it"),
    FS_OPTION_INT(settings, top, "top", 0, FS_SHIFT_MAX_STRIPS, "8",
                  "filters, those that changed most, that are shown before and after"),
    FS_OPTION_INT(settings, size, "size", 8, 4096, "128", "pixels a side of a rendered picture"),
    FS_OPTION_INT(settings, steps, "steps", 1, 100000, "128", "optimisation steps of a rendered picture"),
    FS_OPTION_END};

typedef struct job {
    fs_call *call;
    const settings *settings;
    fs_folder *folder;
    fs_model *models[FS_VERSIONS], *between;
    fs_pool *pool;
    fs_shift_layers layers, whole;
    fs_shift_settings measured;
    fs_shift shift;
    fs_gabor_drifts gabor;
    bool has_gabor;
    fs_error gabor_missing;
    const fs_layer *first; /* convolution */
    fs_render_settings render;
    fs_shift_strip *strips;
    int n_strips;
    fs_folder probe; /* the pictures that were looked at; borrows the folder's */
} job;

static fs_status check(const job *j, fs_error *err) {
    const settings *s = j->settings;
    if (j->call->n_positional > 0)
        return fs_call_usage(j->call, err, "'%.300s': only --series takes names without an option",
                             j->call->positional[0]);
    if (!*s->before || !*s->after || !*s->images || !*s->output)
        return fs_call_usage(j->call, err, "--before, --after, --images and -o are needed");
    if (*j->call->common.model)
        return fs_call_usage(j->call, err, "--model is of one network: --before and --after name two");
    return FS_OK;
}

/* ---- what is compared ---- */

static fs_status open_all(job *j, fs_error *err) {
    const settings *s = j->settings;
    const char *const paths[FS_VERSIONS] = {s->before, s->after};
    fs_status status = fs_folder_list(&j->folder, s->images, err);
    for (int v = 0; v < FS_VERSIONS && status == FS_OK; v++)
        status = fs_call_load_model(j->call, paths[v], &j->models[v], err);
    if (status == FS_OK)
        status = fs_model_load(&j->between, j->models[FS_AFTER]->path, err);
    if (status == FS_OK)
        status = fs_call_make_pool(j->call, &j->pool, err);
    if (status != FS_OK)
        return status;
    status = fs_shift_match(&j->layers, j->models[FS_BEFORE], j->models[FS_AFTER], s->all_layers, err);
    if (status == FS_OK)
        status = fs_shift_match(&j->whole, j->models[FS_BEFORE], j->models[FS_AFTER], true, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s, %s", s->before, s->after);
}

static fs_status measure(job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_examples_watch watch = {&j->call->progress, fs_terminal_say_skipped, NULL};
    const fs_model *const models[FS_VERSIONS] = {j->models[FS_BEFORE], j->models[FS_AFTER]};
    j->measured = (fs_shift_settings){s->limit, s->batch, j->call->common.seed};
    return fs_shift_measure(&j->shift, &j->layers, models, j->folder, &j->measured, j->pool, &watch, err);
}

/* Networks without such kernels have no Gabor functions; the report says why. */
static fs_status fit_gabor(job *j, fs_error *err) {
    fs_kernels kernels[FS_VERSIONS] = {{0}};
    fs_error *why = &j->gabor_missing;
    fs_status status = FS_OK;
    j->first = fs_kernels_first_layer(j->models[FS_BEFORE], why);
    if (!j->first)
        status = why->code;
    for (int v = 0; v < FS_VERSIONS && status == FS_OK; v++) {
        const fs_layer *layer = fs_model_layer(j->models[v], j->first->name, why);
        status = layer ? fs_kernels_of_layer(&kernels[v], j->models[v], layer, why) : why->code;
    }
    if (status == FS_OK)
        status = fs_gabor_drifts_of(&j->gabor, &kernels[FS_BEFORE], &kernels[FS_AFTER], j->pool,
                                    &j->call->progress, why);
    j->has_gabor = status == FS_OK;
    for (int v = 0; v < FS_VERSIONS; v++)
        fs_kernels_free(&kernels[v]);
    if (status == FS_ERROR_MEMORY || status == FS_ERROR_CANCELLED)
        return fs_fail(err, status, "%s", why->message);
    return FS_OK;
}

/* ---- pictures of filters ---- */

/* The pictures that were measured, so that a limit holds for examples too. */
static fs_status choose_probe(job *j, fs_error *err) {
    j->probe.files = fs_calloc((size_t)j->shift.images, sizeof *j->probe.files);
    if (!j->probe.files)
        return fs_fail_memory(err, "a folder of photographs");
    for (int i = 0; i < j->shift.images; i++)
        j->probe.files[i] = j->folder->files[j->shift.files[i]];
    j->probe.n_files = j->shift.images;
    return FS_OK;
}

static fs_status resolve_render(job *j, fs_error *err) {
    fs_options_defaults(fs_render_options, &j->render);
    j->render.size = j->settings->size;
    j->render.steps = j->settings->steps;
    j->render.seed = j->call->common.seed;
    return fs_render_resolve(&j->render, err);
}

static fs_status make_pictures(job *j, fs_error *err) {
    const fs_model *const models[FS_VERSIONS] = {j->models[FS_BEFORE], j->models[FS_AFTER]};
    const int n = j->settings->top < j->shift.n_filters ? j->settings->top : j->shift.n_filters;
    fs_status status = choose_probe(j, err);
    if (status != FS_OK || n == 0)
        return status;
    j->strips = fs_calloc((size_t)n, sizeof *j->strips);
    if (!j->strips)
        return fs_fail_memory(err, "pictures of changed filters");
    j->n_strips = n;
    const fs_shift_scene scene = {.models = models,
                                  .between = j->between,
                                  .layers = &j->layers,
                                  .whole = &j->whole,
                                  .shift = &j->shift,
                                  .folder = &j->probe,
                                  .render = j->render,
                                  .pool = j->pool,
                                  .progress = &j->call->progress};
    return fs_shift_pictures_make(j->strips, n, &scene, err);
}

/* ---- files ---- */

static const char *in_output(const job *j, const char *name, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/%s", j->settings->output, name);
    return path;
}

static fs_status write_chart(const job *j, const fs_shift_report *report, fs_shift_chart_kind kind,
                             const char *name, fs_error *err) {
    char path[PATH_SIZE];
    fs_image image = {0};
    fs_status status = fs_shift_chart(report, kind, &image, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, in_output(j, name, path), NULL, 0, err);
    fs_image_free(&image);
    return status;
}

static fs_status write_strips(const job *j, fs_error *err) {
    char path[PATH_SIZE], name[NAME_SIZE];
    fs_status status = j->n_strips > 0 ? fs_make_folder(in_output(j, "strips", path), err) : FS_OK;
    for (int i = 0; i < j->n_strips && status == FS_OK; i++) {
        const fs_shift_filter *f = &j->shift.filters[i];
        const int start = snprintf(name, sizeof name, "strips/");
        fs_shift_strip_name(name + start, sizeof name - (size_t)start, i,
                            j->layers.pairs[f->layer].layer[FS_BEFORE]->name, f->channel);
        status = fs_image_write_png(&j->strips[i].picture, in_output(j, name, path), NULL, 0, err);
    }
    return status;
}

static fs_status write_numbers(const job *j, const fs_shift_report *report, fs_error *err) {
    char path[PATH_SIZE];
    const fs_shift_files files = {
        report, &j->measured, &j->render, {j->settings->before, j->settings->after}};
    fs_status status = fs_shift_write_layers(&files, in_output(j, "layers.csv", path), err);
    if (status == FS_OK)
        status = fs_shift_write_filters(&files, in_output(j, "filters.csv", path), err);
    if (status == FS_OK && report->gabor)
        status = fs_shift_write_gabor(&files, in_output(j, "gabor.csv", path), err);
    if (status == FS_OK)
        status = fs_shift_write_json(&files, in_output(j, "shift.json", path), err);
    return status;
}

/* Two versions usually have one name; then their files tell them apart. */
static void name_versions(const job *j, fs_shift_report *report) {
    const bool same = strcmp(j->models[FS_BEFORE]->name, j->models[FS_AFTER]->name) == 0;
    for (int v = 0; v < FS_VERSIONS; v++)
        report->names[v] = same ? fs_path_base(j->models[v]->path) : j->models[v]->name;
}

static fs_status write_all(const job *j, fs_error *err) {
    char path[PATH_SIZE];
    fs_shift_report report = {.layers = &j->layers,
                              .shift = &j->shift,
                              .folder = j->settings->images,
                              .gabor = j->has_gabor ? &j->gabor : NULL,
                              .gabor_layer = j->has_gabor ? j->first->name : NULL,
                              .gabor_missing = j->gabor_missing.message,
                              .strips = j->strips,
                              .n_strips = j->n_strips};
    name_versions(j, &report);
    fs_status status = fs_make_folder(j->settings->output, err);
    if (status == FS_OK)
        status = write_numbers(j, &report, err);
    if (status == FS_OK)
        status = write_strips(j, err);
    if (status == FS_OK)
        status = fs_progress_check_writing(&j->call->progress, j->settings->output, err);
    if (status == FS_OK)
        status = write_chart(j, &report, FS_SHIFT_CHART_CKA, "cka.png", err);
    if (status == FS_OK)
        status = write_chart(j, &report, FS_SHIFT_CHART_MATRIX, "cka-matrix.png", err);
    if (status == FS_OK)
        status = fs_progress_check_writing(&j->call->progress, j->settings->output, err);
    if (status == FS_OK)
        status = fs_shift_report_pdf(&report, in_output(j, "report.pdf", path), err);
    if (status == FS_OK)
        status = fs_progress_check_writing(&j->call->progress, j->settings->output, err);
    if (status == FS_OK)
        status = fs_shift_report_html(&report, in_output(j, "report.html", path), err);
    return status;
}

static void print_result(const job *j) {
    double least = 2;
    int where = -1;
    for (int l = 0; l < j->layers.n; l++)
        if (fs_cka_value(j->shift.cka, l, l) < least) {
            least = fs_cka_value(j->shift.cka, l, l);
            where = l;
        }
    printf("%s: %d layers over %d photographs", j->settings->output, j->layers.n, j->shift.images);
    if (where >= 0)
        printf("; least CKA %.3f, %s", least, j->layers.pairs[where].layer[FS_BEFORE]->name);
    if (j->layers.n_skipped > 0)
        printf("; %d layers without a partner", j->layers.n_skipped);
    printf("\n");
}

/* ---- the job ---- */

static void close_all(job *j) {
    fs_shift_pictures_free(j->strips, j->n_strips);
    fs_free(j->probe.files);
    fs_gabor_drifts_free(&j->gabor);
    fs_shift_free(&j->shift);
    fs_shift_layers_free(&j->layers);
    fs_shift_layers_free(&j->whole);
    fs_pool_destroy(j->pool);
    fs_model_destroy(j->between);
    for (int v = 0; v < FS_VERSIONS; v++)
        fs_model_destroy(j->models[v]);
    fs_folder_destroy(j->folder);
}

static fs_status run_two(fs_call *call, fs_error *err) {
    job j = {.call = call, .settings = call->settings};
    fs_status status = check(&j, err);
    if (status == FS_OK)
        status = resolve_render(&j, err);
    if (status == FS_OK)
        status = open_all(&j, err);
    if (status == FS_OK)
        status = measure(&j, err);
    if (status == FS_OK)
        status = fit_gabor(&j, err);
    if (status == FS_OK)
        status = make_pictures(&j, err);
    fs_terminal_clear();
    if (status == FS_OK)
        status = write_all(&j, err);
    if (status == FS_OK)
        print_result(&j);
    close_all(&j);
    return status;
}

/* ---- many versions ---- */

static fs_status check_series(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    if (call->n_positional == 0 || !*s->images || !*s->output)
        return fs_call_usage(call, err, "--series needs a run's folder or models, --images and -o");
    if (*s->after || *call->common.model)
        return fs_call_usage(call, err, "%s is of one network: --series has a list",
                             *s->after ? "--after" : "--model");
    return FS_OK;
}

/* "the run out", "before.onnx to after.onnx" */
static void name_series(const fs_series_source *source, const char *given, char *text, size_t size) {
    if (source->n_stages > 0)
        snprintf(text, size, "the run %.300s", given);
    else
        snprintf(text, size, "%.200s to %.200s", source->versions[0].name,
                 source->versions[source->n - 1].name);
}

static fs_status run_series(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_series_source *source = NULL;
    char title[NAME_SIZE * 2];
    fs_status status = check_series(call, err);
    if (status != FS_OK)
        return status;
    if (call->n_positional == 1 && fs_series_is_run(call->positional[0]))
        status = fs_series_source_of_run(&source, call->positional[0], s->before, err);
    else
        status = fs_series_source_of_files(&source, (const char *const *)call->positional, call->n_positional,
                                           s->before, err);
    if (status != FS_OK)
        return status;
    name_series(source, call->positional[0], title, sizeof title);
    const fs_shift_series_request request = {.call = call,
                                             .source = source,
                                             .images = s->images,
                                             .output = s->output,
                                             .title = title,
                                             .limit = s->limit,
                                             .batch = s->batch,
                                             .all_layers = s->all_layers};
    status = fs_shift_series_run(&request, err);
    fs_series_source_destroy(source);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    return s->series ? run_series(call, err) : run_two(call, err);
}

const fs_command fs_command_shift = {
    .name = "shift",
    .arguments = "(--before A --after B | --series RUN | --series MODEL...) --images DIR [options] -o DIR",
    .max_positional = FS_SHIFT_SERIES_MOST - 1,
    .positional = FS_OPTION_MEANS_FILE,
    .summary = "how the representations of a network moved from one version to another",
    .options = options,
    .settings_size = sizeof(settings),
    .example = "shift --before before.onnx --after after.onnx --images photographs -o shift",
    .run = run};
