#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/examples_find.h"
#include "app/examples_json.h"
#include "app/terminal.h"
#include "base/alloc.h"
#include "base/text.h"
#include "report/caption.h"
#include "report/tile_sheet.h"
#include "viz/example_view.h"

enum { TILE_SIDE = 176 };

typedef struct settings {
    char images[FS_OPTION_TEXT_SIZE], layer[FS_OPTION_TEXT_SIZE], threshold[FS_OPTION_TEXT_SIZE],
        json[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int channel, top, which;
    double context;
    bool no_cache;
} settings;

static const fs_option options[] = {
    FS_OPTION_FOLDER(settings, images, "images", "",
                     "folder of JPEG, PNG or BMP pictures, with its subfolders"),
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer to look at"),
    FS_OPTION_INT(settings, channel, "channel", -1, 1 << 24, "-1", "channel of the layer"),
    FS_OPTION_INT(settings, top, "top", 1, FS_EXAMPLES_KEPT, "9", "how many pictures to show"),
    FS_OPTION_CHOICE(settings, which, "which", fs_examples_whiches, "top",
                     "the strongest, the weakest, or those whose strongest response is near the threshold"),
    FS_OPTION_TEXT(settings, threshold, "threshold", "",
                   "for --which threshold; without it the median of the pictures' positive maxima"),
    FS_OPTION_DOUBLE(settings, context, "context", 1, 64, "1",
                     "show this many times the width of the receptive field"),
    FS_OPTION_BOOL(settings, no_cache, "no-cache", "look at all pictures again, and keep nothing for later"),
    FS_OPTION_FILE(settings, json, "json", "", "JSON file to write with the numbers"),
    FS_OPTION_FILE(settings, output, "output", "", "PNG file to write (-o)"),
    FS_OPTION_END};

typedef struct job {
    fs_call *call;
    const settings *settings;
    fs_folder *folder;
    fs_model *model;
    fs_pool *pool;
    const fs_layer *layer;
    fs_activation *activation;
    fs_examples_cache cache;
    fs_examples *examples;
    double threshold; /* NaN until it is known */
} job;

static fs_status check(job *j, fs_error *err) {
    const settings *s = j->settings;
    if (!*s->images || !*s->layer || s->channel < 0 || !*s->output)
        return fs_call_usage(j->call, err, "--images, --layer, --channel and -o are needed");
    j->threshold = (double)NAN;
    if (*s->threshold && !fs_parse_double(s->threshold, &j->threshold))
        return fs_call_usage(j->call, err, "--threshold: '%s' is not a number", s->threshold);
    fs_status status = fs_call_check_output(s->output, err);
    return status == FS_OK && *s->json ? fs_call_check_output(s->json, err) : status;
}

static void say_skipped(void *context, const char *path, const char *why) {
    (void)context;
    (void)path; /* the reason names it */
    fs_terminal_clear();
    fprintf(stderr, "filterscope: %s\n", why);
}

static void say_earlier_skips(const job *j) {
    for (int i = 0; i < fs_examples_done(j->examples); i++)
        if (fs_examples_skipped(j->examples, i))
            fprintf(stderr, "filterscope: %s: skipped, it could not be used\n", j->folder->files[i].path);
}

/* A cache that cannot be written is said and done without. */
static void keep(job *j) {
    fs_error err = {0};
    if (fs_examples_keep(j->examples, &j->cache, &err) != FS_OK)
        fprintf(stderr, "filterscope: the examples are not kept: %s\n", err.message);
}

static fs_status look_at_pictures(job *j, fs_error *err) {
    fs_examples_search search = {j->model, j->layer, j->folder, j->activation, j->settings->no_cache};
    fs_status status = fs_examples_begin(&j->examples, &search, &j->cache, err);
    if (status != FS_OK)
        return status;
    say_earlier_skips(j);
    if (fs_examples_done(j->examples) < j->folder->n_files) {
        fs_examples_watch watch = {.progress = &j->call->progress, .skipped = say_skipped};
        status = fs_examples_run(j->examples, j->activation, j->folder, j->pool, &watch, err);
        fs_terminal_clear();
        if (status == FS_OK || status == FS_ERROR_CANCELLED)
            keep(j);
    }
    return status == FS_OK ? fs_examples_check(j->examples, j->folder, err) : status;
}

static fs_status find(job *j, fs_error *err) {
    const settings *s = j->settings;
    fs_status status = fs_folder_list(&j->folder, s->images, err);
    if (status == FS_OK)
        status = fs_call_load_model(j->call, NULL, &j->model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(j->call, &j->pool, err);
    if (status == FS_OK)
        status = fs_call_find_layer(j->model, s->layer, s->channel, &j->layer, err);
    if (status != FS_OK)
        return status;
    status = fs_activation_create(&j->activation, j->model, j->layer, j->pool, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", j->model->path);
    status = look_at_pictures(j, err);
    if (status == FS_OK && isnan(j->threshold))
        j->threshold = fs_examples_threshold(j->examples, s->channel);
    return status;
}

/* ---- the sheet ---- */

typedef struct pictures {
    int n;
    fs_example list[FS_EXAMPLES_KEPT];
    char values[FS_EXAMPLES_KEPT][FS_CAPTION_SIZE];
    fs_tile tiles[FS_EXAMPLES_KEPT];
    fs_example_view views[FS_EXAMPLES_KEPT];
} pictures;

static fs_status make_tile(const job *j, pictures *p, int i, fs_error *err) {
    const fs_example *e = &p->list[i];
    const fs_folder_file *file = &j->folder->files[e->image];
    fs_example_view *view = &p->views[i];
    fs_status status = fs_example_view_make(view, j->activation, file->path, j->settings->channel,
                                            e->position, j->settings->context, j->call->progress.cancel, err);
    if (status != FS_OK)
        return status;
    const char *name = strrchr(file->name, '/');
    p->tiles[i] = (fs_tile){.picture = &view->picture,
                            .samples = view->has_samples && view->half > 0 ? view->samples : NULL,
                            .side = FS_VIEW_SIDE,
                            .level = view->half,
                            .caption = fs_caption_number(e->value, p->values[i]),
                            .more_caption = name ? name + 1 : file->name};
    return FS_OK;
}

/* "Parts \u00b7 strongest responses \u00b7 sees 75 x 75 pixels, a step of 4" */
static void describe(const job *j, char text[3 * FS_CAPTION_SIZE]) {
    static const char *const what[] = {"strongest responses", "weakest responses", "responses near"};
    char field[FS_CAPTION_SIZE], number[FS_CAPTION_SIZE] = "";
    bool near = j->settings->which == FS_EXAMPLES_THRESHOLD;
    if (near)
        fs_caption_number(j->threshold, number);
    snprintf(text, (size_t)3 * FS_CAPTION_SIZE, "%s \u00b7 %s%s%s \u00b7 %s",
             fs_caption_level(j->layer->level), what[j->settings->which], near ? " " : "", number,
             fs_caption_field(j->layer, field));
}

static fs_status draw(const job *j, const pictures *p, fs_image *out, fs_error *err) {
    int channel = j->settings->channel;
    char title[2 * FS_CAPTION_SIZE], detail[3 * FS_CAPTION_SIZE], name[FS_CAPTION_SIZE],
        chart[FS_CAPTION_SIZE];
    snprintf(title, sizeof title, "%.200s \u00b7 channel %s", j->layer->name,
             fs_caption_channel(j->model, j->layer, channel, name));
    describe(j, detail);
    fs_map_geometry g = fs_activation_geometry(j->activation);
    bool has_positions = g.height * g.width > 1;
    snprintf(chart, sizeof chart, "%s of %d pictures", has_positions ? "Maxima" : "Values",
             fs_examples_used(j->examples));
    const fs_tile_chart charts[] = {
        {chart, fs_examples_greatest(j->examples, channel), false, j->threshold},
        {"All positions, log counts", fs_examples_values(j->examples, channel), true, (double)NAN}};
    fs_tile_sheet sheet = {.title = title,
                           .subtitle = j->model->name,
                           .detail = detail,
                           .tiles = p->tiles,
                           .n_tiles = p->n,
                           .tile_side = TILE_SIDE,
                           .charts = charts,
                           .n_charts = has_positions ? 2 : 1};
    return fs_tile_sheet_draw(&sheet, out, err);
}

static fs_status write_sheet(const job *j, fs_error *err) {
    const settings *s = j->settings;
    fs_image image = {0};
    pictures *p = fs_calloc(1, sizeof *p);
    if (!p)
        return fs_fail_memory(err, "a sheet of examples");
    p->n =
        fs_examples_list(j->examples, (fs_examples_which)s->which, s->channel, j->threshold, p->list, s->top);
    fs_status status = FS_OK;
    for (int i = 0; i < p->n && status == FS_OK; i++)
        status = make_tile(j, p, i, err);
    if (status == FS_OK)
        status = draw(j, p, &image, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, s->output, NULL, 0, err);
    for (int i = 0; i < p->n; i++)
        fs_image_free(&p->views[i].picture);
    fs_image_free(&image);
    fs_free(p);
    return status;
}

static fs_status write_numbers(const job *j, fs_error *err) {
    const settings *s = j->settings;
    fs_examples_report report = {
        j->model,   j->layer, j->folder,    j->examples, fs_activation_geometry(j->activation),
        s->channel, s->top,   j->threshold, s->context};
    return fs_examples_write_json(&report, s->json, err);
}

static fs_status run(fs_call *call, fs_error *err) {
    job j = {.call = call, .settings = call->settings};
    fs_status status = check(&j, err);
    if (status == FS_OK)
        status = find(&j, err);
    if (status == FS_OK)
        status = write_sheet(&j, err);
    if (status == FS_OK && *j.settings->json)
        status = write_numbers(&j, err);
    fs_examples_destroy(j.examples);
    fs_examples_cache_free(&j.cache);
    fs_activation_destroy(j.activation);
    fs_pool_destroy(j.pool);
    fs_model_destroy(j.model);
    fs_folder_destroy(j.folder);
    return status;
}

const fs_command fs_command_examples = {
    .name = "examples",
    .arguments = "--images DIR --layer L --channel C [options] -o OUT.png",
    .summary = "the photographs of a folder that excite a channel most",
    .options = options,
    .settings_size = sizeof(settings),
    .example = "examples --images photographs --layer part1 --channel 3 -o examples.png",
    .run = run};
