/* The pixels of a window, painted by Cairo straight into the memory that the window system takes them from:
 * a frame is copied once, and only where it has changed.
 *
 *     fs_window_surface_fit(&surface, window, &changed, &err);       // follows the window's size
 *     cairo_t *cr = fs_window_surface_begin(&surface, scale, &damage);
 *     ... draw ...
 *     fs_window_surface_end(&surface);
 *     fs_window_surface_free(&surface);
 *
 * The thread of the window. */
#ifndef FS_UI_WINDOW_SURFACE_H
#define FS_UI_WINDOW_SURFACE_H

#include <SDL.h>
#include <cairo.h>

#include "ui/damage.h"

typedef struct fs_window_surface {
    SDL_Window *window;
    SDL_Surface *native;    /* the window system's; SDL owns it */
    SDL_Surface *copied;    /* what Cairo paints where it cannot paint into that; NULL: it can */
    cairo_surface_t *cairo; /* of one of the two */
    cairo_t *cr;
    const void *pixels; /* of native */
    int width, height;  /* in pixels */
    SDL_Rect rects[FS_DAMAGE_RECTS];
    int n_rects; /* that are being drawn */
} fs_window_surface;

/* changed: there are new pixels, all of which must be drawn. Cheap when nothing changed. */
fs_status fs_window_surface_fit(fs_window_surface *surface, SDL_Window *window, bool *changed, fs_error *err);
/* Borrowed, in device pixels, clipped to what has changed; scale: of the rectangles to them. */
cairo_t *fs_window_surface_begin(fs_window_surface *surface, double scale, const fs_damage *damage);
void fs_window_surface_end(fs_window_surface *surface); /* and there it is on the screen */
void fs_window_surface_free(fs_window_surface *surface);

#endif
