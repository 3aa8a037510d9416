#include <stdio.h>

#include "app/commands.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/neighbour_weights.h"
#include "report/caption.h"
#include "report/weights_sheet.h"

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], json[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int channel, top, order;
    bool to;
} settings;

static const char *const orders[] = {"sum", "norm", NULL};

static const fs_option options[] = {
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer to look at"),
    FS_OPTION_INT(settings, channel, "channel", -1, 1 << 24, "-1", "channel of the layer"),
    FS_OPTION_BOOL(settings, to, "to", "the weights to the layers that follow instead of those from before"),
    FS_OPTION_INT(settings, top, "top", 1, 1024, "12", "how many of each sign"),
    FS_OPTION_CHOICE(settings, order, "order", orders, "sum", "strongest by the kernel's sum or its norm"),
    FS_OPTION_FILE(settings, json, "json", "", "JSON file to write with all kernels"),
    FS_OPTION_FILE(settings, output, "output", "", "PNG file to write (-o)"),
    FS_OPTION_END};

typedef struct job {
    const settings *settings;
    const fs_model *model;
    const fs_layer *layer;
    const fs_neighbour_weights *weights;
} job;

enum { MAX_NAMED = 3 };

/* "features.7.expand1x1 and features.7.expand3x3": layers of the list, each once. */
static void name_layers(const job *j, char *text, size_t size) {
    int named[MAX_NAMED], n = 0, i = 0;
    size_t used = 0;
    for (; i < j->weights->n; i++) {
        const int layer = j->weights->items[i].layer;
        int k = 0;
        while (k < n && named[k] != layer)
            k++;
        if (k < n)
            continue;
        if (n == MAX_NAMED)
            break;
        named[n++] = layer;
    }
    for (int k = 0; k < n && used < size; k++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%.100s",
                             k == 0                           ? ""
                             : k + 1 < n || i < j->weights->n ? ", "
                                                              : " and ",
                             named[k] == FS_LAYER_PICTURE ? "the picture" : j->model->layers[named[k]].name);
    if (i < j->weights->n && used < size)
        snprintf(text + used, size - used, " and others");
}

/* "128 kernels of 3 x 3 from features.3" */
static void describe(const job *j, char text[3 * FS_CAPTION_SIZE]) {
    const fs_neighbour_weights *w = j->weights;
    char size[64] = "of several sizes", names[2 * FS_CAPTION_SIZE] = "";
    int i = 1;
    while (i < w->n && w->items[i].height == w->items[0].height && w->items[i].width == w->items[0].width)
        i++;
    if (i == w->n)
        snprintf(size, sizeof size, "of %d \u00d7 %d", w->items[0].height, w->items[0].width);
    name_layers(j, names, sizeof names);
    snprintf(text, 3 * FS_CAPTION_SIZE, "%d kernel%s %s %s %s", w->n, w->n == 1 ? "" : "s", size,
             j->settings->to ? "to" : "from", names);
}

static fs_status write_page(const job *j, fs_error *err) {
    char title[2 * FS_CAPTION_SIZE], subtitle[2 * FS_CAPTION_SIZE], detail[3 * FS_CAPTION_SIZE],
        name[FS_CAPTION_SIZE];
    fs_image image = {0};
    describe(j, detail);
    snprintf(title, sizeof title, "%.200s \u00b7 channel %s", j->layer->name,
             fs_caption_channel(j->model, j->layer, j->settings->channel, name));
    snprintf(subtitle, sizeof subtitle, "%.200s \u00b7 %s", j->model->name,
             fs_caption_level(j->layer->level));
    fs_weights_sheet sheet = {.model = j->model,
                              .title = title,
                              .subtitle = subtitle,
                              .detail = detail,
                              .weights = j->weights,
                              .direction = j->settings->to ? FS_WEIGHTS_TO : FS_WEIGHTS_FROM,
                              .top = j->settings->top,
                              .by_norm = j->settings->order == 1};
    fs_status status = fs_weights_sheet_draw(&sheet, &image, err);
    if (status == FS_OK)
        status = fs_image_write_png(&image, j->settings->output, NULL, 0, err);
    fs_image_free(&image);
    return status;
}

static void add_weight(fs_text *text, const fs_model *model, const fs_neighbour_weight *w) {
    fs_text_add(text, "    {\"layer\": ");
    if (w->layer == FS_LAYER_PICTURE)
        fs_text_add(text, "null");
    else
        fs_text_add_json(text, model->layers[w->layer].name);
    fs_text_add(text, ", \"channel\": %d, \"sum\": %.9g, \"norm\": %.9g, \"kernel\": [", w->channel,
                (double)w->sum, (double)w->norm);
    for (int i = 0; i < w->height * w->width; i++) {
        const char *open = i % w->width == 0 ? i ? "], [" : "[" : ", ";
        fs_text_add(text, "%s%.9g", open, (double)w->kernel[i]);
    }
    fs_text_add(text, "]]}");
}

static fs_status write_json(const job *j, fs_error *err) {
    fs_text text = {0};
    fs_text_add(&text, "{\n  \"format\": 1,\n  \"model\": ");
    fs_text_add_json(&text, j->model->name);
    fs_text_add(&text, ",\n  \"layer\": ");
    fs_text_add_json(&text, j->layer->name);
    fs_text_add(&text, ",\n  \"channel\": %d,\n  \"direction\": \"%s\",\n  \"weights\": [",
                j->settings->channel, j->settings->to ? "to" : "from");
    for (int i = 0; i < j->weights->n; i++) {
        fs_text_add(&text, i ? ",\n" : "\n");
        add_weight(&text, j->model, &j->weights->items[i]);
    }
    fs_text_add(&text, "\n  ]\n}\n");
    fs_status status = fs_text_broken(&text) ? fs_fail_memory(err, "the numbers of the weights")
                                             : fs_file_write(j->settings->json, text.bytes, text.length, err);
    fs_text_free(&text);
    return status;
}

static fs_status show(const fs_call *call, const fs_model *model, fs_error *err) {
    const settings *s = call->settings;
    const fs_layer *layer = NULL;
    fs_neighbour_weights weights = {0};
    fs_status status = fs_call_find_layer(model, s->layer, s->channel, &layer, err);
    if (status != FS_OK)
        return status;
    status = fs_neighbour_weights_find(&weights, model, layer, s->channel,
                                       s->to ? FS_WEIGHTS_TO : FS_WEIGHTS_FROM, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", model->path);
    const job j = {s, model, layer, &weights};
    if (*s->output)
        status = write_page(&j, err);
    if (status == FS_OK && *s->json)
        status = write_json(&j, err);
    fs_neighbour_weights_free(&weights);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    fs_status status = FS_OK;
    if (!*s->layer || s->channel < 0)
        return fs_call_usage(call, err, "--layer and --channel are needed");
    if (!*s->output && !*s->json)
        return fs_call_usage(call, err, "-o or --json is needed");
    if (*s->output)
        status = fs_call_check_output(s->output, err);
    if (status == FS_OK && *s->json)
        status = fs_call_check_output(s->json, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = show(call, model, err);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_weights = {.name = "weights",
                                       .arguments = "--layer L --channel C [options] -o OUT.png",
                                       .summary = "the weights that feed a channel, or that it feeds",
                                       .options = options,
                                       .settings_size = sizeof(settings),
                                       .example = "weights --layer texture1 --channel 3 -o weights.png",
                                       .run = run};
