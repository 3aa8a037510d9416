#include "world/colour.h"

#include <math.h>
#include <stdbool.h>

/* OKLab to linear sRGB; the numbers are Ottosson's. */
static fs_colour linear(double lightness, double a, double b) {
    const double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
    const double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
    const double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
    const double l3 = l * l * l, m3 = m * m * m, s3 = s * s * s;
    return (fs_colour){4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3,
                       -1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3,
                       -0.0041960863 * l3 - 0.7034186147 * m3 + 1.7076147010 * s3};
}

static bool shown(fs_colour c) {
    const double low = fmin(c.r, fmin(c.g, c.b)), high = fmax(c.r, fmax(c.g, c.b));
    return low >= -1e-4 && high <= 1.0001;
}

static double encode(double x) {
    x = fmin(1, fmax(0, x));
    return x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055;
}

fs_colour fs_colour_lch(double lightness, double chroma, double hue) {
    const double a = cos(hue), b = sin(hue);
    fs_colour c = linear(lightness, chroma * a, chroma * b);
    for (int i = 0; i < 12 && !shown(c); i++) {
        chroma *= 0.85;
        c = linear(lightness, chroma * a, chroma * b);
    }
    return (fs_colour){encode(c.r), encode(c.g), encode(c.b)};
}

fs_colour fs_colour_mix(fs_colour a, fs_colour b, double t) {
    return (fs_colour){a.r + t * (b.r - a.r), a.g + t * (b.g - a.g), a.b + t * (b.b - a.b)};
}
