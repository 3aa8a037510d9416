/* A few pictures of the worker at the size they are shown, one a place.
 *
 *     cairo_surface_t *surface = fs_picture_place_surface(&places, 3, picture, side);    // borrowed
 *
 * A place keeps its picture, so that its address cannot come back as another one. One thread. */
#ifndef FS_UI_PICTURE_PLACES_H
#define FS_UI_PICTURE_PLACES_H

#include <cairo.h>

#include "app/picture.h"

enum { FS_PICTURE_PLACE_COUNT = 64 };

typedef struct fs_picture_place {
    fs_picture *of;
    int side;
    cairo_surface_t *surface;
} fs_picture_place;

typedef struct fs_picture_places {
    fs_picture_place all[FS_PICTURE_PLACE_COUNT];
} fs_picture_places;

/* Scaled to side x side device pixels. NULL when memory is short. */
cairo_surface_t *fs_picture_place_surface(fs_picture_places *places, int place, fs_picture *picture,
                                          int side);
void fs_picture_places_clear(fs_picture_places *places);

#endif
