#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/dissect_sheet.h"
#include "app/dissect_source.h"
#include "app/dissect_write.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/file.h"
#include "report/dissection_chart.h"
#include "viz/atlas.h"

enum { PATH_SIZE = FS_OPTION_TEXT_SIZE + 64 };

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], data[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE],
        concepts[FS_OPTION_TEXT_SIZE];
    bool all;
    int world, pictures, size, least_pictures;
    double quantile, least;
} settings;

static const char *const worlds[] = {"none", "a", "b", NULL};

static const fs_option options[] = {
    FS_OPTION_TEXT(settings, layer, "layer", "", "layer, or several with commas between them"),
    FS_OPTION_BOOL(settings, all, "all", "the layers that an atlas has, as far as they have positions"),
    FS_OPTION_CHOICE(settings, world, "world", worlds, "none", "drawn pictures: a, or b for the second task"),
    FS_OPTION_FOLDER(settings, data, "data", "",
                     "folder of `filterscope world` with masks, instead of drawn ones"),
    FS_OPTION_FOLDER(settings, output, "output", "", "folder to write (-o)"),
    FS_OPTION_INT(settings, pictures, "pictures", 1, FS_DISSECTION_MAX_PICTURES, "1000",
                  "pictures; of a folder at most so many, evenly chosen"),
    FS_OPTION_INT(settings, size, "size", 0, FS_WORLD_MAX_SIZE, "0",
                  "pixels a side of drawn pictures; 0: the network's input"),
    FS_OPTION_DOUBLE(settings, quantile, "quantile", 0.5, 0.99999, "0.995",
                     "share of a channel's activations below its threshold"),
    FS_OPTION_DOUBLE(settings, least, "least", 0, 1, "0.1", "IoU from which on a channel has a concept"),
    FS_OPTION_INT(settings, least_pictures, "least-pictures", 0, FS_DISSECTION_MAX_PICTURES, "0",
                  "pictures that a concept must be in; 0: one in a hundred, at least 5"),
    FS_OPTION_FILE(settings, concepts, "concepts", "",
                   "file to write for a model's sidecar: captions of the channels that have a concept"),
    FS_OPTION_END};

typedef struct job {
    fs_call *call;
    const settings *settings;
    fs_model *model;
    fs_pool *pool;
    fs_dissect_source *source;
    const fs_layer **layers;
    int n_layers;
    fs_dissection dissection;
} job;

static fs_status check(const job *j, fs_error *err) {
    const settings *s = j->settings;
    if (!*s->output)
        return fs_call_usage(j->call, err, "-o is needed");
    if (s->all == (*s->layer != '\0'))
        return fs_call_usage(j->call, err, "either --layer or --all is needed");
    if ((s->world > 0) == (*s->data != '\0'))
        return fs_call_usage(j->call, err, "either --world or --data is needed");
    if (*s->data && s->size > 0)
        return fs_call_usage(j->call, err, "--size is of drawn pictures: the folder's have their own");
    if (s->size > 0 && s->size < FS_WORLD_MIN_SIZE)
        return fs_call_usage(j->call, err, "--size: at least %d", FS_WORLD_MIN_SIZE);
    return *s->concepts ? fs_call_check_output(s->concepts, err) : FS_OK;
}

/* ---- which layers ---- */

static bool has_layer(const job *j, const fs_layer *layer) {
    for (int l = 0; l < j->n_layers; l++)
        if (j->layers[l] == layer)
            return true;
    return false;
}

/* A layer that is followed by its activation function is looked at behind it. */
static fs_status add_named(job *j, const char *name, fs_error *err) {
    const fs_layer *layer = NULL;
    fs_status status = fs_call_find_layer(j->model, name, -1, &layer, err);
    if (status != FS_OK)
        return status;
    layer = fs_model_activated(j->model, layer);
    if (!has_layer(j, layer))
        j->layers[j->n_layers++] = layer;
    return FS_OK;
}

static fs_status add_list(job *j, fs_error *err) {
    char names[FS_OPTION_TEXT_SIZE], *rest = names, *name;
    fs_status status = FS_OK;
    memcpy(names, j->settings->layer, sizeof names);
    while (status == FS_OK && (name = strsep(&rest, ",")) != NULL)
        status = add_named(j, name, err);
    return status;
}

static fs_status choose_layers(job *j, fs_error *err) {
    j->layers = fs_calloc((size_t)j->model->n_layers + FS_OPTION_TEXT_SIZE, sizeof(fs_layer *));
    if (!j->layers)
        return fs_fail_memory(err, "layers");
    if (!j->settings->all)
        return add_list(j, err);
    for (int l = 0; l < j->model->n_layers; l++)
        if (fs_atlas_is_chapter(j->model, l) && fs_dissection_takes(&j->model->layers[l]))
            j->layers[j->n_layers++] = &j->model->layers[l];
    return j->n_layers > 0
               ? FS_OK
               : fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: none of its layers has positions", j->model->path);
}

/* ---- pictures ---- */

static fs_status open_source(job *j, fs_error *err) {
    const settings *s = j->settings;
    if (*s->data)
        return fs_dissect_source_folder(&j->source, s->data, s->pictures, err);
    const fs_preprocess *p = &j->model->preprocess;
    int size = s->size > 0 ? s->size : p->width < p->height ? p->width : p->height;
    size = size < FS_WORLD_MIN_SIZE ? FS_WORLD_MIN_SIZE : size > FS_WORLD_MAX_SIZE ? FS_WORLD_MAX_SIZE : size;
    return fs_dissect_source_world(&j->source, s->world == 1 ? FS_WORLD_A : FS_WORLD_B, j->call->common.seed,
                                   size, s->pictures, err);
}

static fs_status measure(job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_examples_watch watch = {&j->call->progress, fs_terminal_say_skipped, NULL};
    const fs_dissection_settings how = {.quantile = s->quantile, .least_pictures = s->least_pictures};
    fs_status status = fs_dissection_run(&j->dissection, j->model, j->layers, j->n_layers,
                                         fs_dissect_source_get(j->source), &how, j->pool, &watch, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", j->model->path);
}

/* ---- files ---- */

static const char *in_output(const job *j, const char *name, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/%s", j->settings->output, name);
    return path;
}

static fs_status write_picture(const job *j, fs_image *image, const char *name, fs_error *err) {
    char path[PATH_SIZE];
    fs_status status = fs_image_write_png(image, in_output(j, name, path), NULL, 0, err);
    fs_image_free(image);
    return status;
}

/* Without any concept there is no sheet. */
static fs_status write_sheet(const job *j, fs_error *err) {
    const fs_dissect_sheet sheet = {.model = j->model,
                                    .dissection = &j->dissection,
                                    .source = fs_dissect_source_get(j->source),
                                    .progress = &j->call->progress};
    fs_image image = {0};
    const fs_status status = fs_dissect_sheet_draw(&sheet, &image, err);
    if (status == FS_ERROR_NOT_FOUND)
        return FS_OK;
    return status == FS_OK ? write_picture(j, &image, "best.png", err) : status;
}

static fs_status write_all(const job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_dissect_files files = {&j->dissection, fs_dissect_source_get(j->source), j->model->name,
                                    s->least};
    char path[PATH_SIZE];
    fs_image chart = {0};
    fs_status status = fs_make_folder(s->output, err);
    if (status == FS_OK)
        status = fs_dissect_write_json(&files, in_output(j, "dissection.json", path), err);
    if (status == FS_OK)
        status = fs_dissect_write_csv(&files, in_output(j, "dissection.csv", path), err);
    if (status == FS_OK)
        status = fs_progress_check_writing(&j->call->progress, s->output, err);
    if (status == FS_OK)
        status = fs_dissection_chart(&j->dissection, j->model->name, s->least, &chart, err);
    if (status == FS_OK)
        status = write_picture(j, &chart, "summary.png", err);
    if (status == FS_OK)
        status = fs_progress_check_writing(&j->call->progress, s->output, err);
    if (status == FS_OK)
        status = write_sheet(j, err);
    if (status == FS_OK && *s->concepts)
        status = fs_dissect_write_concepts(&files, s->concepts, err);
    return status;
}

static void print_result(const job *j) {
    printf("%-35s %8s %8s %8s %8s\n", "layer", "channels", "texture", "part", "object");
    for (int l = 0; l < j->dissection.n_layers; l++) {
        const fs_dissection_layer *layer = &j->dissection.layers[l];
        int counts[FS_CONCEPT_KINDS];
        fs_dissection_kinds(layer, j->settings->least, counts);
        printf("%-35s %8d %8d %8d %8d\n", layer->layer->name, layer->layer->channels,
               counts[FS_CONCEPT_TEXTURE], counts[FS_CONCEPT_PART], counts[FS_CONCEPT_OBJECT]);
    }
}

/* ---- the job ---- */

static void close_all(job *j) {
    fs_dissection_free(&j->dissection);
    fs_free(j->layers);
    fs_dissect_source_destroy(j->source);
    fs_pool_destroy(j->pool);
    fs_model_destroy(j->model);
}

static fs_status run(fs_call *call, fs_error *err) {
    job j = {.call = call, .settings = call->settings};
    fs_status status = check(&j, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, NULL, &j.model, err);
    if (status == FS_OK)
        status = choose_layers(&j, err);
    if (status == FS_OK)
        status = open_source(&j, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &j.pool, err);
    if (status == FS_OK)
        status = measure(&j, err);
    fs_terminal_clear();
    if (status == FS_OK)
        status = write_all(&j, err);
    if (status == FS_OK)
        print_result(&j);
    close_all(&j);
    return status;
}

const fs_command fs_command_dissect = {
    .name = "dissect",
    .arguments = "--layer L | --all --world a|b | --data DIR [options] -o DIR",
    .summary = "which textures, parts and objects channels answer to, on pictures whose truth is known",
    .example = "dissect --all --world a -o dissection",
    .options = options,
    .settings_size = sizeof(settings),
    .run = run};
