#include "ui/picture_surfaces.h"

#include <string.h>

#include "report/surface.h"

static void clear(fs_picture_place *place) {
    cairo_surface_destroy(place->surface); /* NULL is fine */
    fs_picture_release(place->of);
    memset(place, 0, sizeof *place);
}

cairo_surface_t *fs_picture_surface(fs_picture_surfaces *surfaces, int index, fs_picture *picture, int side) {
    fs_picture_place *place = &surfaces->places[index];
    if (place->of == picture && place->side == side)
        return place->surface;
    clear(place);
    cairo_surface_t *whole = fs_surface_from_image(&picture->image);
    place->surface = whole != NULL ? fs_surface_scaled(whole, side, side) : NULL;
    cairo_surface_destroy(whole);
    place->of = fs_picture_keep(picture);
    place->side = side;
    return place->surface;
}

void fs_picture_surfaces_clear(fs_picture_surfaces *surfaces) {
    for (int i = 0; i < FS_PICTURE_PLACES; i++)
        clear(&surfaces->places[i]);
}
