#include "ui/window_surface.h"

#include <math.h>
#include <string.h>

void fs_window_surface_free(fs_window_surface *surface) {
    if (surface->cr != NULL)
        cairo_destroy(surface->cr);
    cairo_surface_destroy(surface->cairo); /* NULL is fine */
    SDL_FreeSurface(surface->copied);      /* likewise */
    memset(surface, 0, sizeof *surface);
}

static fs_status sdl_failure(fs_error *err) {
    return fs_fail(err, FS_ERROR_IO, "cannot make a picture for the window: %s", SDL_GetError());
}

/* Cairo paints what X11 calls a visual of depth 24 and SDL RGB888; anything else is converted. */
static fs_status make(fs_window_surface *surface, SDL_Window *window, SDL_Surface *native, fs_error *err) {
    fs_window_surface_free(surface);
    surface->window = window;
    surface->native = native;
    surface->width = native->w;
    surface->height = native->h;
    surface->pixels = native->pixels;
    const Uint32 format = native->format->format;
    SDL_Surface *painted = native;
    if ((format != SDL_PIXELFORMAT_RGB888 && format != SDL_PIXELFORMAT_ARGB8888) || SDL_MUSTLOCK(native)) {
        painted = surface->copied =
            SDL_CreateRGBSurfaceWithFormat(0, native->w, native->h, 32, SDL_PIXELFORMAT_RGB888);
        if (painted == NULL)
            return sdl_failure(err);
    }
    surface->cairo = cairo_image_surface_create_for_data(painted->pixels, CAIRO_FORMAT_RGB24, native->w,
                                                         native->h, painted->pitch);
    surface->cr = cairo_create(surface->cairo);
    if (cairo_status(surface->cr) != CAIRO_STATUS_SUCCESS)
        return fs_fail_memory(err, "the window's picture");
    return FS_OK;
}

fs_status fs_window_surface_fit(fs_window_surface *surface, SDL_Window *window, bool *changed,
                                fs_error *err) {
    SDL_Surface *native = SDL_GetWindowSurface(window); /* another one when the size has changed */
    if (native == NULL)
        return sdl_failure(err);
    /* A new one may well be where the old one was. */
    *changed = native != surface->native || native->pixels != surface->pixels ||
               native->w != surface->width || native->h != surface->height;
    return *changed ? make(surface, window, native, err) : FS_OK;
}

/* Outwards to whole pixels, so that no edge is drawn half. */
static SDL_Rect pixels_of(const fs_window_surface *surface, fs_rect rect, double scale) {
    int left = (int)fmax(0, floor(rect.x * scale)), top = (int)fmax(0, floor(rect.y * scale));
    int right = (int)fmin(surface->width, ceil((rect.x + rect.w) * scale));
    int bottom = (int)fmin(surface->height, ceil((rect.y + rect.h) * scale));
    return (SDL_Rect){left, top, right > left ? right - left : 0, bottom > top ? bottom - top : 0};
}

cairo_t *fs_window_surface_begin(fs_window_surface *surface, double scale, const fs_damage *damage) {
    surface->n_rects = 0;
    if (damage->all)
        surface->rects[surface->n_rects++] = (SDL_Rect){0, 0, surface->width, surface->height};
    for (int i = 0; i < damage->n; i++) {
        SDL_Rect rect = pixels_of(surface, damage->rects[i], scale);
        if (rect.w > 0 && rect.h > 0)
            surface->rects[surface->n_rects++] = rect;
    }
    cairo_save(surface->cr);
    cairo_new_path(surface->cr);
    for (int i = 0; i < surface->n_rects; i++)
        cairo_rectangle(surface->cr, surface->rects[i].x, surface->rects[i].y, surface->rects[i].w,
                        surface->rects[i].h);
    cairo_clip(surface->cr);
    return surface->cr;
}

void fs_window_surface_end(fs_window_surface *surface) {
    cairo_restore(surface->cr);
    cairo_surface_flush(surface->cairo);
    for (int i = 0; surface->copied != NULL && i < surface->n_rects; i++) {
        SDL_Rect to = surface->rects[i];
        SDL_BlitSurface(surface->copied, &surface->rects[i], surface->native, &to);
    }
    if (surface->n_rects > 0)
        SDL_UpdateWindowSurfaceRects(surface->window, surface->rects, surface->n_rects);
}
