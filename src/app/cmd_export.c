#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "app/commands.h"
#include "base/file.h"
#include "engine/export/model_write.h"
#include "engine/head.h"

typedef struct settings {
    char output[FS_OPTION_TEXT_SIZE], from[FS_OPTION_TEXT_SIZE], name[FS_OPTION_TEXT_SIZE],
        source[FS_OPTION_TEXT_SIZE];
    int classes, hidden;
    bool half;
} settings;

static const fs_option options[] = {
    FS_OPTION_FILE(settings, output, "output", "", "ONNX file to write (-o); its sidecar goes beside it"),
    FS_OPTION_INT(settings, classes, "classes", 0, FS_HEAD_MAX_CLASSES, "0",
                  "replace the classifier by a new one for so many classes, 0: keep it"),
    FS_OPTION_LAYER(settings, from, "from", "",
                    "layer the new classifier reads; the default is the last map of features"),
    FS_OPTION_INT(settings, hidden, "hidden", 0, FS_HEAD_MAX_HIDDEN, "0",
                  "units of a hidden layer in the new classifier, 0: none"),
    FS_OPTION_TEXT(settings, name, "name", "", "what the model is called from now on"),
    FS_OPTION_TEXT(settings, source, "source", "", "where it comes from, for its sidecar"),
    FS_OPTION_BOOL(settings, half, "half", "weights in half precision: half the size, rounded to 11 bits"),
    FS_OPTION_END};

static fs_status check(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    const char *dot = strrchr(fs_path_base(s->output), '.');
    if (!*s->output)
        return fs_call_usage(call, err, "-o is needed");
    if (!dot || strcasecmp(dot, ".onnx") != 0)
        return fs_call_usage(call, err, "-o %.200s: the name must end in .onnx", s->output);
    if (!s->classes && (*s->from || s->hidden))
        return fs_call_usage(call, err, "--from and --hidden go together with --classes");
    return FS_OK;
}

static fs_status replace_head(const fs_call *call, fs_model *model, fs_error *err) {
    const settings *s = call->settings;
    fs_head_options head = fs_head_options_default();
    head.classes = s->classes;
    head.hidden = s->hidden;
    head.seed = call->common.seed;
    int from = FS_NO_VALUE;
    fs_status status = FS_OK;
    if (*s->from) {
        const fs_layer *layer;
        status = fs_call_find_layer(model, s->from, -1, &layer, err);
        from = status == FS_OK ? layer->value : FS_NO_VALUE;
    } else {
        status = fs_model_head_input(&from, model, err);
    }
    return status == FS_OK ? fs_model_replace_head(model, from, &head, err) : status;
}

static fs_status write_model(const fs_call *call, const fs_model *model, fs_error *err) {
    const settings *s = call->settings;
    const fs_metadata metadata[] = {{"name", model->name}, {"source", model->source}};
    fs_onnx_write_options options_of_file = fs_onnx_write_options_default();
    options_of_file.metadata = metadata;
    options_of_file.n_metadata = model->source ? 2 : 1;
    options_of_file.half = s->half;
    fs_status status = fs_model_write(model, s->output, &options_of_file, err);
    const fs_layer *logits = fs_model_logits(model);
    if (status == FS_OK && logits && !call->common.quiet)
        fprintf(stderr, "%s: %d nodes, %d classes\n", s->output, model->graph->n_nodes, logits->channels);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    fs_status status = check(call, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, call->n_positional ? call->positional[0] : NULL, &model, err);
    if (status == FS_OK && s->classes)
        status = replace_head(call, model, err);
    if (status == FS_OK && *s->name)
        model->name = s->name;
    if (status == FS_OK && *s->source)
        model->source = s->source;
    if (status == FS_OK)
        status = write_model(call, model, err);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_export = {
    .name = "export",
    .arguments = "[MODEL] [options] -o OUT.onnx",
    .summary = "the model as ONNX with its sidecar, as it is or with a new classifier",
    .options = options,
    .settings_size = sizeof(settings),
    .max_positional = 1,
    .positional = FS_OPTION_MEANS_MODEL,
    .example = "export squeezenet1.1.onnx --classes 5 -o flowers.onnx",
    .run = run};
