/* The tiles of a panel at the size they are shown, each made when it is first needed.
 *
 *     cairo_surface_t *surface = fs_panel_surface(&surfaces, panel, i, side);      // borrowed
 *
 * The panel is kept, so that its address cannot come back as another one. One thread. */
#ifndef FS_UI_PANEL_SURFACES_H
#define FS_UI_PANEL_SURFACES_H

#include <cairo.h>

#include "app/panel.h"

typedef struct fs_panel_surfaces {
    fs_panel *of;
    int side;
    cairo_surface_t **list; /* one a tile; NULL until it is needed */
} fs_panel_surfaces;

/* Fitted into side x side device pixels, its proportions kept. NULL when memory is short. */
cairo_surface_t *fs_panel_surface(fs_panel_surfaces *surfaces, fs_panel *panel, int tile, int side);
void fs_panel_surfaces_clear(fs_panel_surfaces *surfaces);

#endif
