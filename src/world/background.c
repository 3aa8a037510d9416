/* Backgrounds with the statistics of natural scenes: smooth, 1/f, occluding leaves, sky over ground, and
 * surfaces with a texture. */
#include <math.h>

#include "world/noise.h"
#include "world/scene.h"

fs_paint fs_background_paint(fs_random *random, double lightness, double textured) {
    const bool has_texture = fs_random_unit(random) < textured;
    const int texture = 1 + fs_random_int(random, FS_TEXTURE_COUNT - 1);
    const double chroma = fs_random_range(random, 0.02, 0.11), hue = fs_random_range(random, 0, 2 * M_PI);
    const double contrast = fs_random_range(random, 0.1, 0.26);
    const fs_paint paint = fs_paint_textured(random, texture, lightness, chroma, hue, contrast);
    return has_texture ? paint : fs_paint_plain(paint.colours[0]);
}

static void everything(fs_pen *pen) {
    fs_pen_box(pen, -1.01, -1.01, 1.01, 1.01, 0);
}

/* From one colour to the other, over the upper part of the picture down to `bottom`. */
static void gradient(fs_pen *pen, fs_colour from, fs_colour to, double bottom, double angle) {
    const double dx = sin(angle), dy = cos(angle), middle = (bottom - 1) / 2;
    cairo_pattern_t *ramp = cairo_pattern_create_linear(-dx, middle - dy, dx, middle + dy);
    cairo_pattern_add_color_stop_rgb(ramp, 0, from.r, from.g, from.b);
    cairo_pattern_add_color_stop_rgb(ramp, 1, to.r, to.g, to.b);
    cairo_set_source(pen->picture, ramp);
    cairo_rectangle(pen->picture, -1.01, -1.01, 2.02, bottom + 1.01);
    cairo_fill(pen->picture);
    cairo_pattern_destroy(ramp);
}

static void smooth(fs_pen *pen, double lightness) {
    const fs_paint a = fs_background_paint(&pen->random, lightness + 0.08, 0);
    const fs_paint b = fs_background_paint(&pen->random, lightness - 0.08, 0);
    gradient(pen, a.colours[0], b.colours[0], 1, fs_pen_range(pen, -M_PI, M_PI));
}

/* 1/f noise between two colours: the clouds' octaves without a name in the masks. */
static void noise(fs_pen *pen, double lightness) {
    fs_paint paint = fs_background_paint(&pen->random, lightness - 0.1, 1);
    const fs_paint other = fs_background_paint(&pen->random, lightness + 0.12, 0);
    for (int i = 0; fs_texture_kinds[paint.texture].value != fs_texture_clouds; i++)
        paint.texture = 1 + i;
    paint.colours[2] = other.colours[0];
    paint.colours[1] = fs_colour_mix(paint.colours[0], other.colours[0], 0.5);
    paint.scale *= 0.5;
    everything(pen);
    fs_paint_fill(pen->picture, &pen->frame, pen->pixel, &paint);
    cairo_new_path(pen->picture);
}

/* Discs over discs with radii like r^-3: edges at all scales (Lee, Mumford and Huang, 2001). */
static void dead_leaves(fs_pen *pen, double lightness) {
    const int n = fs_pen_count(pen, 50, 110);
    smooth(pen, lightness);
    for (int i = 0; i < n; i++) {
        const double u = fs_random_unit(&pen->random), small = 0.06, large = 0.7;
        const double r = 1 / sqrt((1 - u) / (large * large) + u / (small * small));
        const double x = fs_pen_range(pen, -1, 1), y = fs_pen_range(pen, -1, 1),
                     flat = fs_pen_range(pen, 0.5, 1);
        const fs_paint paint = fs_background_paint(&pen->random, lightness + fs_pen_range(pen, -0.13, 0.13),
                                                   r > 0.25 ? 0.35 : 0);
        fs_pen_enter(pen, x, y, 1, 1, fs_pen_range(pen, 0, M_PI));
        fs_pen_ellipse(pen, 0, 0, r, r * flat);
        fs_pen_fill(pen, FS_PART_NONE, &paint);
        fs_pen_leave(pen);
    }
}

/* Ridges behind one another, paler with distance. */
static void hills(fs_pen *pen, double lightness, double horizon) {
    const int n = fs_pen_count(pen, 0, 2);
    for (int i = 0; i < n; i++) {
        const fs_paint paint = fs_background_paint(&pen->random, lightness + 0.06 - 0.07 * i, 0.15);
        double points[9][2];
        for (int k = 0; k < 7; k++) {
            points[k][0] = -1.2 + 0.4 * k;
            points[k][1] = horizon - 0.1 + 0.06 * i - fs_pen_range(pen, 0, 0.3);
        }
        points[7][0] = 1.3;
        points[8][0] = -1.3;
        points[7][1] = points[8][1] = 1.2;
        fs_pen_blob(pen, (const double(*)[2])points, 9);
        fs_pen_fill(pen, FS_PART_NONE, &paint);
    }
}

static void landscape(fs_pen *pen, double lightness) {
    const double horizon = fs_pen_range(pen, -0.1, 0.55), hue = fs_pen_range(pen, 0, 2 * M_PI);
    const double chroma = fs_pen_range(pen, 0.02, 0.1);
    gradient(pen, fs_colour_lch(lightness + 0.02, chroma, hue),
             fs_colour_lch(lightness + 0.14, chroma * 0.5, hue + fs_pen_range(pen, -1, 1)), horizon + 0.1, 0);
    hills(pen, lightness, horizon);
    const fs_paint ground = fs_background_paint(&pen->random, lightness - 0.08, 0.3);
    fs_pen_box(pen, -1.1, horizon, 1.1, 1.1, 0);
    fs_pen_fill(pen, FS_PART_NONE, &ground);
}

static void surface(fs_pen *pen, double lightness) {
    const fs_paint paint = fs_background_paint(&pen->random, lightness, 1);
    everything(pen);
    fs_pen_fill(pen, FS_PART_NONE, &paint);
}

/* A wall and a floor or a table. */
static void room(fs_pen *pen, double lightness) {
    const double edge = fs_pen_range(pen, 0.2, 0.7), slope = fs_pen_range(pen, -0.15, 0.15);
    const fs_paint wall = fs_background_paint(&pen->random, lightness + 0.03, 0.25);
    const fs_paint ground = fs_background_paint(&pen->random, lightness - 0.1, 0.2);
    everything(pen);
    fs_pen_fill(pen, FS_PART_NONE, &wall);
    fs_pen_polygon(
        pen, (const double[4][2]){{-1.1, edge + slope}, {1.1, edge - slope}, {1.1, 1.1}, {-1.1, 1.1}}, 4);
    fs_pen_fill(pen, FS_PART_NONE, &ground);
}

void fs_background_draw(fs_pen *pen, double lightness) {
    static void (*const kinds[])(fs_pen *, double) = {smooth,  noise, dead_leaves, landscape,
                                                      surface, room,  landscape,   surface};
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    pen->look.roundness = fs_pen_range(pen, 0, 0.3);
    kinds[fs_random_int(&pen->random, sizeof kinds / sizeof *kinds)](pen, lightness);
    pen->look.outline = outline;
}
