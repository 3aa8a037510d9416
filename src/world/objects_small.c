/* Snail, butterfly, ladybird. */
#include <math.h>

#include "world/object.h"

void fs_object_snail(fs_pen *pen) {
    const double r = fs_pen_range(pen, 0.46, 0.56), horn = fs_pen_range(pen, 0.24, 0.34),
                 neck = fs_pen_range(pen, 0.0, 0.14);
    for (int i = 0; i < 2; i++)
        fs_part_draw(pen, FS_PART_ANTENNA, 0, 0.72 + 0.13 * i, neck - 0.1 - horn / 2, 0.12, horn / 2,
                     0.35 * i - 0.5);
    fs_pen_blob(pen,
                (const double[9][2]){{-0.97, 0.68},
                                     {-0.5, 0.5},
                                     {0.3, 0.5},
                                     {0.55, 0.3},
                                     {0.6, neck - 0.08},
                                     {0.82, neck - 0.12},
                                     {0.92, neck + 0.1},
                                     {0.75, 0.68},
                                     {0, 0.72}},
                9);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.main);
    fs_part_draw(pen, FS_PART_EYE, FS_EYE_SIDE, 0.77, neck + 0.02, 0.06, 0.06, 0);
    fs_part_draw(pen, FS_PART_SHELL, FS_SHELL_SPIRAL, -0.18, 0.55 - r, r, r, 0);
}

void fs_object_butterfly(fs_pen *pen) {
    const double fat = fs_pen_range(pen, 0.06, 0.1), length = fs_pen_range(pen, 0.42, 0.56),
                 fold = fs_pen_range(pen, 0.38, 0.46);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_ANTENNA, 0, i * 0.16, -length - 0.18, i * 0.14, 0.18, 0);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_WING, FS_WING_BUTTERFLY, i * fold, 0, i * fold, 0.8, 0);
    fs_pen_ellipse(pen, 0, 0.08, fat, length);
    fs_pen_fill(pen, FS_PART_BODY, &pen->look.dark);
    fs_pen_ellipse(pen, 0, -length - 0.02, fat * 1.25, fat * 1.25);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.dark);
}

/* From above: wing cases with spots, six legs. */
void fs_object_ladybird(fs_pen *pen) {
    const int spots = fs_pen_count(pen, 2, 4);
    const double wide = fs_pen_range(pen, 0.56, 0.66), spot = fs_pen_range(pen, 0.09, 0.14);
    for (int i = -1; i <= 1; i += 2) {
        for (int k = -1; k <= 1; k++)
            fs_part_draw(pen, FS_PART_LEG, FS_LEG_INSECT, i * (wide + 0.06), 0.2 + 0.33 * k, 0.2, i * 0.24,
                         -M_PI / 2 + 0.3 * k * i);
        fs_part_draw(pen, FS_PART_ANTENNA, 0, i * 0.27, -0.78, i * 0.17, 0.17, 0);
    }
    fs_pen_ellipse(pen, 0, -0.5, 0.34, 0.27);
    fs_pen_fill(pen, FS_PART_HEAD, &pen->look.dark);
    for (int i = -1; i <= 1; i += 2)
        fs_part_draw(pen, FS_PART_EYE, FS_EYE_SIDE, i * 0.2, -0.6, 0.08, 0.08, 0);
    fs_pen_ellipse(pen, 0, 0.2, wide, 0.68);
    fs_pen_fill(pen, FS_PART_WING, &pen->look.main);
    const double outline = pen->look.outline;
    pen->look.outline = 0;
    for (int i = 0; i < spots; i++)
        for (int k = -1; k <= 1; k += 2) {
            const double y = 0.2 + 0.8 * ((i + 0.5) / spots - 0.5);
            fs_pen_ellipse(pen, k * wide * (i & 1 ? 0.36 : 0.56) * (1 - 0.5 * fabs(y - 0.2)), y, spot, spot);
        }
    fs_pen_fill(pen, FS_PART_WING, &pen->look.dark);
    fs_pen_segment(pen, 0, -0.46, 0, 0.87);
    fs_pen_line(pen, FS_PART_WING, &pen->look.dark, 0.05);
    pen->look.outline = outline;
}
