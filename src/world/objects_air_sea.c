/* What flies and floats. */
#include <math.h>

#include "world/object.h"

/* ---- boat ---- */

static void sails(fs_pen *pen, double mast, double deck) {
    const double top = fs_pen_range(pen, -0.95, -0.8), foot = deck - fs_pen_range(pen, 0.1, 0.2);
    const double belly = fs_pen_range(pen, 0.05, 0.15);
    const bool two = fs_pen_chance(pen, 0.75);
    fs_pen_segment(pen, mast, deck + 0.05, mast, -0.97);
    fs_pen_line(pen, FS_PART_MAST, &pen->look.dark, 0.06);
    cairo_move_to(pen->picture, mast - 0.04, top);
    cairo_curve_to(pen->picture, mast - 0.2 - belly, top + 0.5, mast - 0.55, foot - 0.3, -0.8, foot);
    cairo_line_to(pen->picture, mast - 0.04, foot);
    cairo_close_path(pen->picture);
    fs_pen_fill(pen, FS_PART_SAIL, &pen->look.second);
    if (!two)
        return;
    cairo_move_to(pen->picture, mast + 0.05, top + 0.1);
    cairo_curve_to(pen->picture, mast + 0.3, top + 0.6, mast + 0.5, foot - 0.2, 0.8, foot);
    cairo_line_to(pen->picture, mast + 0.05, foot);
    cairo_close_path(pen->picture);
    fs_pen_fill(pen, FS_PART_SAIL, &pen->look.accent);
}

static void cabin(fs_pen *pen, double deck) {
    const double x = fs_pen_range(pen, -0.35, -0.1), height = fs_pen_range(pen, 0.4, 0.55);
    const int n = fs_pen_count(pen, 2, 3), funnels = fs_pen_count(pen, 1, 2);
    for (int i = 0; i < funnels; i++)
        fs_part_draw(pen, FS_PART_CHIMNEY, 0, x - 0.15 + 0.32 * i, deck - height - 0.18, 0.11, 0.24, 0);
    fs_pen_box(pen, x - 0.4, deck - height, x + 0.5, deck + 0.05, 0.04);
    fs_pen_fill(pen, FS_PART_CAB, &pen->look.second);
    for (int i = 0; i < n; i++)
        fs_part_draw(pen, FS_PART_WINDOW, FS_WINDOW_ROUND, x - 0.3 + 0.7 * (i + 0.5) / n, deck - height / 2,
                     0.1, 0.11, 0);
}

void fs_object_boat(fs_pen *pen) {
    const double deck = fs_pen_range(pen, 0.25, 0.4), bow = fs_pen_range(pen, 0.02, 0.15);
    if (fs_pen_chance(pen, 0.6))
        sails(pen, fs_pen_range(pen, -0.05, 0.15), deck);
    else
        cabin(pen, deck);
    cairo_move_to(pen->picture, -0.9, deck);
    cairo_line_to(pen->picture, 0.93, deck - bow);
    cairo_curve_to(pen->picture, 0.85, deck + 0.25, 0.7, 0.8, 0.45, 0.85);
    cairo_line_to(pen->picture, -0.55, 0.85);
    cairo_curve_to(pen->picture, -0.75, 0.8, -0.85, deck + 0.25, -0.9, deck);
    cairo_close_path(pen->picture);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_pen_segment(pen, -0.84, deck + 0.14, 0.85, deck + 0.14 - bow * 0.7);
    fs_pen_detail(pen, 1.6);
}

/* ---- aeroplane ---- */

static void cabin_windows(fs_pen *pen, double r) {
    const int n = fs_pen_count(pen, 4, 7);
    for (int i = 0; i < n; i++)
        fs_part_draw(pen, FS_PART_WINDOW, FS_WINDOW_ROUND, -0.45 + 0.95 * i / (n - 1), -0.07, 0.05, 0.055, 0);
    fs_pen_polygon(pen,
                   (const double[4][2]){{0.66, -r * 0.75}, {0.8, -r * 0.5}, {0.84, -0.02}, {0.62, -0.02}}, 4);
    fs_pen_fill(pen, FS_PART_WINDOW, &pen->look.glass);
}

static void propeller(fs_pen *pen) {
    const double length = fs_pen_range(pen, 0.3, 0.4), angle = fs_pen_range(pen, -0.3, 0.3);
    fs_pen_ellipse(pen, 0.95 + 0.03 * angle, -0.5 * length, 0.045, 0.55 * length);
    fs_pen_ellipse(pen, 0.95 - 0.03 * angle, 0.5 * length, 0.045, 0.55 * length);
    fs_pen_fill(pen, FS_PART_PROPELLER, &pen->look.dark);
}

void fs_object_aeroplane(fs_pen *pen) {
    const double r = fs_pen_range(pen, 0.17, 0.25), fin = fs_pen_range(pen, 0.38, 0.55);
    const double reach = fs_pen_range(pen, 0.36, 0.46), root = fs_pen_range(pen, -0.05, 0.12);
    const bool screw = fs_pen_chance(pen, 0.45);
    fs_part_draw(pen, FS_PART_WING, FS_WING_PLANE, root - 0.12, -0.14 - reach / 2, reach * 0.55, 0.2,
                 -M_PI / 2 - 0.35);
    fs_pen_polygon(
        pen, (const double[4][2]){{-0.95, -0.1 - fin}, {-0.76, -0.1 - fin}, {-0.45, -0.1}, {-0.88, -0.02}},
        4);
    fs_pen_fill(pen, FS_PART_TAIL, &pen->look.accent);
    fs_pen_blob(pen,
                (const double[8][2]){{-0.97, -0.1},
                                     {-0.6, -0.13},
                                     {0.2, -r},
                                     {0.7, -r * 0.8},
                                     {0.95, 0.02},
                                     {0.65, r * 0.85},
                                     {0, r * 0.9},
                                     {-0.6, r * 0.4}},
                8);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    cabin_windows(pen, r);
    fs_pen_polygon(pen, (const double[4][2]){{-0.92, -0.02}, {-0.65, -0.02}, {-0.82, 0.17}, {-0.98, 0.17}},
                   4);
    fs_pen_fill(pen, FS_PART_TAIL, &pen->look.second);
    fs_pen_polygon(pen,
                   (const double[4][2]){{root - 0.28, 0.06},
                                        {root + 0.2, 0.06},
                                        {root - 0.22, 0.25 + reach},
                                        {root - 0.45, 0.25 + reach}},
                   4);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.second);
    if (screw) {
        propeller(pen);
    } else {
        fs_pen_box(pen, root - 0.25, 0.3, root + 0.05, 0.44, 0.07);
        fs_pen_fill(pen, FS_PART_ENGINE, &pen->look.dark);
    }
}

/* ---- hot-air balloon ---- */

void fs_object_balloon(fs_pen *pen) {
    const double r = fs_pen_range(pen, 0.68, 0.78), basket = fs_pen_range(pen, 0.14, 0.2);
    const int gores = fs_pen_count(pen, 1, 3);
    for (int i = -1; i <= 1; i += 2)
        fs_pen_segment(pen, i * basket * 0.9, 0.72, i * 0.24, 0.3);
    fs_pen_line(pen, FS_PART_FRAME, &pen->look.dark, 0.035);
    cairo_move_to(pen->picture, -0.2, 0.5);
    cairo_curve_to(pen->picture, -0.35, 0.25, -r, 0.1, -r, -0.32);
    cairo_curve_to(pen->picture, -r, -0.75, -0.4, -0.98, 0, -0.98);
    cairo_curve_to(pen->picture, 0.4, -0.98, r, -0.75, r, -0.32);
    cairo_curve_to(pen->picture, r, 0.1, 0.35, 0.25, 0.2, 0.5);
    cairo_close_path(pen->picture);
    fs_pen_fill(pen, FS_PART_CANOPY, &pen->look.main);
    for (int i = 0; i < gores; i++) {
        const double x = r * (gores == 1 ? 0.4 : 0.75 * (i + 0.6) / gores);
        cairo_move_to(pen->picture, 0, -0.97);
        cairo_curve_to(pen->picture, -x * 1.5, -0.75, -x * 1.3, 0.1, -0.1, 0.48);
        cairo_move_to(pen->picture, 0, -0.97);
        cairo_curve_to(pen->picture, x * 1.5, -0.75, x * 1.3, 0.1, 0.1, 0.48);
        fs_pen_detail(pen, 1.2);
    }
    fs_pen_box(pen, -0.22, 0.44, 0.22, 0.52, 0.02);
    fs_pen_fill(pen, FS_PART_CANOPY, &pen->look.accent);
    fs_pen_box(pen, -basket, 0.7, basket, 0.97, 0.05);
    fs_pen_fill(pen, FS_PART_BASKET, &pen->look.second);
}
