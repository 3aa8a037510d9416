#include <stdio.h>

#include "app/channel_maps.h"
#include "app/commands.h"
#include "base/alloc.h"
#include "base/file.h"
#include "report/caption.h"
#include "report/tile_sheet.h"

enum { TILE_SIDE = 84 };

typedef struct settings {
    char layer[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE];
    int order, top;
} settings;

static const fs_option options[] = {
    FS_OPTION_LAYER(settings, layer, "layer", "", "layer to look at"),
    FS_OPTION_CHOICE(settings, order, "order", fs_maps_orders, "strongest", "which channel comes first"),
    FS_OPTION_INT(settings, top, "top", 0, 1 << 24, "0", "how many channels to show, 0: all"),
    FS_OPTION_FILE(settings, output, "output", "", "PNG file to write (-o)"), FS_OPTION_END};

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

enum { MAP_CAPTION_SIZE = 32 };

static fs_status make_sheet(const sheet_words *w, const fs_channel_maps *maps, fs_image *out, fs_error *err) {
    char(*captions)[MAP_CAPTION_SIZE] = fs_calloc((size_t)maps->n, sizeof *captions);
    fs_tile *tiles = fs_calloc((size_t)maps->n, sizeof *tiles);
    fs_status status = captions && tiles ? FS_OK : fs_fail_memory(err, "a sheet of maps");
    for (int i = 0; i < maps->n && status == FS_OK; i++) {
        char number[FS_CAPTION_SIZE];
        const fs_channel_map *map = &maps->list[i];
        snprintf(captions[i], MAP_CAPTION_SIZE, "%d \u00b7 %.16s", map->index,
                 fs_caption_number(map->greatest, number));
        tiles[i] = (fs_tile){.picture = &map->picture, .caption = captions[i]};
    }
    if (status == FS_OK)
        status = draw(w, tiles, maps->n, out, err);
    fs_free(captions);
    fs_free(tiles);
    return status;
}

static fs_status look(const fs_call *call, const fs_model *model, fs_pool *pool, fs_error *err) {
    const settings *s = call->settings;
    const char *path = call->positional[0];
    const fs_layer *layer = NULL;
    fs_activation *activation = NULL;
    fs_image photograph = {0}, page = {0};
    fs_channel_maps maps = {0};
    fs_status status = fs_call_find_layer(model, s->layer, -1, &layer, err);
    if (status == FS_OK)
        status = fs_channel_maps_check(model, layer, err);
    if (status == FS_OK)
        status = fs_image_read(&photograph, path, err);
    if (status == FS_OK)
        status = fs_activation_create(&activation, model, layer, pool, err);
    if (status == FS_OK)
        status = fs_activation_run(activation, &photograph, call->progress.cancel, err);
    if (status == FS_OK)
        status = fs_channel_maps_make(&maps, activation, (fs_maps_order)s->order, s->top, err);
    if (status == FS_OK) {
        sheet_words words = {model, layer, fs_path_base(path), s};
        status = make_sheet(&words, &maps, &page, err);
    }
    if (status == FS_OK)
        status = fs_image_write_png(&page, s->output, NULL, 0, err);
    fs_channel_maps_free(&maps);
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
                                           .positional = FS_OPTION_MEANS_FILE,
                                           .example = "activations zebra.jpg --layer texture1 -o maps.png",
                                           .run = run};
