#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/render_export.h"
#include "app/terminal.h"
#include "base/alloc.h"

enum { MAX_RETRIES = 3 };

typedef struct settings {
    char output[FS_OPTION_TEXT_SIZE], like[FS_OPTION_TEXT_SIZE];
} settings;

static const fs_option options[] = {
    FS_OPTION_TEXT(settings, output, "output", "", "PNG file to write (-o)"),
    FS_OPTION_TEXT(settings, like, "like", "",
                   "take every parameter from a PNG that render wrote; options override"),
    FS_OPTION_END};

/* The parameters inside the picture first, then the words of the command line once more on top of them. Sums
 * are split by threads, so the same bytes need as many as there were. */
static fs_status take_like(fs_call *call, char **model_path, fs_error *err) {
    const settings *s = call->settings;
    char path[FS_OPTION_TEXT_SIZE];
    memcpy(path, s->like, sizeof path);
    fs_render_origin origin = {0};
    fs_status status = fs_render_import(call->extra, model_path, path, err);
    if (status == FS_OK)
        status = fs_render_import_origin(&origin, path, err);
    if (status != FS_OK)
        return status;
    call->common.threads = origin.threads;
    return fs_call_parse(call, err);
}

static fs_status check(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    if (!*s->output)
        return fs_call_usage(call, err, "-o is needed");
    if (!*render->layer && fs_render_needs_layer(render))
        return fs_call_usage(call, err, "--layer is needed");
    fs_status status = fs_render_resolve(call->extra, err);
    if (status == FS_OK)
        status = fs_render_check_objective(render, err);
    call->usage_error = status == FS_ERROR_ARGUMENT || status == FS_ERROR_LIMIT;
    return status;
}

/* A run that left the finite numbers is repeated with a lower rate, which then stands in the picture's text
 * chunks. */
static fs_status render_finite(fs_call *call, const fs_model *model, fs_pool *pool, fs_image *image,
                               double *objective, fs_error *err) {
    fs_render_settings *s = call->extra;
    for (int retries = 0;; retries++) {
        fs_status status = fs_render_picture(model, s, pool, &call->progress, image, objective, err);
        fs_terminal_clear();
        if (status != FS_ERROR_DIVERGED || retries == MAX_RETRIES)
            return status;
        fprintf(stderr, "%s; now %g instead of %g\n", err->message, s->rate / 2, s->rate);
        s->rate /= 2;
    }
}

static fs_status render(fs_call *call, const fs_model *model, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render_settings = call->extra;
    fs_image image = {0};
    double objective = 0;
    fs_status status = render_finite(call, model, pool, &image, &objective, err);
    if (status != FS_OK && status != FS_ERROR_CANCELLED)
        fs_error_prefix(err, status, "%s", model->path);
    if (status == FS_OK)
        status = fs_render_export_with(
            model, render_settings,
            &(fs_render_origin){.threads = fs_pool_threads(pool), .objective = objective}, &image, s->output,
            err);
    fs_image_free(&image);
    if (status == FS_OK && !call->common.quiet)
        fprintf(stderr, "%s: objective %.4g after %d steps\n", s->output, objective, render_settings->steps);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    char *like_model = NULL;
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    fs_status status = *s->like ? take_like(call, &like_model, err) : FS_OK;
    if (status == FS_OK)
        status = check(call, err);
    if (status == FS_OK)
        status = fs_call_check_output(s->output, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, *call->common.model ? NULL : like_model, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = render(call, model, pool, err);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    fs_free(like_model);
    return status;
}

const fs_command fs_command_render = {
    .name = "render",
    .arguments = "(--layer L --channel C | --objective EXPRESSION) [options] -o OUT.png",
    .summary = "the picture that excites a channel, neuron, logit or layer most",
    .options = options,
    .settings_size = sizeof(settings),
    .extra_options = fs_render_options,
    .extra_size = sizeof(fs_render_settings),
    .run = run};
