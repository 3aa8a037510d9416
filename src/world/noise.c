#include "world/noise.h"

/* Smooth in the second derivative too, so that no lattice shows. */
static float ease(float t) {
    return t * t * t * (t * (t * 6 - 15) + 10);
}

float fs_noise(float x, float y, uint32_t seed) {
    const float fx = floorf(x), fy = floorf(y);
    const int ix = (int)fx, iy = (int)fy;
    const float u = ease(x - fx), v = ease(y - fy);
    const float a = fs_lattice(ix, iy, seed), b = fs_lattice(ix + 1, iy, seed);
    const float c = fs_lattice(ix, iy + 1, seed), d = fs_lattice(ix + 1, iy + 1, seed);
    return a + u * (b - a) + v * (c - a + u * (a - b - c + d));
}

float fs_noise_octaves(float x, float y, int octaves, uint32_t seed) {
    float sum = 0, amplitude = 0.5f, total = 0;
    for (int i = 0; i < octaves; i++) {
        sum += amplitude * fs_noise(x, y, seed + (uint32_t)i);
        total += amplitude;
        amplitude *= 0.5f;
        x = 2 * x + 17.3f;
        y = 2 * y - 9.1f;
    }
    return sum / total;
}

fs_scatter fs_scattered(float x, float y, uint32_t seed) {
    const int ix = (int)floorf(x), iy = (int)floorf(y);
    fs_scatter s = {9, 9, 0};
    for (int j = iy - 1; j <= iy + 1; j++)
        for (int i = ix - 1; i <= ix + 1; i++) {
            const float dx = (float)i + 0.1f + 0.8f * fs_lattice(i, j, seed) - x;
            const float dy = (float)j + 0.1f + 0.8f * fs_lattice(i, j, seed + 1) - y;
            const float d = dx * dx + dy * dy;
            if (d < s.first) {
                s.second = s.first;
                s.first = d;
                s.own = fs_lattice(i, j, seed + 2);
            } else if (d < s.second) {
                s.second = d;
            }
        }
    s.first = sqrtf(s.first);
    s.second = sqrtf(s.second);
    return s;
}
