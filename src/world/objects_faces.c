/* What looks at you: face, cat, owl. */
#include <math.h>

#include "world/object.h"

/* ---- a person's face ---- */

/* A fringe of locks between the temples, longer or shorter, parted somewhere. */
static void hair(fs_pen *pen, double wide, int style) {
    const int n = fs_pen_count(pen, 3, 6);
    const double brow = style == 2 ? fs_pen_range(pen, -0.42, -0.34) : fs_pen_range(pen, -0.6, -0.48);
    const double part = fs_pen_range(pen, -0.5, 0.5), side = fs_pen_range(pen, -0.3, -0.05), in = wide * 0.84;
    cairo_t *cr = pen->picture;
    cairo_move_to(cr, -wide - 0.04, side);
    cairo_curve_to(cr, -wide - 0.1, -0.75, -0.4, -0.99, 0, -0.97);
    cairo_curve_to(cr, 0.4, -0.99, wide + 0.1, -0.75, wide + 0.04, side);
    cairo_line_to(cr, in, brow);
    for (int i = 1; i <= n; i++) {
        const double from = in * (1 - 2.0 * (i - 1) / n), to = in * (1 - 2.0 * i / n),
                     middle = (from + to) / 2;
        const double lift = 0.16 * (1 - fmin(1, fabs(middle - part)));
        cairo_curve_to(cr, from, brow + 0.1, middle, brow + 0.06 - lift, to, i < n ? brow - lift : brow);
    }
    cairo_close_path(cr);
    fs_pen_fill(pen, FS_PART_HAIR, &pen->look.second);
}

static void eyes_and_brows(fs_pen *pen, double apart, double y, double r) {
    const double lift = fs_pen_range(pen, -0.15, 0.15);
    for (int i = -1; i <= 1; i += 2) {
        fs_part_draw(pen, FS_PART_EYE, FS_EYE_FRONT, i * apart, y, r, r * 0.85, 0);
        fs_pen_curve(pen,
                     (const double[3][2]){{i * (apart - 0.14), y - 0.17},
                                          {i * apart, y - 0.22 - lift * 0.3},
                                          {i * (apart + 0.15), y - 0.16 + lift * 0.4}},
                     3);
        fs_pen_line(pen, FS_PART_HAIR, &pen->look.dark, 0.055);
    }
}

void fs_object_face(fs_pen *pen) {
    const double wide = fs_pen_range(pen, 0.55, 0.66), chin = fs_pen_range(pen, 0.84, 0.95),
                 jaw = fs_pen_range(pen, 0.3, 0.48);
    const double apart = fs_pen_range(pen, 0.24, 0.3), y = fs_pen_range(pen, -0.15, -0.05),
                 nose = fs_pen_range(pen, 0.07, 0.11);
    const int style = fs_pen_count(pen, 0, 2); /* short, long, fringe */
    if (style == 1) {
        fs_pen_blob(pen,
                    (const double[6][2]){{-wide - 0.1, 0.75},
                                         {-wide - 0.13, -0.3},
                                         {-0.4, -0.95},
                                         {0.4, -0.95},
                                         {wide + 0.13, -0.3},
                                         {wide + 0.1, 0.75}},
                    6);
        fs_pen_fill(pen, FS_PART_HAIR, &pen->look.second);
    }
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_EAR, FS_EAR_ROUND, i * (wide + 0.06), 0.03, 0.12, 0.18, 0);
    fs_pen_blob(pen,
                (const double[8][2]){{-wide, 0.05},
                                     {-wide * 0.92, -0.5},
                                     {0, -0.88},
                                     {wide * 0.92, -0.5},
                                     {wide, 0.05},
                                     {jaw + 0.08, 0.65},
                                     {0, chin},
                                     {-jaw - 0.08, 0.65}},
                8);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.main);
    hair(pen, wide, style);
    eyes_and_brows(pen, apart, y, fs_pen_range(pen, 0.11, 0.14));
    fs_pen_curve(
        pen,
        (const double[4][2]){{0.02, y + 0.08}, {-nose, y + 0.33}, {-nose * 0.6, y + 0.4}, {nose, y + 0.38}},
        4);
    fs_pen_line(pen, FS_PART_NOSE, &pen->look.dark, 0.045);
    fs_part_draw(pen, FS_PART_MOUTH, 0, 0, 0.55, fs_pen_range(pen, 0.2, 0.28), 0.14, 0);
}

/* ---- cat ---- */

static void whiskers(fs_pen *pen, double y) {
    for (int i = -1; i <= 1; i += 2)
        for (int k = -1; k <= 1; k++)
            fs_pen_segment(pen, i * 0.2, y + 0.05 * k, i * 0.72, y + 0.13 * k - 0.03);
    fs_pen_detail(pen, 1);
}

static void cat_head(fs_pen *pen, double x, double y, double size) {
    const double apart = fs_pen_range(pen, 0.3, 0.38), r = fs_pen_range(pen, 0.17, 0.22),
                 wide = fs_pen_range(pen, 0.74, 0.84);
    fs_pen_enter(pen, x, y, size, size, 0);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_EAR, FS_EAR_POINTED, i * 0.5, -0.62, 0.3, 0.4, i * 0.3);
    fs_pen_blob(pen,
                (const double[8][2]){{-wide, 0.1},
                                     {-0.58, -0.5},
                                     {0, -0.62},
                                     {0.58, -0.5},
                                     {wide, 0.1},
                                     {0.45, 0.6},
                                     {0, 0.7},
                                     {-0.45, 0.6}},
                8);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.main);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_EYE, FS_EYE_CAT, i * apart, -0.1, r, r, 0);
    fs_pen_ellipse(pen, -0.13, 0.34, 0.17, 0.14);
    fs_pen_ellipse(pen, 0.13, 0.34, 0.17, 0.14);
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    fs_pen_fill(pen, FS_PART_MOUTH, &pen->look.light);
    pen->look.outline = outline;
    fs_part_draw(pen, FS_PART_NOSE, 0, 0, 0.2, 0.09, 0.08, 0);
    whiskers(pen, 0.34);
    fs_pen_leave(pen);
}

/* It sits and looks at you: tail, body, forelegs, head. */
void fs_object_cat(fs_pen *pen) {
    const double wide = fs_pen_range(pen, 0.38, 0.5), size = fs_pen_range(pen, 0.52, 0.6);
    fs_part_draw(pen, FS_PART_TAIL, FS_TAIL_LONG, wide + 0.12, 0.5, 0.35, 0.42, 0);
    fs_pen_blob(pen,
                (const double[7][2]){{-wide, 0.85},
                                     {-wide * 0.95, 0.4},
                                     {-0.26, -0.1},
                                     {0.26, -0.1},
                                     {wide * 0.95, 0.4},
                                     {wide, 0.85},
                                     {0, 0.95}},
                7);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_LEG, FS_LEG_PAW, i * 0.14, 0.65, 0.1 * i, 0.31, 0);
    cat_head(pen, 0, -0.33, size);
}

/* ---- owl ---- */

void fs_object_owl(fs_pen *pen) {
    const double wide = fs_pen_range(pen, 0.52, 0.64), r = fs_pen_range(pen, 0.2, 0.26),
                 tuft = fs_pen_range(pen, 0.12, 0.2);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_LEG, FS_LEG_BIRD, i * 0.2, 0.86, 0.13 * i, 0.1, 0);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_EAR, FS_EAR_POINTED, i * 0.4, -0.8, tuft, 0.18, i * 0.4);
    fs_pen_blob(pen,
                (const double[8][2]){{-wide * 0.75, 0.7},
                                     {-wide, 0.1},
                                     {-wide * 0.92, -0.5},
                                     {0, -0.82},
                                     {wide * 0.92, -0.5},
                                     {wide, 0.1},
                                     {wide * 0.75, 0.7},
                                     {0, 0.88}},
                8);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_pen_ellipse(pen, 0, 0.4, wide * 0.55, 0.4);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.accent);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_WING, FS_WING_BIRD, i * wide * 0.88, 0.32, 0.45, i * 0.2, M_PI / 2);
    for (int i = -1; i <= 1; i += 2) {
        fs_pen_ellipse(pen, i * 0.25, -0.38, r + 0.07, r + 0.07);
        fs_pen_fill(pen, FS_PART_HEAD, &pen->look.second);
        fs_part_draw(pen, FS_PART_EYE, FS_EYE_WIDE, i * 0.25, -0.38, r, r, 0);
    }
    fs_part_draw(pen, FS_PART_BEAK, 0, 0, -0.18, 0.14, 0.1, M_PI / 2);
}
