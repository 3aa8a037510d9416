/* The layers that the Picture view lays over each other, each made when it changes.
 *
 *     cairo_surface_t *photograph = fs_picture_photograph(&surfaces, inspection, 480, 480);      // borrowed
 *     cairo_surface_t *covered = fs_picture_covered(&surfaces, &occlusion, revision, colour);
 *
 * NULL when memory is short. Inspections are kept, so that their address cannot come back as another one. One
 * thread. */
#ifndef FS_UI_PICTURE_SURFACES_H
#define FS_UI_PICTURE_SURFACES_H

#include <cairo.h>

#include "app/inspection.h"
#include "app/occlusion.h"

typedef struct fs_picture_surfaces {
    fs_inspection *photograph_of, *over_of;
    cairo_surface_t *photograph, *over, *covered;
    unsigned revision; /* of `covered` */
} fs_picture_surfaces;

/* At the size it is shown at, in device pixels. */
cairo_surface_t *fs_picture_photograph(fs_picture_surfaces *surfaces, fs_inspection *picture, int width,
                                       int height);
/* Both of the crop's size: what is covered, the rest transparent; and an attribution. */
cairo_surface_t *fs_picture_covered(fs_picture_surfaces *surfaces, const fs_occlusion *covered,
                                    unsigned revision, fs_rgb colour);
cairo_surface_t *fs_picture_over(fs_picture_surfaces *surfaces, fs_inspection *attribution);
void fs_picture_surfaces_clear(fs_picture_surfaces *surfaces);

#endif
