#include "viz/colour.h"

#include <stdint.h>
#include <string.h>

#include "viz/canvas.h"
#include "viz/clones.h"

#define NORM 0.46195237F /* sqrt(.26^2 + .27^2 + .27^2), the norm of the longest column */

const fs_colour_matrix fs_colour_decorrelated = {{{0.26F / NORM, 0.09F / NORM, 0.02F / NORM},
                                                  {0.27F / NORM, 0.0F, -0.05F / NORM},
                                                  {0.27F / NORM, -0.09F / NORM, 0.03F / NORM}}};
const fs_colour_matrix fs_colour_identity = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

/* exp(x) for |x| <= 80, relative error below 2e-7: x = n ln 2 + r, |r| <= ln 2 / 2, the Taylor polynomial of
 * degree 7 in r, and n added to the exponent's bits. Branch free, so that loops over it become vectors. */
FS_INLINE float fast_exp(float x) {
    const float magic = 12582912.0F; /* 1.5 * 2^23: adding it rounds to a whole number */
    float shifted = x * 1.44269504F + magic;
    float n = shifted - magic;
    float r = x - n * 0.693359375F; /* ln 2 in two parts: the first has few bits, its product is exact */
    r = r + n * 2.12194440e-4F;
    float p = 1.0F / 5040;
    p = p * r + 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r * r + r + 1.0F;
    int32_t bits = (int32_t)n * (1 << 23);
    int32_t scaled;
    memcpy(&scaled, &p, sizeof scaled);
    scaled += bits;
    memcpy(&p, &scaled, sizeof p);
    return p;
}

FS_INLINE float sigmoid(float x) {
    x = x < -80.0F ? -80.0F : x;
    x = x > 80.0F ? 80.0F : x;
    return 1.0F / (1.0F + fast_exp(-x));
}

FS_CLONES
static void forward_row(const float *restrict m, const float *restrict t0, const float *restrict t1,
                        const float *restrict t2, int count, float *restrict pixels) {
    for (int i = 0; i < count; i++) {
        float a = t0[i], b = t1[i], c = t2[i];
        pixels[4 * i] = sigmoid(m[0] * a + m[1] * b + m[2] * c);
        pixels[4 * i + 1] = sigmoid(m[3] * a + m[4] * b + m[5] * c);
        pixels[4 * i + 2] = sigmoid(m[6] * a + m[7] * b + m[8] * c);
        pixels[4 * i + 3] = 0;
    }
}

void fs_colour_forward(const fs_colour_matrix *matrix, const float *const planes[3], int count,
                       float *pixels) {
    forward_row(&matrix->m[0][0], planes[0], planes[1], planes[2], count, pixels);
}

FS_CLONES
static void backward_row(const float *restrict m, const float *restrict pixels, const float *restrict grad,
                         int count, float *restrict g0, float *restrict g1, float *restrict g2) {
    for (int i = 0; i < count; i++) {
        float r = pixels[4 * i], g = pixels[4 * i + 1], b = pixels[4 * i + 2];
        float dr = grad[4 * i] * (r * (1 - r));
        float dg = grad[4 * i + 1] * (g * (1 - g));
        float db = grad[4 * i + 2] * (b * (1 - b));
        g0[i] = m[0] * dr + m[3] * dg + m[6] * db;
        g1[i] = m[1] * dr + m[4] * dg + m[7] * db;
        g2[i] = m[2] * dr + m[5] * dg + m[8] * db;
    }
}

void fs_colour_backward(const fs_colour_matrix *matrix, const float *pixels, const float *pixel_grad,
                        int count, float *const plane_grad[3]) {
    backward_row(&matrix->m[0][0], pixels, pixel_grad, count, plane_grad[0], plane_grad[1], plane_grad[2]);
}

FS_CLONES
static void grey_row(const float *restrict t, int count, float *restrict pixels) {
    for (int i = 0; i < count; i++) {
        float value = sigmoid(t[i]);
        pixels[4 * i] = pixels[4 * i + 1] = pixels[4 * i + 2] = value;
        pixels[4 * i + 3] = 0;
    }
}

void fs_grey_forward(const float *plane, int count, float *pixels) {
    grey_row(plane, count, pixels);
}

FS_CLONES
static void grey_row_backward(const float *restrict pixels, const float *restrict grad, int count,
                              float *restrict g) {
    for (int i = 0; i < count; i++) {
        float value = pixels[4 * i];
        g[i] = (grad[4 * i] + grad[4 * i + 1] + grad[4 * i + 2]) * (value * (1 - value));
    }
}

void fs_grey_backward(const float *pixels, const float *pixel_grad, int count, float *plane_grad) {
    grey_row_backward(pixels, pixel_grad, count, plane_grad);
}
