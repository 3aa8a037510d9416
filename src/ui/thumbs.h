/* The pictures of the wall: the newest of every channel seen so far, and for the layer on the screen the same
 * pictures scaled to the tiles, so that a frame only copies pixels.
 *
 *     fs_thumbs_put(thumbs, picture);                                  // keeps a reference
 *     surface = fs_thumbs_surface(thumbs, layer, channel, 224);        // borrowed until the next call
 *
 * Memory is bounded: layers looked at longest ago are forgotten first. One thread. */
#ifndef FS_UI_THUMBS_H
#define FS_UI_THUMBS_H

#include <cairo.h>

#include "app/picture.h"

typedef struct fs_thumbs fs_thumbs;

fs_status fs_thumbs_create(fs_thumbs **out, const fs_model *model, fs_error *err);
void fs_thumbs_destroy(fs_thumbs *thumbs);

/* The layer on the screen: scaled surfaces of another are dropped. */
void fs_thumbs_show_layer(fs_thumbs *thumbs, int layer);
void fs_thumbs_put(fs_thumbs *thumbs, fs_picture *picture);
/* NULL when there is none yet. Borrowed. */
fs_picture *fs_thumbs_picture(const fs_thumbs *thumbs, int layer, int channel);
bool fs_thumbs_finished(const fs_thumbs *thumbs, int layer, int channel);
int fs_thumbs_count_finished(const fs_thumbs *thumbs, int layer);
/* Of the layer on the screen, side device pixels wide and high; NULL when there is no picture. */
cairo_surface_t *fs_thumbs_surface(fs_thumbs *thumbs, int channel, int side);

#endif
