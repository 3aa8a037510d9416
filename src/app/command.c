#include "app/command.h"

#include <stdio.h>
#include <string.h>

#include "app/model_path.h"
#include "base/alloc.h"
#include "base/file.h"

const fs_option fs_common_options[] = {
    FS_OPTION_MODEL(
        fs_common_settings, model, "model", "",
        "model file (.onnx or .pb), with its sidecar NAME.json beside it, or a public model's name"),
    FS_OPTION_INT(fs_common_settings, threads, "threads", 0, 1024, "0",
                  "threads to compute with, 0: one per core"),
    FS_OPTION_U64(fs_common_settings, seed, "seed", "0", "start of every random sequence"),
    FS_OPTION_BOOL(fs_common_settings, quiet, "quiet", "no progress on the terminal"),
    FS_OPTION_BOOL(fs_common_settings, help, "help", "this help"),
    FS_OPTION_END};

static bool stands_in(const fs_option *const *tables, int n, const char *name) {
    for (int t = 0; t < n; t++)
        if (tables[t] && fs_options_find(tables[t], name))
            return true;
    return false;
}

const fs_option *fs_command_option(const fs_command *command, int n) {
    const fs_option *const tables[] = {command->options, command->extra_options, fs_common_options};
    for (int t = 0; t < 3; t++)
        for (const fs_option *o = tables[t]; o && o->name; o++)
            if (!stands_in(tables, t, o->name) && n-- == 0)
                return o;
    return NULL;
}

fs_status fs_call_parse(fs_call *call, fs_error *err) {
    const fs_option_set sets[] = {{call->command->options, call->settings},
                                  {call->command->extra_options, call->extra},
                                  {fs_common_options, &call->common}};
    return fs_arguments_parse(call->argc, call->argv, sets, 3, call->positional,
                              call->command->max_positional, &call->n_positional, err);
}

fs_status fs_call_usage(fs_call *call, fs_error *err, const char *format, ...) {
    char text[FS_ERROR_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    call->usage_error = true;
    return fs_fail(err, FS_ERROR_ARGUMENT, "%.400s (see `filterscope%s%s --help`)", text,
                   *call->command->name ? " " : "", call->command->name);
}

fs_status fs_call_load_model(fs_call *call, const char *path, fs_model **out, fs_error *err) {
    const char *chosen = path ? path : call->common.model;
    char *found = NULL;
    fs_status status = fs_model_path_find(&found, chosen, err);
    if (status == FS_OK)
        status = fs_model_load(out, found, err);
    fs_free(found);
    if (status == FS_OK && !(*out)->has_sidecar && !call->common.quiet)
        fprintf(stderr,
                "filterscope: %s has no sidecar: assuming %s in 0..1 with the usual ImageNet mean and "
                "deviation\n",
                chosen, fs_preprocess_channels(&(*out)->preprocess) == 1 ? "grey" : "RGB");
    return status;
}

fs_status fs_call_check_output(const char *path, fs_error *err) {
    fs_file_writer *writer = NULL;
    fs_status status = fs_file_writer_create(&writer, path, err);
    if (status == FS_OK)
        fs_file_writer_abandon(writer);
    return status;
}

fs_status fs_call_make_pool(const fs_call *call, fs_pool **out, fs_error *err) {
    return fs_pool_create(out, call->common.threads, err);
}

fs_status fs_call_find_layer(const fs_model *model, const char *name, int channel, const fs_layer **out,
                             fs_error *err) {
    const fs_layer *layer = fs_model_layer(model, name, err);
    if (!layer)
        return fs_error_prefix(err, err ? err->code : FS_ERROR_NOT_FOUND, "%s", model->path);
    if (channel >= layer->channels)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "%s: layer '%s' has channels 0 to %d, no %d", model->path,
                       layer->name, layer->channels - 1, channel);
    *out = layer;
    return FS_OK;
}
