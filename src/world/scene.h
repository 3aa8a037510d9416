/* What a picture is put together from, in this order: background, clutter behind, the thing, clutter before
 * it, finish. Each takes its random numbers from a stream of its own. Internal to src/world. */
#ifndef FS_WORLD_SCENE_H
#define FS_WORLD_SCENE_H

#include "base/image.h"
#include "world/object.h"

/* The paints of a thing that is to be seen before something of lightness `behind`. */
fs_look fs_look_draw(fs_random *random, double behind);

/* Paints of a background of about that lightness. */
fs_paint fs_background_paint(fs_random *random, double lightness, double textured);
/* Fills the picture. */
void fs_background_draw(fs_pen *pen, double lightness);

/* Things that are not what the picture is of. Behind: shapes and parts anywhere; before: at the rim. */
void fs_clutter_behind(fs_pen *pen, double lightness);
void fs_clutter_before(fs_pen *pen, double lightness);

/* The frame of a thing that lies within the picture whole, seen from somewhere. `pixel` receives the side of
 * a pixel in the frame. */
cairo_matrix_t fs_view_draw(fs_random *random, const fs_object_kind *kind, int size, double *pixel);

/* Light over the thing on its own layer, then its shadow and itself onto the picture. */
void fs_light_thing(cairo_t *thing, fs_random *random);
void fs_put_thing(cairo_t *picture, cairo_surface_t *layer, fs_random *random, int size);

/* Blur, colour of the light, gamma and noise; `out` has 3 channels and the surface's size. */
void fs_finish(fs_image *out, cairo_surface_t *picture, fs_random *random);

#endif
