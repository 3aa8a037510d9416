/* Repeatable noise in the plane and the small functions textures are made of. Pure, any thread. */
#ifndef FS_WORLD_NOISE_H
#define FS_WORLD_NOISE_H

#include <math.h>
#include <stdint.h>

/* A number in 0..1 that belongs to a lattice point. */
static inline float fs_lattice(int x, int y, uint32_t seed) {
    uint32_t h = (uint32_t)x * 0x9e3779b1u ^ (uint32_t)y * 0x85ebca77u ^ seed * 0xc2b2ae3du;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    h = (h ^ h >> 12) * 0x297a2d39u;
    h ^= h >> 15;
    return (float)(h >> 8) * 0x1p-24f;
}

/* 0 below, 1 above, a ramp of width `soft` between. */
static inline float fs_edge(float x, float soft) {
    const float y = 0.5f + x / soft;
    return y <= 0 ? 0 : y >= 1 ? 1 : y;
}

static inline float fs_fraction(float x) {
    return x - floorf(x);
}

/* Distance to the nearest whole number: 0 .. 0.5. */
static inline float fs_fold(float x) {
    return fabsf(x - rintf(x));
}

/* Value noise in 0..1, features of one unit. */
float fs_noise(float x, float y, uint32_t seed);
/* Sum of octaves, each of half the amplitude: about 1/f; 0..1 around 0.5. */
float fs_noise_octaves(float x, float y, int octaves, uint32_t seed);
/* Of scattered points, one a cell: distances to the nearest and the next, and a number of the nearest's own.
 */
typedef struct fs_scatter {
    float first, second, own;
} fs_scatter;
fs_scatter fs_scattered(float x, float y, uint32_t seed);

#endif
