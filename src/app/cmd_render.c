#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/render_export.h"
#include "app/terminal.h"
#include "base/alloc.h"

typedef struct settings {
    char output[FS_OPTION_TEXT_SIZE], like[FS_OPTION_TEXT_SIZE];
} settings;

static const fs_option options[] = {
    FS_OPTION_TEXT(settings, output, "output", "", "PNG file to write (-o)"),
    FS_OPTION_TEXT(settings, like, "like", "",
                   "take every parameter from a PNG that render wrote; options override"),
    FS_OPTION_END};

/* The parameters inside the picture first, then the words of the command line once more on top of them. */
static fs_status take_like(fs_call *call, char **model_path, fs_error *err) {
    const settings *s = call->settings;
    char path[FS_OPTION_TEXT_SIZE];
    memcpy(path, s->like, sizeof path);
    fs_status status = fs_render_import(call->extra, model_path, path, err);
    return status == FS_OK ? fs_call_parse(call, err) : status;
}

static fs_status check(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render = call->extra;
    if (!*s->output)
        return fs_call_usage(call, err, "-o is needed");
    if (!*render->layer && render->objective != FS_OBJECTIVE_LOGIT)
        return fs_call_usage(call, err, "--layer is needed");
    return FS_OK;
}

static fs_status render(fs_call *call, const fs_model *model, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const fs_render_settings *render_settings = call->extra;
    fs_image image = {0};
    double objective = 0;
    fs_status status =
        fs_render_picture(model, render_settings, pool, &call->progress, &image, &objective, err);
    fs_terminal_clear();
    if (status != FS_OK && status != FS_ERROR_CANCELLED)
        fs_error_prefix(err, status, "%s", model->path);
    if (status == FS_OK)
        status = fs_render_export(model, render_settings, &image, s->output, err);
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

const fs_command fs_command_render = {.name = "render",
                                      .arguments = "--layer L --channel C [options] -o OUT.png",
                                      .summary =
                                          "the picture that excites a channel, neuron, logit or layer most",
                                      .options = options,
                                      .settings_size = sizeof(settings),
                                      .extra_options = fs_render_options,
                                      .extra_size = sizeof(fs_render_settings),
                                      .run = run};
