/* Colours by lightness, chroma and hue as they are seen, in OKLab (Ottosson, 2020,
 * https://bottosson.github.io/posts/oklab/), given back as sRGB numbers in 0..1.
 *
 *     fs_colour red = fs_colour_lch(0.6, 0.2, 0.5);
 *
 * Plain values, any thread. */
#ifndef FS_WORLD_COLOUR_H
#define FS_WORLD_COLOUR_H

typedef struct fs_colour {
    double r, g, b;
} fs_colour;

/* Lightness 0..1, chroma 0..0.3, hue in radians; less chroma where the screen cannot show as much. */
fs_colour fs_colour_lch(double lightness, double chroma, double hue);
fs_colour fs_colour_mix(fs_colour a, fs_colour b, double t); /* t = 0: a, 1: b */

#endif
