#include <math.h>
#include <string.h>

#include "world/scene.h"

/* Pixels blurred with (1, 2, 1) / 4 both ways, mixed with what they were. `line` of a row is its number,
 * clamped. */
static int blurred(const uint8_t *const rows[3], int x, int left, int right, int channel, int weight) {
    const int at[3] = {4 * (x - left) + channel, 4 * x + channel, 4 * (x + right) + channel};
    int sum = 0;
    for (int k = 0; k < 3; k++)
        sum += (k == 1 ? 2 : 1) * (rows[k][at[0]] + 2 * rows[k][at[1]] + rows[k][at[2]]);
    const int plain = rows[1][at[1]];
    return plain + (weight * (sum - 16 * plain)) / (16 * 256);
}

/* Gamma and the light's colour, as a table for each channel. */
static void make_tables(uint8_t tables[3][256], fs_random *random) {
    const double gamma = exp(fs_random_range(random, -0.22, 0.22)),
                 bright = fs_random_range(random, 0.9, 1.06);
    for (int c = 0; c < 3; c++) {
        const double gain = bright * fs_random_range(random, 0.93, 1.04);
        for (int i = 0; i < 256; i++)
            tables[c][i] = (uint8_t)fmin(255, 255 * gain * pow(i / 255.0, gamma) + 0.5);
    }
}

static uint8_t clamp(int x) {
    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

/* Noise is the sum of two bytes' worth for each channel: a triangle, near enough to normal. */
void fs_finish(fs_image *out, cairo_surface_t *picture, fs_random *random) {
    uint8_t tables[3][256];
    const int size = out->width, stride = cairo_image_surface_get_stride(picture);
    const int weight = (int)(256 * fmax(0, fs_random_range(random, -0.5, 0.9)));
    const int noise =
        (int)(256 * fs_random_range(random, 0, 6) / 104); /* 104: two bytes' standard deviation */
    make_tables(tables, random);
    cairo_surface_flush(picture);
    const uint8_t *pixels = cairo_image_surface_get_data(picture);
    for (int y = 0; y < size; y++) {
        const uint8_t *const rows[3] = {pixels + (size_t)(y > 0 ? y - 1 : 0) * (size_t)stride,
                                        pixels + (size_t)y * (size_t)stride,
                                        pixels + (size_t)(y + 1 < size ? y + 1 : y) * (size_t)stride};
        uint8_t *to = out->pixels + (size_t)y * (size_t)size * 3;
        for (int x = 0; x < size; x++) {
            const uint64_t bits = fs_random_u64(random);
            for (int c = 0; c < 3; c++) { /* a pixel of the surface is B, G, R on the machines this runs on */
                const int value = tables[c][clamp(blurred(rows, x, x > 0, x + 1 < size, 2 - c, weight))];
                const int two = (int)(bits >> (16 * c) & 255) + (int)(bits >> (16 * c + 8) & 255) - 255;
                to[3 * x + c] = clamp(value + (two * noise) / 256);
            }
        }
    }
}
