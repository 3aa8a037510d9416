/* What rolls. Everything drives to the right. */
#include <math.h>

#include "world/object.h"

static void wheels(fs_pen *pen, const double *x, int n, double y, double r) {
    const int kind = fs_pen_chance(pen, 0.6) ? FS_WHEEL_RIM : FS_WHEEL_DISC;
    for (int i = 0; i < n; i++)
        fs_part_draw(pen, FS_PART_WHEEL, kind, x[i], y, r, r, 0);
}

/* `n` windows side by side between x0 and x1. */
static void window_row(fs_pen *pen, int n, double x0, double x1, double y, double height) {
    const double step = (x1 - x0) / n;
    for (int i = 0; i < n; i++)
        fs_part_draw(pen, FS_PART_WINDOW, FS_WINDOW_PLAIN, x0 + (i + 0.5) * step, y, 0.41 * step, height, 0);
}

/* ---- car ---- */

static void car_cabin(fs_pen *pen, double back, double front, double top) {
    const double slope = fs_pen_range(pen, 0.12, 0.3), tail = fs_pen_range(pen, 0.03, 0.25);
    const double middle = (back + front) / 2, sill = -0.06;
    fs_pen_polygon(
        pen, (const double[4][2]){{back, 0.05}, {back + tail, top}, {front - slope, top}, {front, 0.05}}, 4);
    fs_pen_fill(pen, FS_PART_ROOF, &pen->look.main);
    fs_pen_polygon(pen,
                   (const double[4][2]){{back + 0.1, sill},
                                        {back + tail + 0.05, top + 0.08},
                                        {middle - 0.03, top + 0.08},
                                        {middle - 0.03, sill}},
                   4);
    fs_pen_fill(pen, FS_PART_WINDOW, &pen->look.glass);
    fs_pen_polygon(pen,
                   (const double[4][2]){{middle + 0.03, sill},
                                        {middle + 0.03, top + 0.08},
                                        {front - slope - 0.02, top + 0.08},
                                        {front - 0.1, sill}},
                   4);
    fs_pen_fill(pen, FS_PART_WINDOW, &pen->look.glass);
}

void fs_object_car(fs_pen *pen) {
    const double top = fs_pen_range(pen, -0.58, -0.4), bonnet = fs_pen_range(pen, -0.06, 0.06);
    const double back = fs_pen_range(pen, -0.88, -0.6), front = fs_pen_range(pen, 0.35, 0.6);
    const double r = fs_pen_range(pen, 0.19, 0.26),
                 axles[2] = {fs_pen_range(pen, -0.6, -0.5), fs_pen_range(pen, 0.52, 0.62)};
    car_cabin(pen, back, front, top);
    fs_pen_blob(pen,
                (const double[10][2]){{-0.97, 0.05},
                                      {-0.8, -0.04},
                                      {0, -0.03},
                                      {0.45, -0.03},
                                      {0.8, bonnet},
                                      {0.97, 0.14},
                                      {0.98, 0.33},
                                      {0.4, 0.37},
                                      {-0.4, 0.37},
                                      {-0.98, 0.33}},
                10);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    const double door = (back + front) / 2;
    fs_pen_box(pen, door - 0.29, 0.0, door + 0.27, 0.3, 0.05);
    fs_pen_detail(pen, 1.2);
    fs_pen_segment(pen, door - 0.22, 0.08, door - 0.12, 0.08);
    fs_pen_line(pen, FS_PART_HANDLE, &pen->look.dark, 0.035);
    fs_part_draw(pen, FS_PART_HEADLIGHT, 0, 0.9, 0.15, 0.065, 0.075, 0);
    wheels(pen, axles, 2, 0.59 - r, r);
}

/* ---- bus and lorry ---- */

void fs_object_bus(fs_pen *pen) {
    const double top = fs_pen_range(pen, -0.62, -0.5), stripe = fs_pen_range(pen, 0.08, 0.18);
    const int n = fs_pen_count(pen, 4, 6);
    const double r = fs_pen_range(pen, 0.15, 0.19),
                 axles[2] = {fs_pen_range(pen, -0.65, -0.5), fs_pen_range(pen, 0.3, 0.4)};
    const bool two_floors = fs_pen_chance(pen, 0.35);
    fs_pen_box(pen, -0.98, top, 0.98, 0.46, fs_pen_range(pen, 0.06, 0.16));
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    fs_pen_box(pen, -0.975, stripe, 0.975, stripe + 0.1, 0);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.second);
    pen->look.outline = outline;
    if (two_floors) {
        window_row(pen, n + 1, -0.92, 0.92, top + 0.2, 0.11);
        window_row(pen, n, -0.92, 0.56, -0.06, 0.11);
    } else {
        window_row(pen, n, -0.92, 0.56, (top + stripe) / 2, 0.17);
    }
    fs_part_draw(pen, FS_PART_DOOR, 0, 0.76, (two_floors ? -0.02 : top / 2 + 0.2) + 0.05, 0.14,
                 two_floors ? 0.26 : 0.36, 0);
    fs_part_draw(pen, FS_PART_HEADLIGHT, 0, 0.91, 0.32, 0.05, 0.06, 0);
    wheels(pen, axles, 2, 0.64 - r, r);
}

void fs_object_lorry(fs_pen *pen) {
    const double top = fs_pen_range(pen, -0.62, -0.45), cab = fs_pen_range(pen, 0.36, 0.48);
    const double roof = fs_pen_range(pen, -0.42, -0.25), r = fs_pen_range(pen, 0.16, 0.2);
    const bool three = fs_pen_chance(pen, 0.6);
    const double axles[3] = {-0.7, 0.68, -0.7 + 2.15 * r};
    fs_pen_box(pen, -0.95, 0.28, 0.95, 0.42, 0.02);
    fs_pen_fill(pen, FS_PART_FRAME, &pen->look.dark);
    fs_pen_box(pen, -0.98, top, cab - 0.05, 0.3, 0.03);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_pen_polygon(pen,
                   (const double[6][2]){
                       {cab, roof}, {cab + 0.33, roof}, {0.94, 0}, {0.98, 0.05}, {0.98, 0.38}, {cab, 0.38}},
                   6);
    fs_pen_fill(pen, FS_PART_CAB, &pen->look.second);
    fs_pen_polygon(pen,
                   (const double[4][2]){
                       {cab + 0.12, roof + 0.08}, {cab + 0.31, roof + 0.08}, {0.86, 0}, {cab + 0.12, 0}},
                   4);
    fs_pen_fill(pen, FS_PART_WINDOW, &pen->look.glass);
    fs_part_draw(pen, FS_PART_HEADLIGHT, 0, 0.92, 0.2, 0.05, 0.06, 0);
    wheels(pen, axles, three ? 3 : 2, 0.64 - r, r);
}

/* ---- train ---- */

static void engine_boiler(fs_pen *pen, double top) {
    const double cab = fs_pen_range(pen, -0.4, -0.25);
    fs_part_draw(pen, FS_PART_CHIMNEY, 0, 0.62, top - 0.17, 0.11, 0.22, 0);
    fs_pen_ellipse(pen, 0.15, top + 0.02, 0.12, 0.13);
    fs_pen_fill(pen, FS_PART_CAP, &pen->look.accent);
    fs_pen_box(pen, cab, top, 0.88, 0.28, 0.1);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    for (int i = 0; i < 2; i++) {
        fs_pen_segment(pen, 0.1 + 0.35 * i, top + 0.02, 0.1 + 0.35 * i, 0.26);
        fs_pen_detail(pen, 2);
    }
    fs_pen_box(pen, -0.95, -0.55, cab + 0.02, 0.3, 0);
    fs_pen_fill(pen, FS_PART_CAB, &pen->look.second);
    fs_part_draw(pen, FS_PART_WINDOW, FS_WINDOW_PLAIN, (cab - 0.93) / 2, -0.24, 0.17, 0.17, 0);
    fs_pen_box(pen, -1, -0.66, cab + 0.08, -0.54, 0.05);
    fs_pen_fill(pen, FS_PART_ROOF, &pen->look.accent);
    fs_part_draw(pen, FS_PART_HEADLIGHT, 0, 0.88, top + 0.1, 0.08, 0.09, 0);
}

/* A steam engine: chimney, boiler, cab, big wheels joined by a rod, a cow-catcher. */
void fs_object_train(fs_pen *pen) {
    const int n = fs_pen_count(pen, 2, 3);
    const double r = n == 3 ? 0.2 : fs_pen_range(pen, 0.2, 0.25), top = fs_pen_range(pen, -0.26, -0.16);
    const double axles[3] = {-0.62, n == 2 ? 0.0 : -0.18, 0.26}, small = 0.14;
    engine_boiler(pen, top);
    fs_pen_box(pen, -0.98, 0.26, 0.94, 0.4, 0.02);
    fs_pen_fill(pen, FS_PART_FRAME, &pen->look.accent);
    fs_pen_polygon(pen, (const double[3][2]){{0.8, 0.4}, {0.94, 0.32}, {1, 0.7}}, 3);
    fs_pen_fill(pen, FS_PART_FRAME, &pen->look.dark);
    for (int i = 0; i < n; i++)
        fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_RIM, axles[i], 0.73 - r, r, r, 0);
    fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_RIM, 0.66, 0.73 - small, small, small, 0);
    fs_pen_segment(pen, axles[0], 0.75 - r, axles[n - 1], 0.75 - r);
    fs_pen_line(pen, FS_PART_HANDLE, &pen->look.light, 0.055);
}

/* ---- cycles ---- */

void fs_object_bicycle(fs_pen *pen) {
    const double r = fs_pen_range(pen, 0.36, 0.42), y = 0.68 - r, back = -0.97 + r, front = 0.97 - r;
    const double saddle_x = fs_pen_range(pen, -0.3, -0.22), top = fs_pen_range(pen, -0.36, -0.24);
    const double head_x = front - fs_pen_range(pen, 0.14, 0.2), bar = fs_pen_range(pen, -0.62, -0.5);
    const double pedal_x = -0.08, drop = fs_pen_range(pen, -0.05, 0.12),
                 width = fs_pen_range(pen, 0.06, 0.085);
    fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_SPOKES, back, y, r, r, 0);
    fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_SPOKES, front, y, r, r, 0);
    fs_pen_polygon(pen, (const double[3][2]){{back, y}, {saddle_x, top + 0.05}, {pedal_x, y}}, 3);
    fs_pen_polygon(
        pen, (const double[3][2]){{pedal_x, y}, {saddle_x, top + 0.05}, {head_x, top + drop - 0.05}}, 3);
    fs_pen_segment(pen, head_x - 0.04, bar, front, y);
    fs_pen_segment(pen, saddle_x, top + 0.05, saddle_x - 0.06, top - 0.13);
    fs_pen_line(pen, FS_PART_FRAME, &pen->look.main, width);
    fs_part_draw(pen, FS_PART_SADDLE, 0, saddle_x - 0.08, top - 0.16, 0.17, 0.09, 0);
    fs_pen_curve(pen,
                 (const double[4][2]){{head_x - 0.14, bar - 0.02},
                                      {head_x, bar - 0.06},
                                      {head_x + 0.14, bar + 0.02},
                                      {head_x + 0.06, bar + 0.14}},
                 4);
    fs_pen_line(pen, FS_PART_HANDLE, &pen->look.dark, 0.065);
    fs_pen_ellipse(pen, pedal_x, y, 0.09, 0.09);
    fs_pen_fill(pen, FS_PART_FRAME, &pen->look.accent);
}

/* A child's: one large wheel in front, two small ones behind, of which the far one shows. */
void fs_object_tricycle(fs_pen *pen) {
    const double big = fs_pen_range(pen, 0.36, 0.44), small = fs_pen_range(pen, 0.2, 0.27);
    const double front = 0.95 - big, back = -0.95 + small, head = front - 0.18,
                 bar = fs_pen_range(pen, -0.7, -0.58);
    fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_DISC, back + 0.2, 0.66 - small, small, small, 0);
    fs_pen_curve(pen, (const double[4][2]){{back, 0.7 - small}, {-0.45, 0.25}, {0.05, 0.02}, {head, -0.2}},
                 4);
    fs_pen_segment(pen, head - 0.06, bar, front, 0.7 - big);
    fs_pen_segment(pen, -0.36, 0.2, -0.36, -0.02);
    fs_pen_line(pen, FS_PART_FRAME, &pen->look.main, fs_pen_range(pen, 0.09, 0.13));
    fs_part_draw(pen, FS_PART_SADDLE, 0, -0.38, -0.06, 0.27, 0.13, 0);
    fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_DISC, back, 0.7 - small, small, small, 0);
    fs_part_draw(pen, FS_PART_WHEEL, FS_WHEEL_DISC, front, 0.7 - big, big, big, 0);
    fs_pen_curve(
        pen, (const double[3][2]){{head - 0.26, bar + 0.04}, {head - 0.06, bar}, {head + 0.14, bar - 0.02}},
        3);
    fs_pen_line(pen, FS_PART_HANDLE, &pen->look.dark, 0.1);
}
