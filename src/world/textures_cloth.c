/* Textures that people make: cloth and walls. */
#include "world/noise.h"
#include "world/texture.h"

float fs_texture_stripes(const fs_texture_place *t, float u, float v) {
    (void)v;
    return fs_edge(0.15f + 0.2f * t->variation - fs_fold(u), t->soft);
}

float fs_texture_checks(const fs_texture_place *t, float u, float v) {
    const float a = fs_edge(0.25f - fs_fold(u / 2), t->soft / 2);
    const float b = fs_edge(0.25f - fs_fold(v / 2), t->soft / 2);
    return a + b - 2 * a * b;
}

float fs_texture_dots(const fs_texture_place *t, float u, float v) {
    const float row = floorf(v + 0.5f);
    const float x = fs_fold(u + (t->variation > 0.5f ? 0.5f * row : 0)), y = fs_fold(v);
    return fs_edge(0.2f + 0.15f * fs_fraction(2 * t->variation) - sqrtf(x * x + y * y), t->soft);
}

float fs_texture_brick(const fs_texture_place *t, float u, float v) {
    const float row = floorf(2 * v), x = u + 0.5f * row, soft = t->soft;
    const float joint = fs_edge(0.05f - fs_fold(x), soft) + fs_edge(0.1f - fs_fold(2 * v), 2 * soft);
    const float stone = 0.35f * fs_lattice((int)floorf(x), (int)row, t->seed);
    return joint >= 1 ? 1 : stone + joint * (1 - stone);
}

float fs_texture_waves(const fs_texture_place *t, float u, float v) {
    const float height = (0.15f + 0.25f * t->variation) * sinf(3.5f * u);
    return fs_edge(0.22f - fs_fold(v + height), t->soft);
}

/* Stitches: columns of slanted ovals that meet in V's. */
float fs_texture_knit(const fs_texture_place *t, float u, float v) {
    const float side = fs_fraction(0.7f * u) - 0.5f;
    const float x = (fabsf(side) - 0.25f) / 0.25f;
    const float y = fs_fraction(1.1f * v + 1.1f * fabsf(side)) - 0.5f;
    const float d = x * x + 4.4f * y * y;
    return fmaxf(0.4f * fminf(1, d * d), fs_edge(d - 0.85f, 0.25f + 4 * t->soft));
}

float fs_texture_tartan(const fs_texture_place *t, float u, float v) {
    const float x = fs_fraction(u / 2), y = fs_fraction(v / 2), soft = t->soft / 2;
    const float wide =
        0.5f * (fs_edge(0.25f - fabsf(x - 0.5f), soft) + fs_edge(0.25f - fabsf(y - 0.5f), soft));
    const float thin = fs_edge(0.04f - fs_fold(x), soft) + fs_edge(0.04f - fs_fold(y), soft);
    return fminf(1, 0.75f * wide + 0.8f * thin);
}

float fs_texture_weave(const fs_texture_place *t, float u, float v) {
    const int i = (int)floorf(u), j = (int)floorf(v);
    const int over = (i + j) & 1;
    const float along = over ? fs_fraction(u) : fs_fraction(v),
                across = over ? fs_fraction(v) : fs_fraction(u);
    const float gap = fs_edge(fabsf(across - 0.5f) - 0.38f, t->soft);
    const float shade = (over ? 0 : 0.3f) + 1.6f * (along - 0.5f) * (along - 0.5f);
    return fminf(1, shade + gap);
}
