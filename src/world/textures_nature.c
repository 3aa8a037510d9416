/* Textures of animals, plants, stones and water. */
#include "world/noise.h"
#include "world/texture.h"

/* Hairs: noise drawn out along a direction that wanders. */
float fs_texture_fur(const fs_texture_place *t, float u, float v) {
    const float bend = fs_noise(0.5f * u, 0.5f * v, t->seed + 9);
    const float hair = fs_noise(5 * u + 3 * bend, 0.8f * v + bend, t->seed);
    const float tuft = fs_noise(1.3f * u, 1.3f * v, t->seed + 5);
    return fminf(1, fmaxf(0, 1.9f * hair - 0.75f + 0.5f * (tuft - 0.5f)));
}

float fs_texture_scales(const fs_texture_place *t, float u, float v) {
    float best = 0;
    for (int row = 1; row >= 0; row--) { /* the upper row lies over the lower one */
        const float y = floorf(2 * v) + (float)row, x = u + 0.5f * y;
        const float dx = x - rintf(x), dy = v - 0.5f * y + 0.5f;
        const float d = sqrtf(dx * dx + dy * dy);
        if (d < 0.58f)
            best = d;
    }
    return best == 0 ? 0.5f : fmaxf(fs_edge(best - 0.5f, 0.06f + t->soft), 0.45f * best);
}

float fs_texture_wood(const fs_texture_place *t, float u, float v) {
    const float bend = 2 * fs_noise(0.35f * u, 1.3f * v, t->seed);
    const float ring = fs_fraction(1.6f * v + (1 + t->variation) * bend);
    const float grain = fs_noise(1.5f * u, 14 * v, t->seed + 3);
    return fminf(1, 0.7f * ring * ring + 0.35f * grain * grain + fs_edge(ring - 0.94f, 0.1f) * 0.3f);
}

/* Blades that lean, each row before the one above it. */
float fs_texture_grass(const fs_texture_place *t, float u, float v) {
    float value = 0.1f;
    for (int k = 0; k < 3; k++) { /* from the back to the front: a blade is up to three rows high */
        const float row = floorf(1.4f * v) + (float)k, up = row + 1 - 1.4f * v;
        const float bend = 0.9f * (fs_noise(0.8f * u, 0.7f * row, t->seed) - 0.5f);
        const float x = 2.2f * (u + bend * up * up * 0.3f) + 0.37f * row;
        const int column = (int)floorf(x);
        const float high = 1.5f + 1.5f * fs_lattice(column, (int)row, t->seed + 1);
        const float blade = 0.5f * (1 - up / high) - fabsf(fs_fraction(x) - 0.5f);
        const float shade = 0.15f + 0.55f * up / high + 0.4f * fs_lattice(column, (int)row, t->seed + 2);
        value += fs_edge(blade, 3 * t->soft) * (fminf(1, shade) - value);
    }
    return value;
}

float fs_texture_stone(const fs_texture_place *t, float u, float v) {
    const fs_scatter s = fs_scattered(u, v, t->seed);
    const float joint = 1 - fs_edge(s.second - s.first - 0.1f, 0.08f + t->soft);
    const float face = 0.45f * s.own + 0.2f * (fs_noise(5 * u, 5 * v, t->seed + 4) - 0.5f);
    return fmaxf(joint, fminf(1, fmaxf(0, face)));
}

float fs_texture_marble(const fs_texture_place *t, float u, float v) {
    const float n = fs_noise_octaves(0.7f * u, 0.7f * v, 4, t->seed);
    const float vein = fabsf(sinf(1.2f * u + (8 + 4 * t->variation) * n));
    return fminf(1, (1 - vein) * (1 - vein) * 0.9f + 0.25f * n);
}

/* Rosettes: broken rings around a darker ground. */
float fs_texture_leopard(const fs_texture_place *t, float u, float v) {
    const float wobble = 0.14f * (fs_noise(4 * u, 4 * v, t->seed + 6) - 0.5f);
    const fs_scatter s = fs_scattered(1.1f * u, 1.1f * v, t->seed);
    const float d = s.first + wobble, radius = 0.2f + 0.14f * s.own;
    const float gap = fs_noise(2.3f * u, 2.3f * v, t->seed + 8);
    const float ring = fs_edge(0.09f - fabsf(d - radius), t->soft) * fs_edge(0.68f - gap, 0.1f);
    return fmaxf(ring, 0.5f * fs_edge(radius - d, t->soft));
}

float fs_texture_zebra(const fs_texture_place *t, float u, float v) {
    const float bend = 2.2f * (fs_noise(0.6f * u, 0.6f * v, t->seed) - 0.5f);
    const float fork = 0.5f * fs_noise(1.4f * u, 0.5f * v, t->seed + 2);
    return fs_edge(0.24f - fs_fold(u + bend + fork), t->soft);
}

float fs_texture_giraffe(const fs_texture_place *t, float u, float v) {
    const fs_scatter s = fs_scattered(0.9f * u, 0.9f * v, t->seed);
    const float shade = 0.75f + 0.25f * s.own;
    return fs_edge(s.second - s.first - 0.16f, t->soft + 0.03f) * shade;
}

float fs_texture_water(const fs_texture_place *t, float u, float v) {
    const float bend = fs_noise(u, 2 * v, t->seed) + 0.5f * fs_noise(2 * u, 4 * v, t->seed + 1);
    const float wave = 0.5f + 0.5f * sinf(9 * v + 5 * bend);
    return wave * wave * (0.5f + 0.5f * fs_noise(0.8f * u, 1.7f * v, t->seed + 2));
}

float fs_texture_sand(const fs_texture_place *t, float u, float v) {
    const float soft = fs_noise_octaves(1.2f * u, 1.2f * v, 2, t->seed);
    const float grain = fs_noise(9 * u, 9 * v, t->seed + 5);
    return fminf(1, fmaxf(0, 0.35f * soft + 1.5f * (grain - 0.4f)));
}

float fs_texture_clouds(const fs_texture_place *t, float u, float v) {
    const float n = fs_noise_octaves(0.6f * u, 0.9f * v, 4, t->seed);
    return fminf(1, fmaxf(0, 3.2f * (n - 0.37f)));
}

/* Barbs to both sides of a shaft, in rows that overlap. */
float fs_texture_feathers(const fs_texture_place *t, float u, float v) {
    const float row = floorf(v), x = u + 0.5f * row, dx = x - rintf(x), y = v - row;
    const float shaft = fs_edge(0.05f - fabsf(dx), t->soft);
    const float barb = fs_fold(2.5f * (y + 0.9f * fabsf(dx)));
    const float rim = fs_edge(y - 0.98f + 1.6f * dx * dx, 0.1f + t->soft);
    return fmaxf(fmaxf(0.7f * shaft, rim), 0.9f * barb);
}
