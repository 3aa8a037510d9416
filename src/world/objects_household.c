/* Clock, cup, teapot, umbrella. */
#include <math.h>

#include "world/object.h"

/* ---- clock ---- */

static void hour_marks(fs_pen *pen, double y, double r) {
    const int n = fs_pen_chance(pen, 0.7) ? 12 : 4;
    for (int i = 0; i < n; i++) {
        const double a = 2 * M_PI * i / n, inner = i % 3 && n == 12 ? 0.84 : 0.74;
        fs_pen_segment(pen, r * inner * sin(a), y - r * inner * cos(a), r * 0.93 * sin(a),
                       y - r * 0.93 * cos(a));
    }
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    fs_pen_line(pen, FS_PART_DIAL, &pen->look.dark, 0.05);
    pen->look.outline = outline;
}

static void hands(fs_pen *pen, double y, double r) {
    const double minute = fs_pen_range(pen, 0, 2 * M_PI), hour = fs_pen_range(pen, 0, 2 * M_PI);
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    fs_part_draw(pen, FS_PART_HAND, 0, 0.4 * r * sin(minute), y - 0.4 * r * cos(minute), 0.4 * r, 0.04,
                 minute - M_PI / 2);
    fs_part_draw(pen, FS_PART_HAND, 0, 0.26 * r * sin(hour), y - 0.26 * r * cos(hour), 0.27 * r, 0.06,
                 hour - M_PI / 2);
    fs_pen_ellipse(pen, 0, y, 0.07, 0.07);
    fs_pen_fill(pen, FS_PART_HAND, &pen->look.accent);
    pen->look.outline = outline;
}

static void alarm_bells(fs_pen *pen, double y, double r) {
    for (int i = -1; i <= 1; i += 2) {
        fs_part_draw(pen, FS_PART_LEG, FS_LEG_INSECT, i * 0.5 * r, y + r * 0.98, 0.16 * i, 0.16, 0);
        fs_pen_ellipse(pen, i * 0.58 * r, y - 0.92 * r, 0.27 * r, 0.24 * r);
        fs_pen_fill(pen, FS_PART_BELL, &pen->look.second);
    }
}

void fs_object_clock(fs_pen *pen) {
    const int kind = fs_pen_count(pen, 0, 2);
    const double r = kind == 2 ? 0.72 : 0.82, y = kind == 2 ? 0.08 : 0, rim = fs_pen_range(pen, 0.78, 0.88);
    if (kind == 2)
        alarm_bells(pen, y, r);
    if (kind == 1)
        fs_pen_box(pen, -0.88, -0.88, 0.88, 0.88, fs_pen_range(pen, 0.05, 0.35));
    else
        fs_pen_ellipse(pen, 0, y, r + 0.06, r + 0.06);
    fs_pen_fill(pen, FS_PART_FRAME, &pen->look.main);
    fs_pen_ellipse(pen, 0, y, r * rim, r * rim);
    fs_pen_fill(pen, FS_PART_DIAL, &pen->look.light);
    hour_marks(pen, y, r * rim);
    hands(pen, y, r * rim);
}

/* ---- cup ---- */

static void steam(fs_pen *pen, double top) {
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    for (int i = -1; i <= 1; i++) {
        const double x = -0.12 + 0.24 * i;
        fs_pen_curve(pen,
                     (const double[4][2]){
                         {x, top - 0.1}, {x + 0.07, top - 0.2}, {x - 0.05, top - 0.3}, {x + 0.03, top - 0.4}},
                     4);
    }
    fs_pen_detail(pen, 1.6);
    pen->look.outline = outline;
}

void fs_object_cup(fs_pen *pen) {
    const double foot = fs_pen_range(pen, 0.28, 0.58), top = fs_pen_range(pen, -0.5, -0.3),
                 lip = fs_pen_range(pen, 0.1, 0.16);
    const double wide = 0.6, x = -0.12, round = fs_pen_range(pen, 0, 0.3);
    const bool saucer = fs_pen_chance(pen, 0.45), hot = fs_pen_chance(pen, 0.5);
    const double bottom = saucer ? 0.64 : 0.76;
    fs_part_draw(pen, FS_PART_HANDLE, 0, x + wide + 0.06, (top + bottom) / 2 - 0.04, 0.28,
                 (bottom - top) * 0.33, 0);
    if (saucer) {
        fs_pen_ellipse(pen, x, bottom + 0.05, 0.75, 0.14);
        fs_pen_fill(pen, FS_PART_BASE, &pen->look.second);
    }
    cairo_move_to(pen->picture, x - wide, top);
    cairo_curve_to(pen->picture, x - wide, top + 0.5, x - foot - round, bottom, x - foot, bottom);
    cairo_curve_to(pen->picture, x - foot * 0.5, bottom + 0.06, x + foot * 0.5, bottom + 0.06, x + foot,
                   bottom);
    cairo_curve_to(pen->picture, x + foot + round, bottom, x + wide, top + 0.5, x + wide, top);
    cairo_close_path(pen->picture);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_pen_ellipse(pen, x, top, wide, lip);
    fs_pen_fill(pen, FS_PART_RIM, &pen->look.light);
    fs_pen_ellipse(pen, x, top + 0.02, wide * 0.86, lip * 0.68);
    fs_pen_fill(pen, FS_PART_RIM, &pen->look.dark);
    if (hot)
        steam(pen, top);
}

/* ---- teapot ---- */

void fs_object_teapot(fs_pen *pen) {
    const double r = fs_pen_range(pen, 0.5, 0.6), top = fs_pen_range(pen, -0.4, -0.25),
                 foot = fs_pen_range(pen, 0.3, 0.42);
    fs_part_draw(pen, FS_PART_HANDLE, 0, -r - 0.12, 0.14, -0.27, 0.4, 0);
    fs_part_draw(pen, FS_PART_SPOUT, 0, r + 0.1, 0.1, 0.3, 0.34, 0);
    fs_pen_ellipse(pen, 0, top - 0.22, 0.1, 0.1);
    fs_pen_fill(pen, FS_PART_LID, &pen->look.accent);
    fs_pen_ellipse(pen, 0, top + 0.02, r * 0.62, 0.19);
    fs_pen_fill(pen, FS_PART_LID, &pen->look.second);
    fs_pen_blob(pen,
                (const double[8][2]){{-r * 0.7, top + 0.04},
                                     {0, top},
                                     {r * 0.7, top + 0.04},
                                     {r * 1.05, 0.2},
                                     {foot, 0.7},
                                     {0, 0.72},
                                     {-foot, 0.7},
                                     {-r * 1.05, 0.2}},
                8);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
}

/* ---- umbrella ---- */

void fs_object_umbrella(fs_pen *pen) {
    const int n = fs_pen_count(pen, 3, 5);
    const double rim = fs_pen_range(pen, -0.05, 0.1), hook = fs_pen_range(pen, 0.12, 0.17);
    fs_pen_segment(pen, 0, -0.97, 0, 0.98 - hook);
    fs_pen_line(pen, FS_PART_STEM, &pen->look.dark, 0.06);
    fs_pen_arc(pen, hook, 0.96 - hook, hook, 0.3, M_PI);
    fs_pen_line(pen, FS_PART_HANDLE, &pen->look.accent, 0.1);
    cairo_move_to(pen->picture, -0.93, rim);
    cairo_curve_to(pen->picture, -0.85, -0.6, -0.4, -0.88, 0, -0.88);
    cairo_curve_to(pen->picture, 0.4, -0.88, 0.85, -0.6, 0.93, rim);
    for (int i = n; i > 0; i--) {
        const double from = -0.93 + 1.86 * i / n, to = -0.93 + 1.86 * (i - 1) / n;
        cairo_curve_to(pen->picture, from - 0.2 / n, rim - 0.45 / n, to + 0.2 / n, rim - 0.45 / n, to, rim);
    }
    cairo_close_path(pen->picture);
    fs_pen_fill(pen, FS_PART_CANOPY, &pen->look.main);
    for (int i = 1; i < n; i++) {
        const double x = -0.93 + 1.86 * i / n;
        cairo_move_to(pen->picture, 0, -0.88);
        cairo_curve_to(pen->picture, x * 0.6, -0.75, x * 0.95, -0.4, x, rim);
    }
    fs_pen_detail(pen, 1.2);
}
