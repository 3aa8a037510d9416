#include "ui/training_surfaces.h"

#include <string.h>

#include "report/surface.h"

void fs_training_surfaces_clear(fs_training_surfaces *s) {
    for (int i = 0; i < FS_TRAINING_FILTERS; i++)
        for (int k = 0; k < FS_FILTER_PICTURES; k++)
            cairo_surface_destroy(s->list[i][k]); /* NULL is fine */
    fs_training_shift_release(s->of);
    memset(s, 0, sizeof *s);
}

static const fs_image *image_of(const fs_training_filter *filter, fs_filter_picture which) {
    return which == FS_FILTER_BEFORE ? &filter->before
           : which == FS_FILTER_NOW  ? &filter->now
                                     : &filter->difference;
}

static cairo_surface_t *scaled(const fs_image *image, int side) {
    if (image->pixels == NULL || side < 1)
        return NULL;
    cairo_surface_t *whole = fs_surface_from_image(image);
    cairo_surface_t *surface = whole != NULL ? fs_surface_scaled(whole, side, side) : NULL;
    cairo_surface_destroy(whole);
    return surface;
}

cairo_surface_t *fs_training_surface(fs_training_surfaces *s, fs_training_shift *shift, int filter,
                                     fs_filter_picture which, int side) {
    if (s->of != shift || s->side != side) {
        fs_training_surfaces_clear(s);
        s->of = fs_training_shift_keep(shift);
        s->side = side;
    }
    cairo_surface_t **place = &s->list[filter][which];
    if (*place == NULL)
        *place = scaled(image_of(&shift->filters[filter], which), side);
    return *place;
}
