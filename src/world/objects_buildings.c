/* What stands: house, windmill, lighthouse. */
#include <math.h>

#include "world/object.h"

static void house_windows(fs_pen *pen, double wide, double top, double bottom, double door) {
    const int rows = bottom - top > 0.95 ? 2 : 1;
    const int columns = fs_pen_count(pen, 2, 3);
    const double w = 0.42 * wide / columns * 1.1, h = 0.15;
    const int kind = fs_pen_chance(pen, 0.75) ? FS_WINDOW_BARS : FS_WINDOW_ROUND;
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < columns; i++) {
            const double x = wide * (2 * (i + 0.5) / columns - 1);
            const double y = rows == 1 ? (top + bottom) / 2 - 0.05 : top + 0.26 + 0.46 * row;
            if (row < rows - 1 || fabs(x - door) > w + 0.17)
                fs_part_draw(pen, FS_PART_WINDOW, kind, x, y, kind == FS_WINDOW_ROUND ? h : w, h, 0);
        }
}

void fs_object_house(fs_pen *pen) {
    const double wide = fs_pen_range(pen, 0.6, 0.82), top = fs_pen_range(pen, -0.35, 0.0),
                 ridge = fs_pen_range(pen, -0.92, -0.75);
    const double door = wide * fs_pen_range(pen, -0.55, 0.55), height = fs_pen_range(pen, 0.23, 0.28);
    const int roof = fs_pen_chance(pen, 0.6) ? FS_ROOF_GABLE : FS_ROOF_HIP;
    if (fs_pen_chance(pen, 0.7))
        fs_part_draw(pen, FS_PART_CHIMNEY, 0, wide * 0.55, (ridge + top) / 2 - 0.1, 0.1, 0.26, 0);
    fs_pen_box(pen, -wide, top - 0.05, wide, 0.92, 0);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    house_windows(pen, wide, top, 0.92, door);
    fs_part_draw(pen, FS_PART_DOOR, 0, door, 0.92 - height, 0.14, height, 0);
    fs_part_draw(pen, FS_PART_ROOF, roof, 0, (ridge + top) / 2, wide + 0.12, (top - ridge) / 2, 0);
    if (roof == FS_ROOF_GABLE && top - ridge > 0.6)
        fs_part_draw(pen, FS_PART_WINDOW, FS_WINDOW_ROUND, 0, top - 0.2, 0.1, 0.1, 0);
}

/* ---- windmill ---- */

static void mill_sails(fs_pen *pen, double y, double turn, double length) {
    for (int i = 0; i < 4; i++) {
        fs_pen_enter(pen, 0, y, 1, 1, turn + i * M_PI / 2);
        fs_pen_box(pen, 0.16, 0.0, length, 0.2, 0);
        fs_pen_fill(pen, FS_PART_SAIL, &pen->look.light);
        for (int k = 1; k < 4; k++)
            fs_pen_segment(pen, 0.16 + (length - 0.16) * k / 4, 0, 0.16 + (length - 0.16) * k / 4, 0.2);
        fs_pen_segment(pen, 0.16, 0.1, length, 0.1);
        fs_pen_detail(pen, 0.8);
        fs_pen_segment(pen, 0, 0, length, 0);
        fs_pen_line(pen, FS_PART_FRAME, &pen->look.dark, 0.055);
        fs_pen_leave(pen);
    }
    fs_pen_ellipse(pen, 0, y, 0.08, 0.08);
    fs_pen_fill(pen, FS_PART_FRAME, &pen->look.accent);
}

void fs_object_windmill(fs_pen *pen) {
    const double foot = fs_pen_range(pen, 0.42, 0.55), neck = fs_pen_range(pen, 0.24, 0.32), y = -0.25;
    const double turn = fs_pen_range(pen, 0.1, M_PI / 2 - 0.1), length = fs_pen_range(pen, 0.66, 0.72);
    const double base = 0.95;
    fs_pen_polygon(pen,
                   (const double[4][2]){{-neck, y + 0.02}, {neck, y + 0.02}, {foot, base}, {-foot, base}}, 4);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_pen_blob(pen,
                (const double[5][2]){{-neck - 0.06, y + 0.06},
                                     {-neck * 0.8, y - 0.22},
                                     {0, y - 0.36},
                                     {neck * 0.8, y - 0.22},
                                     {neck + 0.06, y + 0.06}},
                5);
    fs_pen_fill(pen, FS_PART_CAP, &pen->look.second);
    fs_part_draw(pen, FS_PART_DOOR, 0, 0, base - 0.2, 0.12, 0.2, 0);
    fs_part_draw(pen, FS_PART_WINDOW, FS_WINDOW_BARS, 0, 0.32, 0.1, 0.11, 0);
    mill_sails(pen, y, turn, length);
}

/* ---- lighthouse ---- */

static void lantern(fs_pen *pen, double neck, double y) {
    const double w = neck * 0.72;
    fs_pen_box(pen, -w, y - 0.26, w, y, 0);
    fs_pen_fill(pen, FS_PART_WINDOW, &pen->look.glass);
    fs_part_draw(pen, FS_PART_HEADLIGHT, 0, 0, y - 0.13, 0.1, 0.1, 0);
    fs_pen_box(pen, -neck - 0.09, y - 0.03, neck + 0.09, y + 0.05, 0.02);
    fs_pen_fill(pen, FS_PART_FRAME, &pen->look.dark);
    fs_part_draw(pen, FS_PART_ROOF, FS_ROOF_GABLE, 0, y - 0.36, w + 0.08, 0.12, 0);
}

void fs_object_lighthouse(fs_pen *pen) {
    const double foot = fs_pen_range(pen, 0.34, 0.42), neck = fs_pen_range(pen, 0.2, 0.26),
                 top = fs_pen_range(pen, -0.52, -0.42);
    const int bands = fs_pen_count(pen, 4, 7);
    for (int i = 0; i < bands; i++) {
        const double a = (double)i / bands, b = (i + 1.0) / bands, y0 = top + a * (0.9 - top),
                     y1 = top + b * (0.9 - top);
        const double w0 = neck + a * (foot - neck), w1 = neck + b * (foot - neck);
        fs_pen_polygon(pen, (const double[4][2]){{-w0, y0}, {w0, y0}, {w1, y1}, {-w1, y1}}, 4);
        fs_pen_fill(pen, FS_PART_BODY, i & 1 ? &pen->look.light : &pen->look.main);
    }
    fs_pen_blob(pen, (const double[5][2]){{-0.55, 0.96}, {-0.4, 0.86}, {0, 0.84}, {0.42, 0.87}, {0.55, 0.96}},
                5);
    fs_pen_fill(pen, FS_PART_BASE, &pen->look.dark);
    fs_part_draw(pen, FS_PART_DOOR, 0, 0, 0.7, 0.1, 0.17, 0);
    fs_part_draw(pen, FS_PART_WINDOW, FS_WINDOW_ROUND, 0.02, 0.1, 0.07, 0.08, 0);
    lantern(pen, neck, top);
}
