/* What a shape is filled with: a colour, or a texture in three colours.
 *
 * A texture lies in the frame it is given, so that it turns and shears with the thing that carries it. */
#ifndef FS_WORLD_PAINT_H
#define FS_WORLD_PAINT_H

#include <cairo.h>

#include "base/random.h"
#include "world/colour.h"
#include "world/texture.h"

typedef struct fs_paint {
    fs_colour colours[3]; /* ground, middle, figure; plain paint has the first */
    int texture;          /* its label, FS_TEXTURE_NONE: plain */
    double scale;         /* cells of the texture in one unit of the frame */
    double angle;         /* of the texture in the frame, radians */
    fs_texture_place place;
} fs_paint;

fs_paint fs_paint_plain(fs_colour colour);
/* A texture by its label on a colour: figures differ from it by `contrast` in lightness, 0..1. */
fs_paint fs_paint_textured(fs_random *random, int texture, double lightness, double chroma, double hue,
                           double contrast);
/* Fills the path of `cr` and keeps it. `pixel` is the side of a pixel in units of `frame`. */
void fs_paint_fill(cairo_t *cr, const cairo_matrix_t *frame, double pixel, const fs_paint *paint);

#endif
