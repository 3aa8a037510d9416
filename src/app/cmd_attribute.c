#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/attribute_target.h"
#include "app/commands.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/npy.h"
#include "report/caption.h"
#include "report/tile_sheet.h"
#include "viz/attribution_view.h"

enum { TILE_SIDE = 260 };

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], raw[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int method, class_index, channel, samples;
    double sigma;
} settings;

static const fs_option options[] = {
    FS_OPTION_CHOICE(settings, method, "method", fs_attribute_methods, "gradcam",
                     "how to divide the value among the pixels"),
    FS_OPTION_INT(settings, class_index, "class", -1, 1 << 24, "-1", "class to explain, -1: the likeliest"),
    FS_OPTION_LAYER(
        settings, layer, "layer", "",
        "with --channel the layer to explain; for gradcam the layer whose map is weighed, without "
        "it the last one before the classifier"),
    FS_OPTION_INT(settings, channel, "channel", -1, 1 << 24, "-1", "channel of --layer to explain"),
    FS_OPTION_INT(settings, samples, "samples", 1, 100000, "128", "gradients of smoothgrad and integrated"),
    FS_OPTION_DOUBLE(settings, sigma, "sigma", 0, 10, "0.15",
                     "noise of smoothgrad, as a share of the picture's range"),
    FS_OPTION_FILE(settings, raw, "raw", "", ".npy file to write with the numbers"),
    FS_OPTION_FILE(settings, output, "output", "", "PNG file to write (-o)"),
    FS_OPTION_END};

typedef struct job {
    fs_call *call;
    const settings *settings;
    fs_model *model;
    fs_pool *pool;
    const fs_layer *layer; /* to explain, with this channel */
    int channel;
    fs_image crop;
    fs_attribution_settings how;
    fs_attribution result;
} job;

static fs_status check(const job *j, fs_error *err) {
    const settings *s = j->settings;
    bool is_cam = s->method == FS_ATTRIBUTION_GRADCAM;
    if (j->call->n_positional != 1 || !*s->output)
        return fs_call_usage(j->call, err, "a picture and -o are needed");
    if (is_cam && s->channel >= 0)
        return fs_call_usage(j->call, err, "gradcam explains classes: --class, not --channel");
    if (!is_cam && (*s->layer != 0) != (s->channel >= 0))
        return fs_call_usage(j->call, err, "--layer and --channel go together");
    if (s->channel >= 0 && s->class_index >= 0)
        return fs_call_usage(j->call, err, "--class and --channel exclude each other");
    fs_status status = fs_call_check_output(s->output, err);
    return status == FS_OK && *s->raw ? fs_call_check_output(s->raw, err) : status;
}

static fs_status load(job *j, fs_error *err) {
    const char *path = j->call->positional[0];
    fs_image photograph = {0};
    fs_status status = fs_image_read(&photograph, path, err);
    if (status == FS_OK)
        status = fs_call_load_model(j->call, NULL, &j->model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(j->call, &j->pool, err);
    if (status == FS_OK) {
        const fs_preprocess *p = &j->model->preprocess;
        status = fs_preprocess_crop(&photograph, p->height, p->width, &j->crop, err);
        if (status != FS_OK)
            fs_error_prefix(err, status, "%s", path);
    }
    fs_image_free(&photograph);
    return status;
}

/* The layer and channel to explain, and Grad-CAM's map. */
static fs_status find_target(job *j, fs_error *err) {
    const settings *s = j->settings;
    fs_attribute_query query = {.channel = s->channel, .class_index = s->class_index};
    fs_attribute_target target = {0};
    fs_status status = FS_OK;
    if (*s->layer)
        status = fs_call_find_layer(j->model, s->layer, s->channel, &query.layer, err);
    if (status == FS_OK)
        status =
            fs_attribute_find(&target, j->model, &query, &j->crop, j->pool, j->call->progress.cancel, err);
    if (status != FS_OK)
        return status;
    j->layer = target.layer;
    j->channel = target.channel;
    j->how.map = target.map;
    return FS_OK;
}

static fs_status attribute(job *j, fs_error *err) {
    const settings *s = j->settings;
    j->how.method = (fs_attribution_method)s->method;
    j->how.samples = s->samples;
    j->how.sigma = s->sigma;
    j->how.seed = j->call->common.seed;
    fs_status status = fs_attribution_run(&j->result, j->model, j->layer, j->channel, &j->crop, &j->how,
                                          j->pool, &j->call->progress, err);
    fs_terminal_clear();
    return status == FS_OK || status == FS_ERROR_CANCELLED
               ? status
               : fs_error_prefix(err, status, "%s", j->model->path);
}

static fs_status write_raw(const job *j, fs_error *err) {
    const fs_attribution *a = &j->result;
    const int64_t dim[] = {a->planes, a->height, a->width};
    return *j->settings->raw ? fs_npy_write(j->settings->raw, 3, dim, a->values, err) : FS_OK;
}

static fs_status draw(const job *j, const fs_image *alone, const fs_image *over, fs_image *out,
                      fs_error *err) {
    const char *method = fs_attribute_method_title(j->how.method);
    const char *photograph = fs_path_base(j->call->positional[0]);
    char title[2 * FS_CAPTION_SIZE], detail[3 * FS_CAPTION_SIZE], name[FS_CAPTION_SIZE],
        number[FS_CAPTION_SIZE], caption[2 * FS_CAPTION_SIZE];
    snprintf(title, sizeof title, "%.200s \u00b7 channel %s", j->layer->name,
             fs_caption_channel(j->model, j->layer, j->channel, name));
    snprintf(detail, sizeof detail, "%s \u00b7 value %s", method, fs_caption_number(j->result.value, number));
    snprintf(caption, sizeof caption, "%s%s%.200s", method, j->result.map ? " on " : "",
             j->result.map ? j->result.map->name : "");
    const fs_tile tiles[] = {{.picture = &j->crop, .caption = photograph},
                             {.picture = over, .caption = "over the picture"},
                             {.picture = alone, .caption = caption}};
    fs_tile_sheet sheet = {.title = title,
                           .subtitle = j->model->name,
                           .detail = detail,
                           .tiles = tiles,
                           .n_tiles = 3,
                           .columns = 3,
                           .tile_side = TILE_SIDE};
    return fs_tile_sheet_draw(&sheet, out, err);
}

static fs_status write_picture(const job *j, fs_error *err) {
    fs_image alone = {0}, over = {0}, page = {0};
    fs_status status = fs_attribution_view(&j->result, j->how.method, &j->crop, &alone, &over, err);
    if (status == FS_OK)
        status = draw(j, &alone, &over, &page, err);
    if (status == FS_OK)
        status = fs_image_write_png(&page, j->settings->output, NULL, 0, err);
    fs_image_free(&alone);
    fs_image_free(&over);
    fs_image_free(&page);
    return status;
}

static void say(const job *j) {
    if (j->call->common.quiet || j->how.method != FS_ATTRIBUTION_INTEGRATED)
        return;
    double sum = 0;
    int64_t count = (int64_t)j->result.planes * j->result.height * j->result.width;
    for (int64_t i = 0; i < count; i++)
        sum += j->result.values[i];
    fprintf(stderr, "%s: the attributions sum to %.4g of %.4g\n", j->settings->output, sum,
            j->result.value - j->result.baseline_value);
}

static fs_status run(fs_call *call, fs_error *err) {
    job j = {.call = call, .settings = call->settings, .how = fs_attribution_settings_default()};
    fs_status status = check(&j, err);
    if (status == FS_OK)
        status = load(&j, err);
    if (status == FS_OK)
        status = find_target(&j, err);
    if (status == FS_OK)
        status = attribute(&j, err);
    if (status == FS_OK)
        status = write_picture(&j, err);
    if (status == FS_OK)
        status = write_raw(&j, err);
    if (status == FS_OK)
        say(&j);
    fs_attribution_free(&j.result);
    fs_image_free(&j.crop);
    fs_pool_destroy(j.pool);
    fs_model_destroy(j.model);
    return status;
}

const fs_command fs_command_attribute = {.name = "attribute",
                                         .arguments = "IMAGE [options] -o OUT.png",
                                         .summary =
                                             "which pixels of a picture a class or channel owes its value to",
                                         .options = options,
                                         .settings_size = sizeof(settings),
                                         .max_positional = 1,
                                         .positional = FS_OPTION_MEANS_FILE,
                                         .example = "attribute zebra.jpg --method gradcam -o why.png",
                                         .run = run};
