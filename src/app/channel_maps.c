#include "app/channel_maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/heat.h"

const char *const fs_maps_orders[] = {"strongest", "channel", NULL};

fs_status fs_channel_maps_check(const fs_model *model, const fs_layer *layer, fs_error *err) {
    if (layer->shape.rank != 4 || layer->shape.dim[2] * layer->shape.dim[3] == 1)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "%s: layer '%s' has no maps", model->path, layer->name);
    return FS_OK;
}

static int by_strength(const void *a, const void *b) {
    const fs_channel_map *x = a, *y = b;
    if (x->greatest != y->greatest)
        return x->greatest > y->greatest ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static fs_channel_map *list_channels(const fs_activation *activation) {
    int n = fs_activation_channels(activation);
    fs_map_geometry g = fs_activation_geometry(activation);
    fs_channel_map *list = fs_calloc((size_t)n, sizeof *list);
    for (int c = 0; c < n && list; c++) {
        const float *map = fs_activation_map(activation, c);
        list[c] = (fs_channel_map){.index = c, .least = map[0], .greatest = map[0]};
        for (int i = 1; i < g.height * g.width; i++) {
            list[c].least = fminf(list[c].least, map[i]);
            list[c].greatest = fmaxf(list[c].greatest, map[i]);
        }
    }
    return list;
}

static fs_status paint(fs_channel_map *c, const float *map, const fs_map_geometry *g, fs_error *err) {
    double low = fmin(c->least, 0), range = c->greatest - low;
    fs_status status = fs_image_create(&c->picture, g->width, g->height, 3, err);
    for (int i = 0; i < g->height * g->width && status == FS_OK; i++)
        fs_heat_sequential(range > 0 ? (map[i] - low) / range : 0, c->picture.pixels + (size_t)3 * (size_t)i);
    return status;
}

fs_status fs_channel_maps_make(fs_channel_maps *out, const fs_activation *activation, fs_maps_order order,
                               int top, fs_error *err) {
    int n = fs_activation_channels(activation);
    fs_map_geometry g = fs_activation_geometry(activation);
    fs_channel_maps maps = {.list = list_channels(activation)};
    if (!maps.list)
        return fs_fail_memory(err, "the maps of a layer");
    if (order == FS_MAPS_STRONGEST)
        qsort(maps.list, (size_t)n, sizeof *maps.list, by_strength);
    maps.n = top == 0 || top > n ? n : top;
    fs_status status = FS_OK;
    for (int i = 0; i < maps.n && status == FS_OK; i++)
        status = paint(&maps.list[i], fs_activation_map(activation, maps.list[i].index), &g, err);
    if (status == FS_OK)
        *out = maps;
    else
        fs_channel_maps_free(&maps);
    return status;
}

void fs_channel_maps_free(fs_channel_maps *maps) {
    for (int i = 0; i < maps->n; i++)
        fs_image_free(&maps->list[i].picture);
    fs_free(maps->list);
    memset(maps, 0, sizeof *maps);
}
