#include "ui/panel_surfaces.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "report/surface.h"

void fs_panel_surfaces_clear(fs_panel_surfaces *s) {
    for (int i = 0; s->list != NULL && i < s->of->n_tiles; i++)
        cairo_surface_destroy(s->list[i]); /* NULL is fine */
    fs_free(s->list);
    fs_panel_release(s->of);
    memset(s, 0, sizeof *s);
}

static cairo_surface_t *fitted(const fs_image *image, int side) {
    if (image->pixels == NULL || side < 1)
        return NULL;
    double scale = (double)side / (image->width > image->height ? image->width : image->height);
    int width = (int)fmax(1, round(image->width * scale)),
        height = (int)fmax(1, round(image->height * scale));
    cairo_surface_t *whole = fs_surface_from_image(image);
    cairo_surface_t *surface = whole != NULL ? fs_surface_scaled(whole, width, height) : NULL;
    cairo_surface_destroy(whole);
    return surface;
}

cairo_surface_t *fs_panel_surface(fs_panel_surfaces *s, fs_panel *panel, int tile, int side) {
    if (s->of != panel || s->side != side) {
        fs_panel_surfaces_clear(s);
        s->list = fs_calloc((size_t)panel->n_tiles, sizeof(cairo_surface_t *));
        if (s->list == NULL)
            return NULL;
        s->of = fs_panel_keep(panel);
        s->side = side;
    }
    if (s->list[tile] == NULL)
        s->list[tile] = fitted(&panel->tiles[tile].picture, side);
    return s->list[tile];
}
