/* Flower, tree, mushroom. */
#include <math.h>

#include "world/object.h"

/* ---- flower ---- */

static void ring_of_petals(fs_pen *pen, int n, double y, double inner, double outer, double wide) {
    const double turn = fs_pen_range(pen, 0, M_PI), half = (outer - inner) / 2, middle = (outer + inner) / 2;
    for (int i = 0; i < n; i++) {
        const double a = turn + 2 * M_PI * i / n;
        fs_part_draw(pen, FS_PART_PETAL, 0, middle * cos(a), y + middle * sin(a), half, wide, a);
    }
}

void fs_object_flower(fs_pen *pen) {
    const int n = fs_pen_count(pen, 5, 11);
    const double r = fs_pen_range(pen, 0.48, 0.58), centre = fs_pen_range(pen, 0.14, 0.24), y = -0.98 + r;
    const double bend = fs_pen_range(pen, -0.15, 0.15),
                 wide = fs_pen_range(pen, 0.85, 1.2) * M_PI * 0.62 * r / n;
    const fs_paint stem =
        fs_paint_plain(fs_colour_lch(fs_pen_range(pen, 0.42, 0.6), 0.12, fs_pen_range(pen, 2.0, 2.6)));
    fs_pen_curve(pen, (const double[3][2]){{0, y}, {bend, 0.45}, {bend * 0.3, 0.95}}, 3);
    fs_pen_line(pen, FS_PART_STEM, &stem, fs_pen_range(pen, 0.06, 0.1));
    fs_part_draw(pen, FS_PART_LEAF, FS_LEAF_LONG, bend + 0.3, 0.55, 0.32, 0.16, -0.5);
    if (fs_pen_chance(pen, 0.7))
        fs_part_draw(pen, FS_PART_LEAF, FS_LEAF_LONG, bend - 0.28, 0.66, 0.3, 0.15, M_PI + 0.5);
    ring_of_petals(pen, n, y, centre * 0.6, r, wide);
    fs_pen_ellipse(pen, 0, y, centre, centre);
    fs_pen_fill(pen, FS_PART_CENTRE, &pen->look.accent);
}

/* ---- tree ---- */

/* A crown of bulges around an ellipse. */
static void round_crown(fs_pen *pen) {
    const int n = fs_pen_count(pen, 7, 11);
    const double rx = fs_pen_range(pen, 0.5, 0.64), ry = fs_pen_range(pen, 0.46, 0.56), y = -0.3;
    for (int i = 0; i < n; i++) {
        const double a = 2 * M_PI * i / n, r = fs_pen_range(pen, 0.16, 0.22);
        fs_pen_ellipse(pen, rx * 0.76 * cos(a), y + ry * 0.76 * sin(a), r + 0.04, r + 0.04);
        fs_pen_fill(pen, FS_PART_CROWN, &pen->look.main);
    }
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    fs_pen_ellipse(pen, 0, y, rx * 0.86, ry * 0.86);
    fs_pen_fill(pen, FS_PART_CROWN, &pen->look.main);
    pen->look.outline = outline;
}

static void fir_crown(fs_pen *pen) {
    const int n = fs_pen_count(pen, 3, 4);
    const double wide = fs_pen_range(pen, 0.55, 0.75);
    for (int i = n - 1; i >= 0; i--) {
        const double top = -0.98 + 1.25 * i / n, bottom = top + 1.75 / n,
                     w = wide * (0.5 + 0.5 * (i + 1) / n);
        fs_pen_polygon(
            pen,
            (const double[5][2]){
                {0, top}, {w, bottom}, {w * 0.4, bottom - 0.07}, {-w * 0.4, bottom - 0.07}, {-w, bottom}},
            5);
        fs_pen_fill(pen, FS_PART_CROWN, &pen->look.main);
    }
}

/* Fronds from one point: a palm. */
static void palm_crown(fs_pen *pen, double x) {
    const int n = fs_pen_count(pen, 6, 8);
    for (int i = 0; i < n; i++) {
        const double a = M_PI * 1.3 * ((double)i / (n - 1) - 0.5) - M_PI / 2, c = cos(a), s = sin(a);
        fs_pen_blob(pen,
                    (const double[6][2]){{x, -0.45},
                                         {x + 0.35 * c + 0.08 * s, -0.55 + 0.35 * s - 0.08},
                                         {x + 0.72 * c, -0.42 + 0.4 * s},
                                         {x + 0.74 * c, -0.28 + 0.4 * s},
                                         {x + 0.4 * c, -0.4 + 0.32 * s},
                                         {x, -0.4}},
                    6);
        fs_pen_fill(pen, FS_PART_CROWN, &pen->look.main);
    }
}

void fs_object_tree(fs_pen *pen) {
    const int kind = fs_pen_count(pen, 0, 3);
    const double thick = fs_pen_range(pen, 0.08, 0.13), lean = kind == 3 ? fs_pen_range(pen, -0.1, 0.1) : 0;
    fs_pen_blob(pen,
                (const double[6][2]){{-thick * 1.7, 0.97},
                                     {-thick, 0.5},
                                     {lean - thick * 0.7, -0.4},
                                     {lean + thick * 0.7, -0.4},
                                     {thick, 0.5},
                                     {thick * 1.7, 0.97}},
                6);
    fs_pen_fill(pen, FS_PART_TRUNK, &pen->look.second);
    if (kind == 3)
        palm_crown(pen, lean);
    else if (kind == 2)
        fir_crown(pen);
    else
        round_crown(pen);
}

/* ---- mushroom ---- */

static void cap_spots(fs_pen *pen, double wide, double top, double rim) {
    const int n = fs_pen_count(pen, 4, 7);
    for (int i = 0; i < n; i++) {
        const double x = wide * 1.5 * ((i + 0.5) / n - 0.5), r = fs_pen_range(pen, 0.06, 0.11);
        const double high = sqrt(1 - x * x / (wide * wide)),
                     y = rim - 0.12 - (rim - top - 0.25) * high * (i & 1 ? 0.9 : 0.35);
        fs_pen_ellipse(pen, x, y, r * 1.1, r);
    }
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    fs_pen_fill(pen, FS_PART_CAP, &pen->look.light);
    pen->look.outline = outline;
}

void fs_object_mushroom(fs_pen *pen) {
    const double wide = fs_pen_range(pen, 0.7, 0.9), top = fs_pen_range(pen, -0.92, -0.65),
                 rim = fs_pen_range(pen, 0, 0.15);
    const double stem = fs_pen_range(pen, 0.17, 0.28), foot = stem * fs_pen_range(pen, 1, 1.5);
    const bool spots = fs_pen_chance(pen, 0.6);
    fs_pen_blob(
        pen,
        (const double[6][2]){
            {-stem, rim - 0.1}, {stem, rim - 0.1}, {stem, 0.5}, {foot, 0.88}, {-foot, 0.88}, {-stem, 0.5}},
        6);
    fs_pen_fill(pen, FS_PART_STEM, &pen->look.second);
    fs_pen_ellipse(pen, 0, rim, wide * 0.97, 0.13);
    fs_pen_fill(pen, FS_PART_CAP, &pen->look.light);
    cairo_move_to(pen->picture, -wide, rim);
    cairo_curve_to(pen->picture, -wide * 1.05, top + 0.2, -wide * 0.5, top, 0, top);
    cairo_curve_to(pen->picture, wide * 0.5, top, wide * 1.05, top + 0.2, wide, rim);
    cairo_curve_to(pen->picture, wide * 0.5, rim + 0.04, -wide * 0.5, rim + 0.04, -wide, rim);
    cairo_close_path(pen->picture);
    fs_pen_fill(pen, FS_PART_CAP, &pen->look.main);
    if (spots)
        cap_spots(pen, wide, top, rim);
}
