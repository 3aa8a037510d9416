#include "ui/picture_places.h"

#include <string.h>

#include "report/surface.h"

static void clear(fs_picture_place *place) {
    cairo_surface_destroy(place->surface); /* NULL is fine */
    fs_picture_release(place->of);
    memset(place, 0, sizeof *place);
}

cairo_surface_t *fs_picture_place_surface(fs_picture_places *places, int index, fs_picture *picture,
                                          int side) {
    fs_picture_place *place = &places->all[index];
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

void fs_picture_places_clear(fs_picture_places *places) {
    for (int i = 0; i < FS_PICTURE_PLACE_COUNT; i++)
        clear(&places->all[i]);
}
