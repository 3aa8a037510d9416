#include <stdio.h>
#include <string.h>

#include "app/atlas_sheets.h"
#include "app/commands.h"
#include "app/render_export.h"
#include "app/terminal.h"
#include "app/tile_store.h"
#include "base/alloc.h"
#include "base/file.h"
#include "registry/digest.h"
#include "viz/atlas.h"

enum { CHUNK = 1 << 20 };

typedef struct settings {
    char output[FS_OPTION_TEXT_SIZE], channels[FS_OPTION_TEXT_SIZE];
    bool all, resume;
    int per_layer, batch, channel, size, steps;
} settings;

/* A tile is looked at small and among many: 128 pixels and 128 steps show what a channel is about, in about a
 * sixth of the work of render's 224 and 256. */
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
    FS_OPTION_INT(settings, size, "size", 8, 4096, "128", "pixels a side"),
    FS_OPTION_INT(settings, steps, "steps", 1, 100000, "128", "optimisation steps"),
    FS_OPTION_END};

/* ---- the model's fingerprint ---- */

static fs_status digest_file(fs_digest *digest, fs_file_reader *reader, uint8_t *chunk, fs_error *err) {
    size_t size = fs_file_reader_size(reader);
    fs_status status = FS_OK;
    for (size_t at = 0; at < size && status == FS_OK; at += CHUNK) {
        size_t n = size - at < CHUNK ? size - at : CHUNK;
        status = fs_file_reader_read(reader, at, chunk, n, err);
        if (status == FS_OK)
            status = fs_digest_update(digest, chunk, n, err);
    }
    return status;
}

static fs_status fingerprint(char text[FS_DIGEST_TEXT], const char *path, fs_error *err) {
    fs_file_reader *reader = NULL;
    fs_digest *digest = NULL;
    uint8_t *chunk = fs_alloc(CHUNK);
    fs_status status = chunk != NULL ? FS_OK : fs_fail_memory(err, path);
    if (status == FS_OK)
        status = fs_file_reader_create(&reader, path, SIZE_MAX / 2, err);
    if (status == FS_OK)
        status = fs_digest_create(&digest, FS_DIGEST_SHA256, (int64_t)fs_file_reader_size(reader), err);
    if (status == FS_OK)
        status = digest_file(digest, reader, chunk, err);
    if (status == FS_OK)
        status = fs_digest_finish(digest, text, err);
    fs_digest_destroy(digest);
    fs_file_reader_destroy(reader);
    fs_free(chunk);
    return status;
}

/* ---- the job ---- */

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

static fs_status add_one(const fs_call *call, const fs_model *model, fs_atlas *atlas, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    const fs_layer *layer = NULL;
    char single[16];
    fs_status status = FS_OK;
    if (strcmp(render->objective, "logit") == 0)
        layer = fs_model_logits(model);
    else
        status = fs_call_find_layer(model, render->layer, -1, &layer, err);
    if (status == FS_OK && layer == NULL)
        status = fs_fail(err, FS_ERROR_NOT_FOUND, "%s: the model has no output of class scores", model->path);
    if (status != FS_OK)
        return status;
    snprintf(single, sizeof single, "%d", s->channel);
    status = fs_atlas_add(atlas, layer, s->channel >= 0 ? single : s->channels, s->per_layer, err);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", model->path);
}

/* A layer that cannot be rendered is no reason to have no atlas of the others. */
static fs_status add_all(const fs_call *call, const fs_model *model, fs_atlas *atlas, fs_error *err) {
    const settings *s = call->settings;
    const fs_atlas_layer *layers;
    fs_error why = {0};
    for (int l = 0; l < model->n_layers; l++) {
        if (!fs_atlas_is_chapter(model, l))
            continue;
        fs_status status = fs_atlas_add(atlas, &model->layers[l], NULL, s->per_layer, &why);
        if (status == FS_ERROR_MEMORY)
            return fs_fail_memory(err, "an atlas");
        if (status != FS_OK && !call->common.quiet)
            fprintf(stderr, "filterscope: left out: %s\n", why.message);
    }
    if (fs_atlas_layers(atlas, &layers) > 0)
        return FS_OK;
    return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: none of its layers can be rendered%s%.200s", model->path,
                   *why.message ? ": " : "", why.message);
}

static void say_done(const fs_call *call, const fs_atlas *atlas, int before, double seconds) {
    const settings *s = call->settings;
    int drawn = fs_atlas_count(atlas, FS_ATLAS_DRAWN), diverged = fs_atlas_count(atlas, FS_ATLAS_DIVERGED);
    if (call->common.quiet)
        return;
    fprintf(stderr, "%s: %d pictures", s->output, drawn);
    if (before > 0)
        fprintf(stderr, ", %d of them there before", before);
    if (diverged > 0)
        fprintf(stderr, ", %d diverged", diverged);
    fprintf(stderr, ", in %.0f s\n", seconds);
}

/* What is to be drawn is rank 0's to know. */
static fs_status plan(const fs_call *call, const fs_model *model, fs_atlas *atlas, fs_error *err) {
    const settings *s = call->settings;
    fs_status status = FS_OK;
    if (fs_cluster_rank(call->cluster) == 0) {
        status = s->all ? add_all(call, model, atlas, err) : add_one(call, model, atlas, err);
        if (status == FS_OK && s->resume)
            status = fs_atlas_resume(atlas, err);
    }
    return status;
}

static fs_status draw(const fs_call *call, fs_atlas *atlas, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    double start = fs_seconds();
    int before = fs_atlas_count(atlas, FS_ATLAS_DRAWN);
    fs_status status = fs_atlas_run(atlas, pool, s->batch, &call->progress, err);
    if (status == FS_OK)
        status = fs_atlas_write_sheets(atlas, &call->progress, err);
    fs_terminal_clear();
    if (status == FS_OK && fs_cluster_rank(call->cluster) == 0)
        say_done(call, atlas, before, fs_seconds() - start);
    if (status == FS_ERROR_CANCELLED) {
        char why[128];
        snprintf(why, sizeof why, "%.100s", err->message);
        return fs_fail(err, status, "%s; the same command with --resume goes on", why);
    }
    return status;
}

static fs_status prepare(const fs_call *call, fs_model *model, fs_atlas **out, fs_error *err) {
    const settings *s = call->settings;
    char text[FS_DIGEST_TEXT];
    fs_atlas_request request = {
        .folder = s->output, .fingerprint = text, .store = fs_tile_store(model), .cluster = call->cluster};
    request.render = *(const fs_render_settings *)call->extra;
    request.render.size = s->size;
    request.render.steps = s->steps;
    fs_status status = fingerprint(text, model->path, err);
    if (status == FS_OK)
        status = fs_atlas_create(out, model, &request, err);
    return status == FS_OK ? plan(call, model, *out, err) : status;
}

static fs_status run(fs_call *call, fs_error *err) {
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    fs_atlas *atlas = NULL;
    fs_status status = check(call, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = prepare(call, model, &atlas, err);
    status = fs_cluster_agree(call->cluster, status, err);
    if (status == FS_OK)
        status = draw(call, atlas, pool, err);
    fs_atlas_destroy(atlas);
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
