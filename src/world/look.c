#include <math.h>

#include "world/scene.h"

static double hue(fs_random *random) {
    return fs_random_range(random, 0, 2 * M_PI);
}

/* A paint that is textured with that probability. */
static fs_paint choose(fs_random *random, double lightness, double chroma, double turn, double textured) {
    const bool has_texture = fs_random_unit(random) < textured;
    const int texture = 1 + fs_random_int(random, FS_TEXTURE_COUNT - 1);
    const double contrast = fs_random_range(random, 0.14, 0.34);
    const fs_paint paint = fs_paint_textured(random, texture, lightness, chroma, turn, contrast);
    return has_texture ? paint : fs_paint_plain(paint.colours[0]);
}

fs_look fs_look_draw(fs_random *random, double behind) {
    fs_look look = {0};
    const bool lighter = behind < 0.6;
    const double base = hue(random), turn = fs_random_range(random, 0.8, 2.6);
    const double main = lighter ? fs_random_range(random, fmax(0.68, behind + 0.2), 0.88)
                                : fs_random_range(random, 0.36, 0.56);
    const double second =
        lighter ? main - fs_random_range(random, 0.14, 0.3) : main + fs_random_range(random, 0.14, 0.34);
    look.main = choose(random, main, fs_random_range(random, 0.05, 0.17), base, 0.55);
    look.second = choose(random, second, fs_random_range(random, 0.05, 0.18), base + turn, 0.3);
    look.accent = choose(random, fs_random_range(random, 0.5, 0.8), fs_random_range(random, 0.1, 0.2),
                         base - turn, 0.08);
    look.dark = fs_paint_plain(fs_colour_lch(fs_random_range(random, 0.2, 0.32), 0.03, hue(random)));
    look.light = fs_paint_plain(fs_colour_lch(fs_random_range(random, 0.9, 0.97), 0.02, hue(random)));
    look.glass = fs_paint_plain(
        fs_colour_lch(fs_random_range(random, 0.72, 0.9), fs_random_range(random, 0.02, 0.09), hue(random)));
    look.line = fs_colour_lch(fs_random_range(random, 0.14, 0.28), 0.04, base);
    look.outline = fs_random_unit(random) < 0.6 ? fs_random_range(random, 0.8, 1.8) : 0;
    look.roundness = fs_random_range(random, 0.2, 1);
    return look;
}
