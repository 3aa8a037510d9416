/* Swatches: pieces of any of a few shapes, told apart by their texture alone. They are why a network has to
 * learn textures: everything else wears one by chance. */
#include <math.h>
#include <stddef.h>

#include "world/object.h"

static void panel(fs_pen *pen) {
    const double w = fs_pen_range(pen, 0.72, 0.95), h = fs_pen_range(pen, 0.72, 0.95);
    fs_pen_box(pen, -w, -h, w, h, fs_pen_range(pen, 0, 0.3));
}

static void disc(fs_pen *pen) {
    fs_pen_ellipse(pen, 0, 0, fs_pen_range(pen, 0.8, 0.95), fs_pen_range(pen, 0.8, 0.95));
}

/* Four corners, drawn in or bulging out between them. */
static void cushion(fs_pen *pen) {
    const double corner = fs_pen_range(pen, 0.8, 0.95), side = fs_pen_range(pen, 0.66, 0.95);
    double points[8][2];
    for (int i = 0; i < 8; i++) {
        const double r = i % 2 ? side : corner * M_SQRT2 * 0.9, angle = M_PI / 4 * (i + 1);
        points[i][0] = r * cos(angle);
        points[i][1] = r * sin(angle);
    }
    fs_pen_blob(pen, (const double(*)[2])points, 8);
}

static void shield(fs_pen *pen) {
    const int corners = fs_pen_count(pen, 5, 8);
    const double turn = fs_pen_range(pen, 0, 2 * M_PI);
    double points[8][2];
    for (int i = 0; i < corners; i++) {
        points[i][0] = 0.95 * cos(turn + 2 * M_PI * i / corners);
        points[i][1] = 0.95 * sin(turn + 2 * M_PI * i / corners);
    }
    fs_pen_polygon(pen, (const double(*)[2])points, corners);
}

/* A blot without a shape of its own. */
static void patch(fs_pen *pen) {
    double points[9][2];
    for (int i = 0; i < 9; i++) {
        const double r = fs_pen_range(pen, 0.64, 0.97);
        points[i][0] = r * cos(2 * M_PI * i / 9);
        points[i][1] = r * sin(2 * M_PI * i / 9);
    }
    fs_pen_blob(pen, (const double(*)[2])points, 9);
}

/* The colour that the piece would have anyway, with the texture in it. */
static fs_paint swatch_paint(fs_pen *pen, fs_texture_value value) {
    fs_paint paint = pen->look.main;
    const fs_colour ground = paint.colours[0];
    const bool is_light = 0.3 * ground.r + 0.6 * ground.g + 0.1 * ground.b > 0.5;
    const fs_colour other = (is_light ? pen->look.dark : pen->look.light).colours[0];
    paint.colours[2] = fs_colour_mix(ground, other, fs_pen_range(pen, 0.3, 0.7));
    paint.colours[1] = fs_colour_mix(ground, paint.colours[2], 0.55);
    for (paint.texture = 1; fs_texture_kinds[paint.texture].value != value;)
        paint.texture++;
    paint.scale = fs_pen_range(pen, 2.4, 5);
    paint.angle = fs_pen_range(pen, 0, 2 * M_PI);
    paint.place.seed = (uint32_t)fs_random_u64(&pen->random);
    paint.place.variation = (float)fs_pen_range(pen, 0, 1);
    return paint;
}

static void swatch(fs_pen *pen, fs_texture_value texture) {
    static void (*const shapes[])(fs_pen *) = {panel, disc, cushion, shield, patch};
    const fs_paint paint = swatch_paint(pen, texture);
    shapes[fs_pen_count(pen, 0, (int)(sizeof shapes / sizeof *shapes) - 1)](pen);
    fs_pen_fill(pen, FS_PART_NONE, &paint);
}

void fs_object_stripes(fs_pen *pen) {
    swatch(pen, fs_texture_stripes);
}

void fs_object_checks(fs_pen *pen) {
    swatch(pen, fs_texture_checks);
}

void fs_object_dots(fs_pen *pen) {
    swatch(pen, fs_texture_dots);
}

void fs_object_brick(fs_pen *pen) {
    swatch(pen, fs_texture_brick);
}

void fs_object_waves(fs_pen *pen) {
    swatch(pen, fs_texture_waves);
}

void fs_object_knit(fs_pen *pen) {
    swatch(pen, fs_texture_knit);
}

void fs_object_tartan(fs_pen *pen) {
    swatch(pen, fs_texture_tartan);
}

void fs_object_fur(fs_pen *pen) {
    swatch(pen, fs_texture_fur);
}

void fs_object_scales(fs_pen *pen) {
    swatch(pen, fs_texture_scales);
}

void fs_object_wood(fs_pen *pen) {
    swatch(pen, fs_texture_wood);
}

void fs_object_marble(fs_pen *pen) {
    swatch(pen, fs_texture_marble);
}

void fs_object_leopard(fs_pen *pen) {
    swatch(pen, fs_texture_leopard);
}

void fs_object_honeycomb(fs_pen *pen) {
    swatch(pen, fs_texture_honeycomb);
}

void fs_object_triangles(fs_pen *pen) {
    swatch(pen, fs_texture_triangles);
}

void fs_object_crosses(fs_pen *pen) {
    swatch(pen, fs_texture_crosses);
}

void fs_object_stars(fs_pen *pen) {
    swatch(pen, fs_texture_stars);
}
