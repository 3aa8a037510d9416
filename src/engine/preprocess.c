#include "engine/model.h"

/* Luma of ITU-R BT.601, what PIL and OpenCV use for grey. */
static const float luma[3] = {0.299f, 0.587f, 0.114f};

int fs_preprocess_channels(const fs_preprocess *p) {
    return p->order == FS_CHANNELS_GRAY ? 1 : 3;
}

/* The colour plane (0 red) that network channel c shows. */
static int plane_of(const fs_preprocess *p, int c) {
    return p->order == FS_CHANNELS_BGR ? 2 - c : c;
}

/* Network value = scale * pixel + shift. */
static float scale_of(const fs_preprocess *p, int c) {
    return p->range / p->std[c];
}

static float shift_of(const fs_preprocess *p, int c) {
    return -p->mean[c] / p->std[c];
}

void fs_preprocess_image(const fs_preprocess *p, const fs_image *image, float *out) {
    const int64_t pixels = (int64_t)image->width * image->height;
    const int step = image->channels;
    const int colour[3] = {0, step >= 3 ? 1 : 0, step >= 3 ? 2 : 0};
    for (int c = 0; c < fs_preprocess_channels(p); c++) {
        const float scale = scale_of(p, c) / 255.0f, shift = shift_of(p, c);
        const uint8_t *at = image->pixels;
        float *to = out + c * pixels;
        for (int64_t i = 0; i < pixels; i++, at += step) {
            float value = at[colour[plane_of(p, c)]];
            if (p->order == FS_CHANNELS_GRAY)
                value = luma[0] * at[colour[0]] + luma[1] * at[colour[1]] + luma[2] * at[colour[2]];
            to[i] = scale * value + shift;
        }
    }
}

void fs_preprocess_forward(const fs_preprocess *p, const float *rgb, int64_t pixels, float *out) {
    if (p->order == FS_CHANNELS_GRAY) {
        const float scale = scale_of(p, 0), shift = shift_of(p, 0);
        for (int64_t i = 0; i < pixels; i++)
            out[i] = scale * (luma[0] * rgb[i] + luma[1] * rgb[pixels + i] + luma[2] * rgb[2 * pixels + i]) +
                     shift;
        return;
    }
    for (int c = 0; c < 3; c++) {
        const float scale = scale_of(p, c), shift = shift_of(p, c);
        const float *from = rgb + plane_of(p, c) * pixels;
        for (int64_t i = 0; i < pixels; i++)
            out[c * pixels + i] = scale * from[i] + shift;
    }
}

void fs_preprocess_backward(const fs_preprocess *p, const float *out_grad, int64_t pixels, float *rgb_grad) {
    for (int c = 0; c < 3; c++) {
        const bool grey = p->order == FS_CHANNELS_GRAY;
        const int network = grey ? 0 : c, plane = grey ? c : plane_of(p, c);
        const float scale = scale_of(p, network) * (grey ? luma[c] : 1.0f);
        for (int64_t i = 0; i < pixels; i++)
            rgb_grad[plane * pixels + i] = scale * out_grad[network * pixels + i];
    }
}
