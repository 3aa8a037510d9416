/* Dog, rabbit, turtle, fish and bird, all looking right. */
#include <math.h>

#include "world/object.h"

/* ---- dog ---- */

static void dog_head(fs_pen *pen, double x, double y) {
    const double snout = fs_pen_range(pen, 0.3, 0.42);
    fs_pen_blob(pen,
                (const double[9][2]){{x - 0.26, y + 0.05},
                                     {x - 0.16, y - 0.26},
                                     {x + 0.1, y - 0.28},
                                     {x + 0.2, y - 0.1},
                                     {x + snout, y - 0.04},
                                     {x + snout + 0.02, y + 0.12},
                                     {x + 0.2, y + 0.2},
                                     {x, y + 0.28},
                                     {x - 0.2, y + 0.25}},
                9);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.main);
    fs_part_draw(pen, FS_PART_NOSE, 0, x + snout, y - 0.02, 0.075, 0.07, 0);
    fs_pen_curve(
        pen, (const double[3][2]){{x + snout - 0.02, y + 0.12}, {x + 0.2, y + 0.13}, {x + 0.12, y + 0.07}},
        3);
    fs_pen_detail(pen, 1.2);
    fs_part_draw(pen, FS_PART_EYE, FS_EYE_SIDE, x + 0.1, y - 0.1, 0.065, 0.065, 0);
    fs_part_draw(pen, FS_PART_EAR, FS_EAR_FLOPPY, x - 0.17, y + 0.03, 0.13, -0.27, 0.15);
}

/* It stands: four legs, a tail held up, hanging ears. */
void fs_object_dog(fs_pen *pen) {
    const double length = fs_pen_range(pen, 0.42, 0.54), belly = fs_pen_range(pen, 0.22, 0.34),
                 leg = fs_pen_range(pen, 0.26, 0.32);
    const double head_x = length + fs_pen_range(pen, -0.04, 0.04), head_y = fs_pen_range(pen, -0.52, -0.42);
    const double legs[4] = {-length + 0.04, length - 0.28, -length - 0.13, length - 0.12};
    fs_part_draw(pen, FS_PART_TAIL, FS_TAIL_LONG, -length - 0.22, -0.26, -0.24, 0.3, 0);
    for (int i = 0; i < 4; i++) {
        const double y = 0.8 - leg - (i < 2 ? 0.05 : 0);
        fs_part_draw(pen, FS_PART_LEG, FS_LEG_PAW, legs[i], y, 0.085, leg, 0);
    }
    fs_pen_blob(pen,
                (const double[9][2]){{-length - 0.18, 0},
                                     {-length, -0.2},
                                     {0, -0.16},
                                     {length - 0.15, -0.24},
                                     {head_x - 0.1, head_y - 0.05},
                                     {head_x + 0.1, head_y + 0.2},
                                     {length + 0.04, 0.12},
                                     {0.05, belly},
                                     {-length - 0.08, 0.32}},
                9);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    dog_head(pen, head_x, head_y);
}

/* ---- rabbit ---- */

void fs_object_rabbit(fs_pen *pen) {
    const double ear = fs_pen_range(pen, 0.27, 0.35), lean = fs_pen_range(pen, -0.25, 0.1),
                 fat = fs_pen_range(pen, 0.36, 0.46);
    const double head_x = 0.38, head_y = fs_pen_range(pen, -0.18, -0.1), r = fs_pen_range(pen, 0.25, 0.29);
    fs_part_draw(pen, FS_PART_TAIL, FS_TAIL_PUFF, -0.72, 0.55, 0.16, 0.16, 0);
    fs_part_draw(pen, FS_PART_EAR, FS_EAR_LONG, head_x - 0.2, head_y - 0.16 - ear, 0.105, ear, lean - 0.22);
    fs_pen_blob(pen,
                (const double[7][2]){{-0.72, 0.6},
                                     {-0.55, 0.45 - fat},
                                     {-0.1, 0.3 - fat},
                                     {0.35, 0.1},
                                     {0.42, 0.55},
                                     {0.2, 0.86},
                                     {-0.45, 0.9}},
                7);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_part_draw(pen, FS_PART_EAR, FS_EAR_LONG, head_x - 0.06, head_y - 0.16 - ear, 0.105, ear, lean + 0.1);
    fs_pen_ellipse(pen, head_x, head_y, r * 1.15, r);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.main);
    fs_pen_blob(pen, (const double[5][2]){{-0.6, 0.75}, {-0.45, 0.35}, {-0.1, 0.4}, {0, 0.75}, {-0.25, 0.92}},
                5);
    fs_pen_fill(pen, FS_PART_LEG, &pen->look.main);
    fs_part_draw(pen, FS_PART_LEG, FS_LEG_PAW, -0.2, 0.86, 0.2, 0.09, 0);
    fs_part_draw(pen, FS_PART_LEG, FS_LEG_PAW, 0.3, 0.7, 0.075, 0.24, 0);
    fs_part_draw(pen, FS_PART_EYE, FS_EYE_SIDE, head_x + 0.1, head_y - 0.06, 0.065, 0.065, 0);
    fs_part_draw(pen, FS_PART_NOSE, 0, head_x + r * 1.1, head_y + 0.05, 0.06, 0.055, 0);
}

/* ---- turtle ---- */

void fs_object_turtle(fs_pen *pen) {
    const double top = fs_pen_range(pen, -0.6, -0.45), neck = fs_pen_range(pen, -0.25, 0.05),
                 r = fs_pen_range(pen, 0.15, 0.19);
    fs_part_draw(pen, FS_PART_TAIL, FS_TAIL_LONG, -0.82, 0.33, -0.15, 0.1, 0);
    for (int i = 0; i < 2; i++)
        fs_part_draw(pen, FS_PART_LEG, FS_LEG_PAW, -0.48 + 0.8 * i, 0.46, 0.11, 0.18, 0);
    fs_pen_curve(pen, (const double[3][2]){{0.45, 0.28}, {0.66, 0.2}, {0.78, neck}}, 3);
    fs_pen_line(pen, FS_PART_HEAD, &pen->look.main, 0.2);
    fs_pen_ellipse(pen, 0.8, neck, r * 1.15, r);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.main);
    fs_part_draw(pen, FS_PART_EYE, FS_EYE_SIDE, 0.86, neck - 0.05, 0.05, 0.05, 0);
    fs_pen_blob(pen, (const double[4][2]){{-0.72, 0.3}, {0, 0.24}, {0.62, 0.3}, {0, 0.46}}, 4);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_part_draw(pen, FS_PART_SHELL, FS_SHELL_DOME, -0.06, (0.36 + top) / 2, 0.68, (0.36 - top) / 2, 0);
}

/* ---- fish ---- */

void fs_object_fish(fs_pen *pen) {
    const double tall = fs_pen_range(pen, 0.3, 0.48), nose = fs_pen_range(pen, 0.8, 0.95),
                 tail = fs_pen_range(pen, 0.24, 0.34);
    const double eye = fs_pen_range(pen, 0.07, 0.1), gill = fs_pen_range(pen, 0.3, 0.4);
    fs_part_draw(pen, FS_PART_TAIL, FS_TAIL_FORK, -0.68, 0, -0.3, tail, 0);
    fs_part_draw(pen, FS_PART_FIN, 0, -0.05, -tall - 0.02, 0.36, 0.16, 0);
    fs_part_draw(pen, FS_PART_FIN, 0, -0.15, tall + 0.01, 0.2, -0.15, 0);
    fs_pen_blob(pen,
                (const double[8][2]){{-0.6, -0.08},
                                     {-0.2, -tall * 0.85},
                                     {0.3, -tall},
                                     {0.7, -tall * 0.5},
                                     {nose, 0.02},
                                     {0.65, tall * 0.6},
                                     {0.2, tall},
                                     {-0.25, tall * 0.8}},
                8);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_pen_arc(pen, gill - 0.28, 0, 0.34, -0.9, 0.9);
    fs_pen_detail(pen, 1.4);
    fs_part_draw(pen, FS_PART_FIN, 0, 0.08, 0.12, 0.16, 0.12, -1.9);
    fs_part_draw(pen, FS_PART_EYE, FS_EYE_WIDE, gill + 0.25, -0.1, eye, eye, 0);
    fs_pen_curve(pen, (const double[3][2]){{nose - 0.02, 0.08}, {nose - 0.1, 0.13}, {nose - 0.18, 0.12}}, 3);
    fs_pen_line(pen, FS_PART_MOUTH, &pen->look.dark, 0.04);
}

/* ---- bird ---- */

void fs_object_bird(fs_pen *pen) {
    const double r = fs_pen_range(pen, 0.2, 0.25), head_x = fs_pen_range(pen, 0.42, 0.5),
                 head_y = fs_pen_range(pen, -0.42, -0.3);
    const double belly = fs_pen_range(pen, 0.32, 0.42), leg = fs_pen_range(pen, 0.1, 0.16),
                 wing = fs_pen_range(pen, -0.1, 0.35);
    fs_part_draw(pen, FS_PART_TAIL, FS_TAIL_FAN, -0.7, 0.1, -0.27, 0.22, 0);
    for (int i = 0; i < 2; i++)
        fs_part_draw(pen, FS_PART_LEG, FS_LEG_BIRD, -0.05 + 0.22 * i, belly + leg, 0.13, leg + 0.06, 0);
    fs_part_draw(pen, FS_PART_BEAK, 0, head_x + r + 0.1, head_y + 0.02, 0.16, 0.1, 0);
    fs_pen_blob(pen,
                (const double[9][2]){{-0.72, 0.02},
                                     {-0.3, -0.24},
                                     {0.15, -0.3},
                                     {head_x - r, head_y - 0.02},
                                     {head_x, head_y - r},
                                     {head_x + r, head_y},
                                     {0.52, 0.02},
                                     {0.2, belly},
                                     {-0.35, belly * 0.8}},
                9);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_pen_ellipse(pen, head_x, head_y, r, r);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.main);
    fs_part_draw(pen, FS_PART_EYE, FS_EYE_SIDE, head_x + 0.08, head_y - 0.05, 0.06, 0.06, 0);
    fs_part_draw(pen, FS_PART_WING, FS_WING_BIRD, -0.2, -0.02, -0.42, 0.24, -wing);
}
