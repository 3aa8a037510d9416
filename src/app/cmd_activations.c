#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "base/alloc.h"
#include "base/file.h"
#include "report/caption.h"
#include "report/tile_sheet.h"
#include "viz/activation.h"
#include "viz/heat.h"

enum { TILE_SIDE = 84 };

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int order, top;
} settings;

static const char *const orders[] = {"strongest", "channel", NULL};

static const fs_option options[] = {
    FS_OPTION_TEXT(settings, layer, "layer", "", "layer to look at"),
    FS_OPTION_CHOICE(settings, order, "order", orders, "strongest", "which channel comes first"),
    FS_OPTION_INT(settings, top, "top", 0, 1 << 24, "0", "how many channels to show, 0: all"),
    FS_OPTION_TEXT(settings, output, "output", "", "PNG file to write (-o)"), FS_OPTION_END};

typedef struct channel {
    int index;
    float least, greatest;
    char caption[32];
    fs_image picture;
} channel;

static int by_strength(const void *a, const void *b) {
    const channel *x = a, *y = b;
    if (x->greatest != y->greatest)
        return x->greatest > y->greatest ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static channel *list_channels(const fs_activation *activation) {
    int n = fs_activation_channels(activation);
    fs_map_geometry g = fs_activation_geometry(activation);
    channel *list = fs_calloc((size_t)n, sizeof *list);
    for (int c = 0; c < n && list; c++) {
        const float *map = fs_activation_map(activation, c);
        list[c] = (channel){.index = c, .least = map[0], .greatest = map[0]};
        for (int i = 1; i < g.height * g.width; i++) {
            list[c].least = fminf(list[c].least, map[i]);
            list[c].greatest = fmaxf(list[c].greatest, map[i]);
        }
    }
    return list;
}

/* Black is the least value of the channel, or zero where that is less far down; a silent channel is black. */
static fs_status paint(channel *c, const float *map, const fs_map_geometry *g, fs_error *err) {
    double low = fmin(c->least, 0), range = c->greatest - low;
    fs_status status = fs_image_create(&c->picture, g->width, g->height, 3, err);
    for (int i = 0; i < g->height * g->width && status == FS_OK; i++)
        fs_heat_sequential(range > 0 ? (map[i] - low) / range : 0, c->picture.pixels + (size_t)3 * (size_t)i);
    return status;
}

typedef struct sheet_words {
    const fs_model *model;
    const fs_layer *layer;
    const char *photograph;
    const settings *settings;
} sheet_words;

static fs_status draw(const sheet_words *w, const fs_tile *tiles, int shown, fs_image *out, fs_error *err) {
    char subtitle[3 * FS_CAPTION_SIZE], detail[3 * FS_CAPTION_SIZE], shape[FS_CAPTION_SIZE];
    snprintf(subtitle, sizeof subtitle, "%.200s \u00b7 %s \u00b7 %s", w->model->name,
             fs_caption_level(w->layer->level), fs_caption_shape(w->layer, shape));
    snprintf(detail, sizeof detail, "%.200s \u00b7 %s \u00b7 each channel's number and greatest activation",
             w->photograph, w->settings->order == 0 ? "strongest first" : "in order");
    fs_tile_sheet sheet = {.title = w->layer->name,
                           .subtitle = subtitle,
                           .detail = detail,
                           .tiles = tiles,
                           .n_tiles = shown,
                           .tile_side = TILE_SIDE};
    return fs_tile_sheet_draw(&sheet, out, err);
}

static fs_status make_sheet(const sheet_words *w, const fs_activation *activation, fs_image *out,
                            fs_error *err) {
    int n = fs_activation_channels(activation), shown = w->settings->top;
    fs_map_geometry g = fs_activation_geometry(activation);
    channel *list = list_channels(activation);
    fs_tile *tiles = fs_calloc((size_t)n, sizeof *tiles);
    fs_status status = list && tiles ? FS_OK : fs_fail_memory(err, "a sheet of maps");
    if (status == FS_OK && w->settings->order == 0)
        qsort(list, (size_t)n, sizeof *list, by_strength);
    shown = shown == 0 || shown > n ? n : shown;
    for (int i = 0; i < shown && status == FS_OK; i++) {
        char number[FS_CAPTION_SIZE];
        status = paint(&list[i], fs_activation_map(activation, list[i].index), &g, err);
        snprintf(list[i].caption, sizeof list[i].caption, "%d \u00b7 %.16s", list[i].index,
                 fs_caption_number(list[i].greatest, number));
        tiles[i] = (fs_tile){.picture = &list[i].picture, .caption = list[i].caption};
    }
    if (status == FS_OK)
        status = draw(w, tiles, shown, out, err);
    for (int i = 0; i < n && list; i++)
        fs_image_free(&list[i].picture);
    fs_free(list);
    fs_free(tiles);
    return status;
}

static fs_status look(const fs_call *call, const fs_model *model, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const char *path = call->positional[0];
    const fs_layer *layer = NULL;
    fs_activation *activation = NULL;
    fs_image photograph = {0}, page = {0};
    fs_status status = fs_call_find_layer(model, s->layer, -1, &layer, err);
    if (status == FS_OK && (layer->shape.rank != 4 || layer->shape.dim[2] * layer->shape.dim[3] == 1))
        status = fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: layer '%s' has no maps", model->path, layer->name);
    if (status == FS_OK)
        status = fs_image_read(&photograph, path, err);
    if (status == FS_OK)
        status = fs_activation_create(&activation, model, layer, pool, err);
    if (status == FS_OK)
        status = fs_activation_run(activation, &photograph, call->progress.cancel, err);
    if (status == FS_OK) {
        sheet_words words = {model, layer, fs_path_base(path), s};
        status = make_sheet(&words, activation, &page, err);
    }
    if (status == FS_OK)
        status = fs_image_write_png(&page, s->output, NULL, 0, err);
    fs_image_free(&page);
    fs_image_free(&photograph);
    fs_activation_destroy(activation);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    fs_model *model = NULL;
    fs_pool *pool = NULL;
    if (call->n_positional != 1 || !*s->layer || !*s->output)
        return fs_call_usage(call, err, "a picture, --layer and -o are needed");
    fs_status status = fs_call_check_output(s->output, err);
    if (status == FS_OK)
        status = fs_call_load_model(call, NULL, &model, err);
    if (status == FS_OK)
        status = fs_call_make_pool(call, &pool, err);
    if (status == FS_OK)
        status = look(call, model, pool, err);
    fs_pool_destroy(pool);
    fs_model_destroy(model);
    return status;
}

const fs_command fs_command_activations = {.name = "activations",
                                           .arguments = "IMAGE --layer L [options] -o OUT.png",
                                           .summary = "the maps of all channels of a layer on a picture",
                                           .options = options,
                                           .settings_size = sizeof(settings),
                                           .max_positional = 1,
                                           .run = run};
