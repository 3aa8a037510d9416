#include <math.h>
#include <stddef.h>

#include "world/scene.h"

/* One of the parts that can stand alone, at a place. */
static void stray_part(fs_pen *pen, double x, double y, double size) {
    int part;
    do
        part = 1 + fs_random_int(&pen->random, FS_PART_COUNT - 1);
    while (fs_part_kinds[part].draw == NULL);
    const int kind = fs_random_int(&pen->random, fs_part_kinds[part].n_kinds);
    const double flat = fs_part_kinds[part].aspect * fs_pen_range(pen, 0.8, 1.2),
                 angle = fs_pen_range(pen, -0.6, 0.6);
    pen->part_seed = fs_random_u64(&pen->random);
    fs_part_draw(pen, (fs_part)part, kind, x, y, size / sqrt(flat), size * sqrt(flat), angle);
}

static void stray_shape(fs_pen *pen, double x, double y, double size) {
    double points[7][2];
    const int kind = fs_random_int(&pen->random, 3), n = fs_pen_count(pen, 4, 7);
    fs_pen_enter(pen, x, y, size, size * fs_pen_range(pen, 0.5, 1), fs_pen_range(pen, -M_PI, M_PI));
    for (int i = 0; i < n; i++) {
        const double a = 2 * M_PI * i / n, r = fs_pen_range(pen, 0.7, 1);
        points[i][0] = r * cos(a);
        points[i][1] = r * sin(a);
    }
    if (kind == 0)
        fs_pen_blob(pen, (const double(*)[2])points, n);
    else if (kind == 1)
        fs_pen_polygon(pen, (const double(*)[2])points, n);
    else
        fs_pen_box(pen, -1, -1, 1, 1, 0.2);
    fs_pen_fill(pen, FS_PART_NONE, &pen->look.main);
    fs_pen_leave(pen);
}

static void stray(fs_pen *pen, double lightness, double x, double y, double size) {
    const double thickness = pen->thickness;
    pen->look = fs_look_draw(&pen->random, lightness + fs_pen_range(pen, -0.2, 0.2));
    if (fs_pen_chance(pen, 0.55))
        stray_part(pen, x, y, size);
    else
        stray_shape(pen, x, y, size);
    pen->thickness = thickness;
}

/* A place on the rim of the picture, `out` from its middle. */
static void rim(fs_pen *pen, double out, double *x, double *y) {
    const double along = fs_pen_range(pen, -1, 1), side = fs_pen_chance(pen, 0.5) ? out : -out;
    const bool upright = fs_pen_chance(pen, 0.6);
    *x = upright ? side : along;
    *y = upright ? along : side;
}

void fs_clutter_behind(fs_pen *pen, double lightness) {
    const int n = fs_random_int(&pen->random, 4);
    for (int i = 0; i < n; i++) {
        double x, y;
        rim(pen, fs_pen_range(pen, 0.55, 1), &x, &y);
        stray(pen, lightness, x, y, fs_pen_range(pen, 0.14, 0.34));
    }
}

/* Blades from below, or something that reaches in from outside. */
void fs_clutter_before(fs_pen *pen, double lightness) {
    if (fs_pen_chance(pen, 0.6))
        return;
    double x, y;
    if (fs_pen_chance(pen, 0.3)) {
        const int n = fs_pen_count(pen, 5, 12);
        pen->look = fs_look_draw(&pen->random, lightness);
        pen->look.outline = 0;
        for (int i = 0; i < n; i++) {
            const double at = -1 + 2 * (i + fs_random_unit(&pen->random)) / n,
                         high = fs_pen_range(pen, 0.1, 0.38);
            fs_part_draw(pen, FS_PART_LEAF, FS_LEAF_BLADE, at, 1, high, 0.05,
                         -M_PI / 2 + fs_pen_range(pen, -0.4, 0.4));
        }
        return;
    }
    const double size = fs_pen_range(pen, 0.2, 0.38);
    rim(pen, 1 + fs_pen_range(pen, 0, 0.35) * size, &x, &y);
    stray(pen, lightness, x, y, size);
}
