#include "report/cells.h"

#include <math.h>

#include "viz/heat.h"

enum { LARGEST_DRAWN = 64 }; /* numbers a side that are rectangles of their own; more become a picture */

fs_colour fs_cell_heat(double share) {
    uint8_t rgb[3];
    fs_heat_diverging(share, rgb);
    return (fs_colour){rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0, 1};
}

fs_rect fs_cells_fit(fs_rect rect, int height, int width) {
    double cell = fmin(rect.w / width, rect.h / height);
    if (cell >= 1)
        cell = floor(cell);
    const double w = cell * width, h = cell * height;
    return (fs_rect){rect.x + floor((rect.w - w) / 2), rect.y + floor((rect.h - h) / 2), w, h};
}

void fs_draw_outline(fs_canvas *canvas, fs_rect rect) {
    fs_stroke_rounded(canvas, (fs_rect){rect.x - 1, rect.y - 1, rect.w + 2, rect.h + 2}, 0, 1,
                      fs_canvas_theme(canvas)->line);
}

static void draw_picture(fs_canvas *canvas, fs_rect rect, int height, int width, fs_cell_colour colour,
                         const void *context) {
    fs_image image = {0};
    if (fs_image_create(&image, width, height, 3, NULL) != FS_OK) {
        fs_canvas_give_up(canvas);
        return;
    }
    for (int i = 0; i < height * width; i++) {
        const fs_colour c = colour(context, i);
        image.pixels[3 * i] = (uint8_t)lrint(255 * c.r);
        image.pixels[3 * i + 1] = (uint8_t)lrint(255 * c.g);
        image.pixels[3 * i + 2] = (uint8_t)lrint(255 * c.b);
    }
    fs_draw_image(canvas, rect, &image);
    fs_image_free(&image);
}

void fs_draw_cells(fs_canvas *canvas, fs_rect rect, int height, int width, fs_cell_colour colour,
                   const void *context) {
    fs_draw_outline(canvas, rect);
    if (height > LARGEST_DRAWN || width > LARGEST_DRAWN) {
        draw_picture(canvas, rect, height, width, colour, context);
        return;
    }
    const double w = rect.w / width, h = rect.h / height;
    for (int i = 0; i < height * width; i++)
        fs_fill_rect(canvas, (fs_rect){rect.x + i % width * w, rect.y + i / width * h, w, h},
                     colour(context, i));
}
