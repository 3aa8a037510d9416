/* The filters of a training at the size they are shown, each made when it is first needed.
 *
 *     cairo_surface_t *surface = fs_training_surface(&surfaces, shift, i, FS_FILTER_NOW, side);     //
 * borrowed
 *
 * The shift is kept, so that its address cannot come back as another one. One thread. */
#ifndef FS_UI_TRAINING_SURFACES_H
#define FS_UI_TRAINING_SURFACES_H

#include <cairo.h>

#include "app/training_shift.h"

typedef enum fs_filter_picture {
    FS_FILTER_BEFORE,
    FS_FILTER_NOW,
    FS_FILTER_DIFFERENCE,
    FS_FILTER_PICTURES
} fs_filter_picture;

typedef struct fs_training_surfaces {
    fs_training_shift *of;
    int side;
    cairo_surface_t *list[FS_TRAINING_FILTERS][FS_FILTER_PICTURES]; /* NULL until it is needed */
} fs_training_surfaces;

/* side x side device pixels. NULL when there is no picture, or memory is short. */
cairo_surface_t *fs_training_surface(fs_training_surfaces *surfaces, fs_training_shift *shift, int filter,
                                     fs_filter_picture which, int side);
void fs_training_surfaces_clear(fs_training_surfaces *surfaces);

#endif
