#include "ui/window_icon.h"

#include <cairo.h>
#include <string.h>

#include "base/builtin.h"

typedef struct source {
    const uint8_t *at, *end;
} source;

static cairo_status_t read_bytes(void *context, unsigned char *to, unsigned int size) {
    source *from = context;
    if ((size_t)(from->end - from->at) < size)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(to, from->at, size);
    from->at += size;
    return CAIRO_STATUS_SUCCESS;
}

/* Cairo keeps colours multiplied by their opacity, SDL wants them as they are. */
static void divide_by_opacity(cairo_surface_t *picture) {
    cairo_surface_flush(picture);
    uint8_t *pixels = cairo_image_surface_get_data(picture);
    const int stride = cairo_image_surface_get_stride(picture);
    for (int y = 0; y < cairo_image_surface_get_height(picture); y++)
        for (int x = 0; x < cairo_image_surface_get_width(picture); x++) {
            uint32_t *pixel = (uint32_t *)(void *)(pixels + (size_t)y * (size_t)stride) + x;
            const uint32_t opacity = *pixel >> 24;
            if (opacity == 0)
                continue;
            const uint32_t r = (*pixel >> 16 & 255) * 255 / opacity, g = (*pixel >> 8 & 255) * 255 / opacity,
                           b = (*pixel & 255) * 255 / opacity;
            *pixel = opacity << 24 | r << 16 | g << 8 | b;
        }
}

void fs_window_icon_set(SDL_Window *window) {
    const fs_builtin_file *file = fs_builtin_find(FS_BUILTIN_PREFIX "icon.png");
    if (!file)
        return;
    source from = {file->bytes, file->end};
    cairo_surface_t *picture = cairo_image_surface_create_from_png_stream(read_bytes, &from);
    if (cairo_surface_status(picture) == CAIRO_STATUS_SUCCESS &&
        cairo_image_surface_get_format(picture) == CAIRO_FORMAT_ARGB32) {
        divide_by_opacity(picture);
        SDL_Surface *icon = SDL_CreateRGBSurfaceWithFormatFrom(
            cairo_image_surface_get_data(picture), cairo_image_surface_get_width(picture),
            cairo_image_surface_get_height(picture), 32, cairo_image_surface_get_stride(picture),
            SDL_PIXELFORMAT_ARGB8888);
        if (icon)
            SDL_SetWindowIcon(window, icon);
        SDL_FreeSurface(icon); /* NULL is fine */
    }
    cairo_surface_destroy(picture);
}
