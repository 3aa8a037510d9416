#include <stdio.h>
#include <string.h>

#include "app/atlas_make.h"
#include "app/commands.h"
#include "app/terminal.h"

typedef struct settings {
    char output[FS_OPTION_TEXT_SIZE], channels[FS_OPTION_TEXT_SIZE];
    bool all, resume;
    int per_layer, batch, channel, size, steps;
} settings;

static const fs_option options[] = {
    FS_OPTION_FOLDER(settings, output, "output", "", "folder to write (-o)"),
    FS_OPTION_BOOL(settings, all, "all", "every layer that shows something new"),
    FS_OPTION_BOOL(settings, resume, "resume", "go on with the atlas in the folder; what is whole stays"),
    FS_OPTION_TEXT(settings, channels, "channels", "", "channels to draw, as 0-63,70 (default: every one)"),
    FS_OPTION_INT(settings, channel, "channel", -1, 1000000000, "-1", "a single channel; -1: see --channels"),
    FS_OPTION_INT(settings, per_layer, "per-layer", 0, 1000000000, "0",
                  "at most so many channels of a layer, evenly spread; 0: all"),
    FS_OPTION_INT(settings, batch, "batch", 0, 1024, "0",
                  "pictures at once, each on one thread; 0: one for each thread"),
    FS_OPTION_INT(settings, size, "size", 8, 4096, FS_ATLAS_SIZE, "pixels a side"),
    FS_OPTION_INT(settings, steps, "steps", 1, 100000, FS_ATLAS_STEPS, "optimisation steps"),
    FS_OPTION_END};

static fs_status check(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    bool logits = strcmp(render->objective, "logit") == 0;
    if (!*s->output)
        return fs_call_usage(call, err, "-o is needed");
    if (s->all && (*render->layer || logits))
        return fs_call_usage(call, err, "--all excludes --layer and logits");
    if (!s->all && !*render->layer && !logits)
        return fs_call_usage(call, err, "--layer or --all is needed");
    if (*s->channels && s->channel >= 0)
        return fs_call_usage(call, err, "--channel and --channels exclude each other");
    if (s->all && (*s->channels || s->channel >= 0))
        return fs_call_usage(call, err, "channels belong to one --layer; with --all use --per-layer");
    if (!fs_render_is_simple(render) || strcmp(render->objective, "deepdream") == 0)
        return fs_call_usage(call, err, "--objective '%.80s' is the same for every channel: use render",
                             render->objective);
    if (render->variants != 1)
        return fs_call_usage(call, err, "--variants belongs to render");
    if (!s->resume && fs_atlas_exists(s->output))
        return fs_fail(err, FS_ERROR_ARGUMENT, "%.300s has an atlas already: --resume goes on with it",
                       s->output);
    return FS_OK;
}

/* NULL with --all. */
static fs_status find_layer(const fs_call *call, const fs_model *model, const fs_layer **out, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    if (s->all)
        return FS_OK;
    if (strcmp(render->objective, "logit") != 0)
        return fs_call_find_layer(model, render->layer, -1, out, err);
    *out = fs_model_logits(model);
    if (*out == NULL)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "%s: the model has no output of class scores", model->path);
    return FS_OK;
}

static void say_left_out(void *context, const char *why) {
    const fs_call *call = context;
    if (!call->common.quiet)
        fprintf(stderr, "filterscope: left out: %s\n", why);
}

static void say_done(const fs_call *call, const fs_atlas_made *made, double seconds) {
    const settings *s = call->settings;
    if (call->common.quiet)
        return;
    fprintf(stderr, "%s: %d pictures", s->output, made->drawn);
    if (made->before > 0)
        fprintf(stderr, ", %d of them there before", made->before);
    if (made->diverged > 0)
        fprintf(stderr, ", %d diverged", made->diverged);
    fprintf(stderr, ", in %.0f s\n", seconds);
}

static fs_status make(fs_call *call, fs_model *model, const fs_layer *layer, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const double start = fs_seconds();
    char single[16];
    fs_atlas_made made;
    fs_atlas_job job = {.folder = s->output,
                        .layer = layer,
                        .render = *(const fs_render_settings *)call->extra,
                        .channels = s->channels,
                        .per_layer = s->per_layer,
                        .at_once = s->batch,
                        .resume = s->resume,
                        .pool = pool,
                        .cluster = call->cluster,
                        .progress = &call->progress,
                        .left_out = say_left_out,
                        .context = call};
    job.render.size = s->size;
    job.render.steps = s->steps;
    snprintf(single, sizeof single, "%d", s->channel);
    if (s->channel >= 0)
        job.channels = single;
    fs_status status = fs_atlas_make(&made, model, &job, err);
    if (fs_cluster_rank(call->cluster) != 0)
        return status;
    fs_terminal_clear();
    if (status == FS_OK)
        say_done(call, &made, fs_seconds() - start);
    if (status == FS_ERROR_CANCELLED) {
        char why[128];
        snprintf(why, sizeof why, "%.100s", err->message);
        return fs_fail(err, status, "%s; the same command with --resume goes on", why);
    }
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    const fs_layer *layer = NULL;
    fs_status status = check(call, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = find_layer(call, model, &layer, err);
    status = fs_cluster_agree(call->cluster, status, err);
    if (status == FS_OK)
        status = make(call, model, layer, pool, err);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_atlas = {
    .name = "atlas",
    .arguments = "--layer L | --all [--resume] [options] -o DIR",
    .summary = "every channel of a layer or a network: a PNG each, contact sheets, index.json",
    .options = options,
    .settings_size = sizeof(settings),
    .extra_options = fs_render_options,
    .extra_size = sizeof(fs_render_settings),
    .example = "atlas --layer texture1 --resume -o atlas",
    .shares_work = true,
    .run = run};
