/* Patterns of geometry: bigger than a texture's grain, with corners, centres or directions of their own. */
#include "world/noise.h"
#include "world/texture.h"

float fs_texture_grid(const fs_texture_place *t, float u, float v) {
    const float half = 0.07f + 0.08f * t->variation;
    return fmaxf(fs_edge(half - fs_fold(u), t->soft), fs_edge(half - fs_fold(v), t->soft));
}

float fs_texture_rings(const fs_texture_place *t, float u, float v) {
    const float x = u / 3 - rintf(u / 3), y = v / 3 - rintf(v / 3);
    return fs_edge(0.22f - fs_fold(3 * sqrtf(x * x + y * y) * 1.3f), 1.3f * t->soft);
}

float fs_texture_spiral(const fs_texture_place *t, float u, float v) {
    const float x = 3.4f * (u / 3.4f - rintf(u / 3.4f)), y = 3.4f * (v / 3.4f - rintf(v / 3.4f));
    const float turn = atan2f(y, x) / 6.2831853f;
    return fs_edge(0.23f - fs_fold(1.3f * sqrtf(x * x + y * y) + turn), 1.3f * t->soft);
}

/* Distance to the border of the hexagon whose middle is nearest. */
float fs_texture_honeycomb(const fs_texture_place *t, float u, float v) {
    const float h = 1.7320508f;
    float x = u - rintf(u), y = v - h * rintf(v / h);
    const float x2 = u - 0.5f - rintf(u - 0.5f), y2 = v - h / 2 - h * rintf(v / h - 0.5f);
    if (x2 * x2 + y2 * y2 < x * x + y * y) {
        x = x2;
        y = y2;
    }
    const float out = fmaxf(fabsf(x), 0.5f * fabsf(x) + 0.8660254f * fabsf(y));
    return fs_edge(out - 0.43f + 0.1f * t->variation, t->soft);
}

float fs_texture_zigzag(const fs_texture_place *t, float u, float v) {
    return fs_edge(0.24f - fs_fold(v + (1.2f + 0.8f * t->variation) * fs_fold(u)), 1.9f * t->soft);
}

float fs_texture_rays(const fs_texture_place *t, float u, float v) {
    const float x = 4 * (u / 4 - rintf(u / 4)), y = 4 * (v / 4 - rintf(v / 4));
    const float count = floorf(6 + 5 * t->variation), r = sqrtf(x * x + y * y) + 1e-3f;
    return fs_edge(0.25f - fs_fold(count * atan2f(y, x) / 6.2831853f),
                   fminf(1, t->soft * count / (6.28f * r)));
}

float fs_texture_triangles(const fs_texture_place *t, float u, float v) {
    const float row = floorf(v), y = v - row, x = fs_fraction(u + 0.5f * row);
    return fs_edge(y - fabsf(2 * x - 1), 2.2f * t->soft);
}

float fs_texture_crosses(const fs_texture_place *t, float u, float v) {
    const float row = floorf(v + 0.5f), x = fs_fold(u + 0.5f * row), y = fs_fold(v);
    const float arm = 0.34f, half = 0.08f + 0.05f * t->variation;
    const float a = fminf(arm - x, half - y), b = fminf(half - x, arm - y);
    return fs_edge(fmaxf(a, b), t->soft);
}

float fs_texture_stars(const fs_texture_place *t, float u, float v) {
    const float row = floorf(v / 1.3f + 0.5f), su = u / 1.3f + 0.5f * row;
    const float x = su - rintf(su), y = v / 1.3f - rintf(v / 1.3f);
    const float r = sqrtf(x * x + y * y), a = fs_fold(5 * atan2f(y, x) / 6.2831853f + 0.25f) * 2;
    return fs_edge(0.4f - 0.23f * (1 - a) - r, t->soft);
}

float fs_texture_arches(const fs_texture_place *t, float u, float v) {
    for (int row = 0; row < 2; row++) {
        const float y = floorf(2 * v) + 1 - (float)row, x = u + 0.5f * y;
        const float dx = x - rintf(x), dy = v - 0.5f * y - 0.0f;
        const float d = sqrtf(dx * dx + dy * dy);
        if (d < 0.5f && dy <= 0.5f)
            return fs_edge(0.25f - fs_fold(4 * d + 0.25f), 4 * t->soft);
    }
    return 0;
}

float fs_texture_diamonds(const fs_texture_place *t, float u, float v) {
    const float d = fs_fold(u / 1.2f) / 0.5f + fs_fold(v / 1.8f) / 0.5f;
    const float inner = fs_edge(0.55f - d, 2 * t->soft), outer = fs_edge(0.95f - d, 2 * t->soft);
    return 0.55f * outer + 0.45f * inner;
}
