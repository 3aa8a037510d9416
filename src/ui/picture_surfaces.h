/* A few pictures of the worker at the size they are shown, one a place.
 *
 *     cairo_surface_t *surface = fs_picture_surface(&surfaces, 3, picture, side);    // borrowed
 *
 * A place keeps its picture, so that its address cannot come back as another one. One thread. */
#ifndef FS_UI_PICTURE_SURFACES_H
#define FS_UI_PICTURE_SURFACES_H

#include <cairo.h>

#include "app/picture.h"

enum { FS_PICTURE_PLACES = 64 };

typedef struct fs_picture_place {
    fs_picture *of;
    int side;
    cairo_surface_t *surface;
} fs_picture_place;

typedef struct fs_picture_surfaces {
    fs_picture_place places[FS_PICTURE_PLACES];
} fs_picture_surfaces;

/* Scaled to side x side device pixels. NULL when memory is short. */
cairo_surface_t *fs_picture_surface(fs_picture_surfaces *surfaces, int place, fs_picture *picture, int side);
void fs_picture_surfaces_clear(fs_picture_surfaces *surfaces);

#endif
