/* Parts of plants, vehicles, houses and vessels. */
#include <math.h>

#include "world/pen.h"

/* ---- plants ---- */

/* Root at x = -1. */
void fs_part_draw_petal(fs_pen *pen, int kind) {
    (void)kind;
    const double tip = fs_pen_range(pen, 0.2, 0.85), widest = fs_pen_range(pen, -0.1, 0.5);
    fs_pen_blob(
        pen,
        (const double[6][2]){
            {-1, -0.15}, {widest, -0.95}, {0.95, -tip * 0.6}, {0.95, tip * 0.6}, {widest, 0.95}, {-1, 0.15}},
        6);
    fs_pen_fill(pen, FS_PART_PETAL, &pen->look.main);
}

void fs_part_draw_leaf(fs_pen *pen, int kind) {
    const double widest = kind != FS_LEAF_BROAD ? 0 : fs_pen_range(pen, -0.5, -0.1);
    const double wide = kind != FS_LEAF_BROAD ? 0.75 : 1;
    const fs_paint green = fs_paint_plain(fs_colour_lch(
        fs_pen_range(pen, 0.45, 0.68), fs_pen_range(pen, 0.08, 0.16), fs_pen_range(pen, 1.9, 2.7)));
    fs_pen_blob(pen, (const double[4][2]){{-1, 0}, {widest, -wide}, {1, 0}, {widest, wide}}, 4);
    fs_pen_fill(pen, FS_PART_LEAF, &green);
    if (kind == FS_LEAF_BLADE)
        return;
    fs_pen_segment(pen, -0.95, 0, 0.75, 0);
    for (int i = 0; i < 3; i++) {
        const double x = -0.55 + 0.4 * i;
        fs_pen_segment(pen, x, 0, x + 0.3, -0.5 * wide);
        fs_pen_segment(pen, x, 0, x + 0.3, 0.5 * wide);
    }
    fs_pen_detail(pen, 0.8);
}

/* ---- vehicles ---- */

static void spokes(fs_pen *pen, int n, double inner, double outer) {
    for (int i = 0; i < n; i++) {
        const double a = 2 * M_PI * i / n;
        fs_pen_segment(pen, inner * cos(a), inner * sin(a), outer * cos(a), outer * sin(a));
    }
}

static void spoked_wheel(fs_pen *pen) {
    const int n = fs_pen_count(pen, 8, 13);
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    spokes(pen, n, 0.1, 0.9);
    fs_pen_line(pen, FS_PART_WHEEL, &pen->look.light, 0.045);
    pen->look.outline = outline;
    fs_pen_arc(pen, 0, 0, 0.9, 0, 2 * M_PI);
    cairo_close_path(pen->picture);
    fs_pen_line(pen, FS_PART_WHEEL, &pen->look.dark, 0.19);
    fs_pen_ellipse(pen, 0, 0, 0.14, 0.14);
    fs_pen_fill(pen, FS_PART_WHEEL, &pen->look.accent);
}

static void tyre(fs_pen *pen, bool disc) {
    const double rim = fs_pen_range(pen, 0.5, 0.72);
    const int n = fs_pen_count(pen, 5, 8);
    fs_pen_ellipse(pen, 0, 0, 1, 1);
    fs_pen_fill(pen, FS_PART_WHEEL, &pen->look.dark);
    fs_pen_ellipse(pen, 0, 0, rim, rim);
    fs_pen_fill(pen, FS_PART_WHEEL, disc ? &pen->look.accent : &pen->look.light);
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    if (!disc) {
        spokes(pen, n, 0, rim * 0.92);
        fs_pen_line(pen, FS_PART_WHEEL, &pen->look.dark, 0.1);
    }
    fs_pen_ellipse(pen, 0, 0, rim * 0.35, rim * 0.35);
    fs_pen_fill(pen, FS_PART_WHEEL, disc ? &pen->look.dark : &pen->look.accent);
    pen->look.outline = outline;
}

void fs_part_draw_wheel(fs_pen *pen, int kind) {
    if (kind == FS_WHEEL_SPOKES)
        spoked_wheel(pen);
    else
        tyre(pen, kind == FS_WHEEL_DISC);
}

void fs_part_draw_headlight(fs_pen *pen, int kind) {
    (void)kind;
    const fs_paint warm = fs_paint_plain(fs_colour_lch(0.93, 0.1, fs_pen_range(pen, 1.4, 1.9)));
    fs_pen_ellipse(pen, 0, 0, 1, 1);
    fs_pen_fill(pen, FS_PART_HEADLIGHT, &pen->look.dark);
    fs_pen_ellipse(pen, 0, 0, 0.75, 0.75);
    fs_pen_fill(pen, FS_PART_HEADLIGHT, &warm);
}

void fs_part_draw_saddle(fs_pen *pen, int kind) {
    (void)kind;
    fs_pen_blob(pen, (const double[5][2]){{-1, -0.6}, {0.1, -0.5}, {1, -0.2}, {0.95, 0.3}, {-0.8, 0.8}}, 5);
    fs_pen_fill(pen, FS_PART_SADDLE, &pen->look.dark);
}

/* ---- houses ---- */

void fs_part_draw_window(fs_pen *pen, int kind) {
    const int bars = fs_pen_count(pen, 1, 2);
    if (kind == FS_WINDOW_ROUND)
        fs_pen_ellipse(pen, 0, 0, 1, 1);
    else
        fs_pen_box(pen, -1, -1, 1, 1, kind == FS_WINDOW_BARS ? 0 : 0.25);
    fs_pen_fill(pen, FS_PART_WINDOW, kind == FS_WINDOW_PLAIN ? &pen->look.dark : &pen->look.light);
    const double outline = pen->look.outline, inner = kind == FS_WINDOW_PLAIN ? 0.9 : 0.78;
    pen->look.outline = 0;
    if (kind == FS_WINDOW_ROUND)
        fs_pen_ellipse(pen, 0, 0, inner, inner);
    else
        fs_pen_box(pen, -inner, -inner, inner, inner, kind == FS_WINDOW_BARS ? 0 : 0.2);
    fs_pen_fill(pen, FS_PART_WINDOW, &pen->look.glass);
    if (kind == FS_WINDOW_BARS) {
        for (int i = 1; i <= bars; i++)
            fs_pen_segment(pen, -0.9, -1 + 2.0 * i / (bars + 1), 0.9, -1 + 2.0 * i / (bars + 1));
        fs_pen_segment(pen, 0, -0.9, 0, 0.9);
        fs_pen_line(pen, FS_PART_WINDOW, &pen->look.light, 0.16);
    }
    pen->look.outline = outline;
}

void fs_part_draw_door(fs_pen *pen, int kind) {
    (void)kind;
    const bool round = fs_pen_chance(pen, 0.4), panels = fs_pen_chance(pen, 0.5);
    fs_pen_box(pen, -1, -1, 1, 1, 0);
    if (round) {
        cairo_new_path(pen->picture);
        cairo_move_to(pen->picture, -1, 1);
        cairo_line_to(pen->picture, -1, -0.4);
        cairo_curve_to(pen->picture, -1, -1.2, 1, -1.2, 1, -0.4);
        cairo_line_to(pen->picture, 1, 1);
        cairo_close_path(pen->picture);
    }
    fs_pen_fill(pen, FS_PART_DOOR, &pen->look.accent);
    if (panels) {
        fs_pen_box(pen, -0.6, -0.55, 0.6, 0, 0);
        fs_pen_box(pen, -0.6, 0.2, 0.6, 0.8, 0);
        fs_pen_detail(pen, 1);
    }
    fs_pen_ellipse(pen, 0.65, 0.12, 0.16, 0.09);
    fs_pen_fill(pen, FS_PART_DOOR, &pen->look.light);
}

void fs_part_draw_roof(fs_pen *pen, int kind) {
    const double ridge = kind == FS_ROOF_HIP ? fs_pen_range(pen, 0.45, 0.7) : fs_pen_range(pen, 0, 0.04);
    fs_pen_polygon(pen, (const double[4][2]){{-1, 1}, {-ridge, -1}, {ridge, -1}, {1, 1}}, 4);
    fs_pen_fill(pen, FS_PART_ROOF, &pen->look.second);
}

void fs_part_draw_chimney(fs_pen *pen, int kind) {
    (void)kind;
    fs_pen_box(pen, -0.75, -0.8, 0.75, 1, 0);
    fs_pen_fill(pen, FS_PART_CHIMNEY, &pen->look.accent);
    fs_pen_box(pen, -1, -1, 1, -0.65, 0);
    fs_pen_fill(pen, FS_PART_CHIMNEY, &pen->look.dark);
}

/* ---- vessels and clocks ---- */

/* A bow to the right; its ends are at x = -1. */
void fs_part_draw_handle(fs_pen *pen, int kind) {
    (void)kind;
    const double square = fs_pen_range(pen, 0.75, 1), thick = fs_pen_range(pen, 0.22, 0.36);
    fs_pen_curve(pen,
                 (const double[5][2]){
                     {-1, -0.75}, {0.4, -0.75 * square}, {0.8, 0.05}, {0.2, 0.7 * square}, {-1, 0.75}},
                 5);
    fs_pen_line(pen, FS_PART_HANDLE, &pen->look.second, thick);
}

/* Root at x = -1, mouth at the upper right. */
void fs_part_draw_spout(fs_pen *pen, int kind) {
    (void)kind;
    const double bend = fs_pen_range(pen, 0, 0.4);
    fs_pen_blob(pen,
                (const double[8][2]){{-1, 0.1},
                                     {-0.3, 0.1 - bend},
                                     {0.25, -0.7},
                                     {0.6, -1},
                                     {1, -0.85},
                                     {0.7, -0.4},
                                     {0.1, 0.7},
                                     {-1, 1}},
                8);
    fs_pen_fill(pen, FS_PART_SPOUT, &pen->look.main);
}

/* Of a clock: pivot at x = -1, tip at x = 1. */
void fs_part_draw_hand(fs_pen *pen, int kind) {
    (void)kind;
    const double widest = fs_pen_range(pen, -0.7, 0.5);
    fs_pen_polygon(pen, (const double[5][2]){{-1.15, -0.6}, {widest, -1}, {1, 0}, {widest, 1}, {-1.15, 0.6}},
                   5);
    fs_pen_fill(pen, FS_PART_HAND, &pen->look.dark);
}
