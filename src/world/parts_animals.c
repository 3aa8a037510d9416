/* Parts of animals. Ears, legs and tails have their root where y = 1, x = 0 or x = -1: see each. */
#include <math.h>

#include "world/pen.h"

/* ---- the head ---- */

void fs_part_draw_eye(fs_pen *pen, int kind) {
    const double iris = fs_pen_range(pen, 0.62, 0.75), pupil = fs_pen_range(pen, 0.32, 0.46);
    const fs_paint colour = fs_paint_plain(fs_colour_lch(
        fs_pen_range(pen, 0.45, 0.7), fs_pen_range(pen, 0.05, 0.15), fs_pen_range(pen, 0, 2 * M_PI)));
    if (kind == FS_EYE_FRONT) /* an almond */
        fs_pen_polygon(pen,
                       (const double[8][2]){{-1.25, 0.05},
                                            {-0.6, -0.6},
                                            {0, -0.8},
                                            {0.6, -0.6},
                                            {1.25, 0.05},
                                            {0.6, 0.55},
                                            {0, 0.7},
                                            {-0.6, 0.55}},
                       8);
    else
        fs_pen_ellipse(pen, 0, 0, 1, kind == FS_EYE_CAT ? 0.85 : 1);
    fs_pen_fill(pen, FS_PART_EYE, kind == FS_EYE_CAT ? &colour : &pen->look.light);
    const double outline = pen->look.outline, roundness = pen->look.roundness;
    pen->look.outline = pen->look.roundness = 0;
    if (kind != FS_EYE_CAT) {
        fs_pen_ellipse(pen, 0, 0, iris, iris);
        fs_pen_fill(pen, FS_PART_EYE, &colour);
    }
    fs_pen_ellipse(pen, 0, 0, kind == FS_EYE_CAT ? 0.26 : pupil, kind == FS_EYE_CAT ? 0.75 : pupil);
    fs_pen_fill(pen, FS_PART_EYE, &pen->look.dark);
    fs_pen_ellipse(pen, -0.28, -0.3, 0.2, 0.2);
    fs_pen_fill(pen, FS_PART_EYE, &pen->look.light);
    pen->look.outline = outline;
    pen->look.roundness = roundness;
}

/* The root is the lower edge, y = 1. */
void fs_part_draw_ear(fs_pen *pen, int kind) {
    static const double shapes[4][6][2] = {
        {{-0.95, 1}, {-0.72, 0}, {0, -1}, {0.72, 0}, {0.95, 1}, {0, 1.2}},
        {{-0.8, 0.7}, {-0.95, -0.2}, {0, -1}, {0.95, -0.2}, {0.8, 0.7}, {0, 1}},
        {{-0.7, 0.9}, {-0.9, -0.1}, {0, -1}, {0.9, -0.1}, {0.7, 0.9}, {0, 1.15}},
        {{-0.4, 1}, {-1, 0.2}, {-0.8, -0.8}, {0.1, -1}, {0.9, -0.3}, {0.5, 1}}};
    const double(*shape)[2] = shapes[kind];
    double inner[6][2];
    for (int i = 0; i < 6; i++) {
        inner[i][0] = 0.55 * shape[i][0];
        inner[i][1] = 0.62 * shape[i][1] + 0.22;
    }
    if (kind == FS_EAR_POINTED)
        fs_pen_polygon(pen, shape, 6);
    else
        fs_pen_blob(pen, shape, 6);
    fs_pen_fill(pen, FS_PART_EAR, kind == FS_EAR_FLOPPY ? &pen->look.second : &pen->look.main);
    if (kind == FS_EAR_FLOPPY)
        return;
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    if (kind == FS_EAR_POINTED)
        fs_pen_polygon(pen, (const double(*)[2])inner, 6);
    else
        fs_pen_blob(pen, (const double(*)[2])inner, 6);
    fs_pen_fill(pen, FS_PART_EAR, &pen->look.accent);
    pen->look.outline = outline;
}

void fs_part_draw_nose(fs_pen *pen, int kind) {
    (void)kind;
    fs_pen_blob(pen, (const double[5][2]){{-1, -0.5}, {0, -0.8}, {1, -0.5}, {0.35, 0.6}, {-0.35, 0.6}}, 5);
    fs_pen_fill(pen, FS_PART_NOSE, &pen->look.dark);
}

/* Lips that smile, more or less. */
void fs_part_draw_mouth(fs_pen *pen, int kind) {
    (void)kind;
    const double smile = fs_pen_range(pen, 0.2, 1), open = fs_pen_range(pen, 0.5, 1.2);
    const fs_paint lips = fs_paint_plain(fs_colour_lch(fs_pen_range(pen, 0.4, 0.6), 0.17, 0.3));
    fs_pen_blob(pen,
                (const double[6][2]){{-1, -0.5 * smile},
                                     {-0.4, -0.1},
                                     {0.4, -0.1},
                                     {1, -0.5 * smile},
                                     {0.5, 0.2 + open * 0.5},
                                     {-0.5, 0.2 + open * 0.5}},
                6);
    fs_pen_fill(pen, FS_PART_MOUTH, &lips);
}

/* Root at x = -1, tip at x = 1. */
void fs_part_draw_beak(fs_pen *pen, int kind) {
    (void)kind;
    const double hook = fs_pen_range(pen, -0.1, 0.45);
    const double colour = fs_pen_range(pen, 0.7, 1.6);
    const fs_paint horn = fs_paint_plain(fs_colour_lch(fs_pen_range(pen, 0.68, 0.82), 0.16, colour));
    fs_pen_blob(pen,
                (const double[6][2]){
                    {-1, -0.85}, {-0.1, -0.65}, {1, hook}, {0.95, hook + 0.1}, {-0.1, 0.6}, {-1, 0.8}},
                6);
    fs_pen_fill(pen, FS_PART_BEAK, &horn);
    fs_pen_segment(pen, -0.9, 0.05, 0.5, hook + 0.02);
    fs_pen_detail(pen, 1);
}

/* ---- limbs ---- */

/* Root at y = -1, foot at y = 1; the toes look right. */
void fs_part_draw_leg(fs_pen *pen, int kind) {
    if (kind == FS_LEG_PAW) {
        const double foot = fs_pen_range(pen, 0.15, 0.7);
        fs_pen_blob(pen,
                    (const double[8][2]){{-0.9, -1},
                                         {-0.7, 0},
                                         {-0.75, 0.75},
                                         {-0.5, 1},
                                         {0.6 + foot, 1},
                                         {0.8 + foot, 0.75},
                                         {0.7, 0.45},
                                         {0.9, -1}},
                    8);
        fs_pen_fill(pen, FS_PART_LEG, &pen->look.main);
    } else if (kind == FS_LEG_BIRD) {
        fs_pen_segment(pen, 0, -1, 0.05, 1);
        cairo_line_to(pen->picture, 0.75, 0.95);
        fs_pen_segment(pen, 0.05, 0.9, -0.6, 1);
        fs_pen_line(pen, FS_PART_LEG, &pen->look.accent, 0.26);
    } else {
        fs_pen_segment(pen, 0, -1, 0.35, 0.1);
        cairo_line_to(pen->picture, -0.1, 1);
        fs_pen_line(pen, FS_PART_LEG, &pen->look.dark, 0.3);
    }
}

static void fork_tail(fs_pen *pen) {
    const double spread = fs_pen_range(pen, 0.75, 1), notch = fs_pen_range(pen, 0.1, 0.7);
    fs_pen_blob(
        pen,
        (const double[7][2]){
            {-1, -0.18}, {0, -0.35}, {0.95, -spread}, {notch, 0}, {0.95, spread}, {0, 0.35}, {-1, 0.18}},
        7);
    fs_pen_fill(pen, FS_PART_TAIL, &pen->look.second);
}

static void fan_tail(fs_pen *pen) {
    const int n = fs_pen_count(pen, 3, 5);
    const double spread = fs_pen_range(pen, 0.3, 0.75);
    for (int i = 0; i < n; i++) {
        fs_pen_enter(pen, -1, 0, 1, 1, spread * ((double)i / (n - 1) - 0.5) * 2);
        fs_pen_blob(pen, (const double[5][2]){{0, -0.2}, {1.4, -0.34}, {2, 0}, {1.4, 0.34}, {0, 0.2}}, 5);
        fs_pen_fill(pen, FS_PART_TAIL, &pen->look.second);
        fs_pen_leave(pen);
    }
}

static void long_tail(fs_pen *pen) {
    const double curl = fs_pen_range(pen, 0.5, 1), thick = fs_pen_range(pen, 0.16, 0.3);
    const double up[5][2] = {{-1, 0.6}, {-0.2, 0.55}, {0.45, 0.1}, {0.5, -0.5 * curl}, {0.8, -curl}};
    double outline[10][2];
    for (int i = 0; i < 5; i++) {
        const double half = thick * (1 - 0.12 * i);
        outline[i][0] = up[i][0] - half * 0.45;
        outline[i][1] = up[i][1] - half;
        outline[9 - i][0] = up[i][0] + half * 0.45;
        outline[9 - i][1] = up[i][1] + half * (i < 4 ? 1 : 0);
    }
    fs_pen_blob(pen, (const double(*)[2])outline, 10);
    fs_pen_fill(pen, FS_PART_TAIL, &pen->look.main);
}

/* Root at x = -1, end at x = 1. */
void fs_part_draw_tail(fs_pen *pen, int kind) {
    if (kind == FS_TAIL_FORK) {
        fork_tail(pen);
    } else if (kind == FS_TAIL_FAN) {
        fan_tail(pen);
    } else if (kind == FS_TAIL_LONG) {
        long_tail(pen);
    } else {
        fs_pen_ellipse(pen, 0, 0, 1, 1);
        fs_pen_fill(pen, FS_PART_TAIL, &pen->look.light);
    }
}

/* ---- wings ---- */

static void bird_wing(fs_pen *pen) {
    const int n = fs_pen_count(pen, 3, 5);
    const double tip = fs_pen_range(pen, 0.1, 0.5);
    fs_pen_blob(
        pen, (const double[6][2]){{-1, 0}, {-0.5, -0.75}, {0.3, -0.65}, {1, tip}, {0.2, 0.6}, {-0.7, 0.55}},
        6);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.second);
    for (int i = 0; i < n; i++) {
        const double x = -0.4 + 0.9 * i / n;
        fs_pen_curve(
            pen, (const double[3][2]){{x - 0.25, -0.1}, {x + 0.05, 0.2}, {x + 0.4, 0.38 - 0.1 * i / n}}, 3);
        fs_pen_detail(pen, 1);
    }
}

/* Root at x = -1, y = 0: an upper lobe and a lower one, with spots. */
static void butterfly_wing(fs_pen *pen) {
    const double up = fs_pen_range(pen, 0.8, 1), low = fs_pen_range(pen, 0.7, 1);
    const double point = fs_pen_range(pen, 0.6, 1), spot = fs_pen_range(pen, 0.1, 0.2);
    fs_pen_blob(pen,
                (const double[5][2]){{-1, 0}, {-0.2, 0.05}, {0.55 * low, 0.4}, {0.35, low}, {-0.5, 0.75}}, 5);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.second);
    fs_pen_blob(
        pen,
        (const double[6][2]){{-1, 0.02}, {-0.7, -0.55}, {0.4, -up}, {point, -0.75}, {0.65, 0}, {-0.2, 0.22}},
        6);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.main);
    fs_pen_ellipse(pen, 0.42, -0.45, spot * 1.6, spot * 1.6);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.accent);
    fs_pen_ellipse(pen, 0.1, 0.52, spot * 1.3, spot * 1.3);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.accent);
}

static void plane_wing(fs_pen *pen) {
    const double sweep = fs_pen_range(pen, 0, 0.6), tip = fs_pen_range(pen, 0.25, 0.6);
    fs_pen_polygon(pen, (const double[4][2]){{-1, -1}, {1, sweep - 0.4}, {1, sweep + tip}, {-1, 1}}, 4);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.second);
}

void fs_part_draw_wing(fs_pen *pen, int kind) {
    if (kind == FS_WING_BIRD)
        bird_wing(pen);
    else if (kind == FS_WING_BUTTERFLY)
        butterfly_wing(pen);
    else
        plane_wing(pen);
}

/* Root at y = 1, tip towards upper left. */
void fs_part_draw_fin(fs_pen *pen, int kind) {
    (void)kind;
    const int rays = fs_pen_count(pen, 3, 5);
    const double tip = fs_pen_range(pen, -0.9, -0.2);
    fs_pen_blob(pen, (const double[5][2]){{-1, 1}, {tip - 0.1, -1}, {tip + 0.5, -0.7}, {0.9, 0.6}, {1, 1.1}},
                5);
    fs_pen_fill(pen, FS_PART_FIN, &pen->look.second);
    for (int i = 0; i < rays; i++) {
        const double t = (i + 0.5) / rays;
        fs_pen_segment(pen, -0.7 + 1.4 * t, 0.9, tip + 0.1 + 0.8 * t, -0.5 + 0.9 * t);
        fs_pen_detail(pen, 0.8);
    }
}

/* ---- shells and feelers ---- */

static void spiral_shell(fs_pen *pen) {
    const double turns = fs_pen_range(pen, 2.1, 3);
    double points[28][2];
    fs_pen_ellipse(pen, 0, 0, 1, 1);
    fs_pen_fill(pen, FS_PART_SHELL, &pen->look.second);
    for (int i = 0; i < 28; i++) {
        const double t = i / 27.0, a = 0.9 + 2 * M_PI * turns * t, r = 0.88 * (1 - t) + 0.04;
        points[i][0] = r * cos(a);
        points[i][1] = r * sin(a);
    }
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    fs_pen_curve(pen, (const double(*)[2])points, 28);
    fs_pen_line(pen, FS_PART_SHELL, &pen->look.dark, 0.12);
    pen->look.outline = outline;
}

static void dome_shell(fs_pen *pen) {
    const int plates = fs_pen_count(pen, 3, 4);
    fs_pen_blob(
        pen,
        (const double[7][2]){
            {-1, 0.8}, {-0.85, -0.1}, {-0.45, -0.75}, {0.1, -0.95}, {0.6, -0.65}, {0.9, -0.05}, {1, 0.8}},
        7);
    fs_pen_fill(pen, FS_PART_SHELL, &pen->look.second);
    for (int i = 0; i < plates; i++) {
        const double x = -0.62 + 1.24 * i / (plates - 1), y = -0.05 + 0.35 * x * x;
        fs_pen_polygon(pen,
                       (const double[6][2]){{x - 0.2, y},
                                            {x - 0.11, y - 0.33},
                                            {x + 0.11, y - 0.33},
                                            {x + 0.2, y},
                                            {x + 0.12, y + 0.4},
                                            {x - 0.12, y + 0.4}},
                       6);
        fs_pen_fill(pen, FS_PART_SHELL, &pen->look.accent);
    }
}

void fs_part_draw_shell(fs_pen *pen, int kind) {
    if (kind == FS_SHELL_SPIRAL)
        spiral_shell(pen);
    else
        dome_shell(pen);
}

/* Root at the lower left corner, knob at the upper right. */
void fs_part_draw_antenna(fs_pen *pen, int kind) {
    (void)kind;
    const double bend = fs_pen_range(pen, -0.6, 0.5);
    fs_pen_curve(pen, (const double[3][2]){{-1, 1}, {bend * 0.5, -bend * 0.3}, {0.75, -0.75}}, 3);
    fs_pen_line(pen, FS_PART_ANTENNA, &pen->look.dark, 0.22);
    fs_pen_ellipse(pen, 0.75, -0.75, 0.28, 0.28);
    fs_pen_fill(pen, FS_PART_ANTENNA, &pen->look.accent);
}
