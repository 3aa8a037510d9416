/* The maps of all channels of a layer on one picture, as pictures in an order.
 *
 *     fs_channel_maps_make(&maps, activation, FS_MAPS_STRONGEST, 0, &err);
 *     ... maps.list[i].index, maps.list[i].picture ...
 *     fs_channel_maps_free(&maps);
 *
 * Black is the least value of a channel, or zero where that is less far down; a silent channel is black. */
#ifndef FS_APP_CHANNEL_MAPS_H
#define FS_APP_CHANNEL_MAPS_H

#include "viz/activation.h"

typedef enum fs_maps_order { FS_MAPS_STRONGEST, FS_MAPS_CHANNEL } fs_maps_order;
extern const char *const fs_maps_orders[]; /* their names; ended by a NULL */

typedef struct fs_channel_map {
    int index;
    float least, greatest;
    fs_image picture;
} fs_channel_map;

typedef struct fs_channel_maps {
    fs_channel_map *list;
    int n;
} fs_channel_maps;

/* Whether the layer has maps at all: else an error that names it. */
fs_status fs_channel_maps_check(const fs_model *model, const fs_layer *layer, fs_error *err);
/* Of the activation's last run; at most `top`, 0: all. */
fs_status fs_channel_maps_make(fs_channel_maps *out, const fs_activation *activation, fs_maps_order order,
                               int top, fs_error *err);
void fs_channel_maps_free(fs_channel_maps *maps); /* a zeroed one is fine */

#endif
