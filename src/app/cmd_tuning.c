#include <math.h>
#include <stdio.h>

#include "app/commands.h"
#include "app/terminal.h"
#include "base/file.h"
#include "base/text.h"
#include "report/caption.h"
#include "report/polar_chart.h"

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], csv[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int channel;
} settings;

static const fs_option options[] = {
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer to test"),
    FS_OPTION_INT(settings, channel, "channel", -1, 1 << 24, "-1", "channel of the layer"),
    FS_OPTION_FILE(settings, csv, "csv", "", "CSV file to write with the responses"),
    FS_OPTION_FILE(settings, output, "output", "", "PNG file to write (-o)"), FS_OPTION_END};

static fs_status write_csv(const fs_tuning *t, const char *path, fs_error *err) {
    static const char *const kinds[] = {"grating", "patch"};
    fs_text text = {0};
    fs_text_add(&text, "stimulus,wavelength_px,theta_rad,response\n");
    for (int k = 0; k < FS_STIMULUS_KINDS; k++)
        for (int i = 0; i < t->wavelengths * t->orientations; i++)
            fs_text_add(&text, "%s,%.9g,%.9g,%.9g\n", kinds[k], t->wavelength[i / t->orientations],
                        fs_tuning_angle(t, i % t->orientations), (double)t->response[k][i]);
    fs_status status = fs_text_broken(&text) ? fs_fail_memory(err, "a table of responses")
                                             : fs_file_write(path, text.bytes, text.length, err);
    fs_text_free(&text);
    return status;
}

static fs_status write_page(const fs_model *model, const fs_layer *layer, int channel, const fs_tuning *t,
                            const char *path, fs_error *err) {
    char title[2 * FS_CAPTION_SIZE], subtitle[3 * FS_CAPTION_SIZE], name[FS_CAPTION_SIZE],
        field[FS_CAPTION_SIZE];
    fs_image image = {0};
    snprintf(title, sizeof title, "%.200s \u00b7 channel %s", layer->name,
             fs_caption_channel(model, layer, channel, name));
    snprintf(subtitle, sizeof subtitle, "%.200s \u00b7 %s \u00b7 %s", model->name,
             fs_caption_level(layer->level), fs_caption_field(layer, field));
    fs_tuning_page page = {title, subtitle, t};
    fs_status status = fs_tuning_page_draw(&page, &image, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, path, NULL, 0, err);
    fs_image_free(&image);
    return status;
}

static fs_status measure(fs_call *call, const fs_model *model, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const fs_layer *layer = NULL;
    fs_tuning tuning = {0};
    fs_status status = fs_call_find_layer(model, s->layer, s->channel, &layer, err);
    if (status != FS_OK)
        return status;
    status = fs_tuning_run(&tuning, model, layer, s->channel, call->extra, pool, &call->progress, err);
    fs_terminal_clear();
    if (status != FS_OK && status != FS_ERROR_CANCELLED)
        fs_error_prefix(err, status, "%s", model->path);
    if (status == FS_OK)
        status = write_page(model, layer, s->channel, &tuning, s->output, err);
    if (status == FS_OK && *s->csv)
        status = write_csv(&tuning, s->csv, err);
    fs_tuning_free(&tuning);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    if (!*s->layer || s->channel < 0 || !*s->output)
        return fs_call_usage(call, err, "--layer, --channel and -o are needed");
    fs_status status = fs_call_check_output(s->output, err);
    if (status == FS_OK && *s->csv)
        status = fs_call_check_output(s->csv, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = measure(call, model, pool, err);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_tuning = {.name = "tuning",
                                      .arguments = "--layer L --channel C [options] -o OUT.png",
                                      .summary = "how a channel answers to gratings and Gabor patches",
                                      .options = options,
                                      .settings_size = sizeof(settings),
                                      .extra_options = fs_tuning_options,
                                      .extra_size = sizeof(fs_tuning_settings),
                                      .example = "tuning --layer edge1 --channel 3 -o tuning.png",
                                      .run = run};
