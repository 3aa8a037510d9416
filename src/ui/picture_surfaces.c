#include "ui/picture_surfaces.h"

#include <string.h>

#include "report/surface.h"

/* Keeps the new one and lets go of the one before. */
static void adopt(fs_inspection **place, fs_inspection *inspection) {
    fs_inspection *before = *place;
    *place = fs_inspection_keep(inspection);
    fs_inspection_release(before);
}

cairo_surface_t *fs_picture_photograph(fs_picture_surfaces *s, fs_inspection *picture, int width,
                                       int height) {
    if (s->photograph_of == picture && s->photograph != NULL &&
        cairo_image_surface_get_width(s->photograph) == width &&
        cairo_image_surface_get_height(s->photograph) == height)
        return s->photograph;
    const fs_image *image = picture->fine.pixels != NULL ? &picture->fine : &picture->crop;
    cairo_surface_t *whole = fs_surface_from_image(image);
    cairo_surface_destroy(s->photograph); /* NULL is fine */
    s->photograph = whole != NULL ? fs_surface_scaled(whole, width, height) : NULL;
    cairo_surface_destroy(whole);
    adopt(&s->photograph_of, picture);
    return s->photograph;
}

cairo_surface_t *fs_picture_covered(fs_picture_surfaces *s, const fs_occlusion *covered, unsigned revision,
                                    fs_rgb colour) {
    fs_image image = {0};
    if (s->covered != NULL && s->revision == revision)
        return s->covered;
    cairo_surface_destroy(s->covered);
    s->covered = NULL;
    if (fs_occlusion_picture(covered, colour, &image, NULL) != FS_OK)
        return NULL;
    s->covered = fs_surface_from_image(&image);
    s->revision = revision;
    fs_image_free(&image);
    return s->covered;
}

cairo_surface_t *fs_picture_over(fs_picture_surfaces *s, fs_inspection *attribution) {
    if (s->over_of == attribution && s->over != NULL)
        return s->over;
    cairo_surface_destroy(s->over);
    s->over = fs_surface_from_image(&attribution->over);
    adopt(&s->over_of, attribution);
    return s->over;
}

void fs_picture_surfaces_clear(fs_picture_surfaces *s) {
    cairo_surface_destroy(s->photograph);
    cairo_surface_destroy(s->over);
    cairo_surface_destroy(s->covered);
    fs_inspection_release(s->photograph_of);
    fs_inspection_release(s->over_of);
    memset(s, 0, sizeof *s);
}
