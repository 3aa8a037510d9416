#include "engine/model.h"

#include <math.h>

enum { USUAL_SHORT_SIDE = 256, USUAL_CROP = 224 };

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

static int short_side(int crop) {
    return crop >= USUAL_CROP && crop <= USUAL_SHORT_SIDE
               ? USUAL_SHORT_SIDE
               : (crop * USUAL_SHORT_SIDE + USUAL_CROP / 2) / USUAL_CROP;
}

fs_status fs_preprocess_resize(const fs_image *image, int height, int width, fs_image *out, fs_error *err) {
    double scale = fmax((double)short_side(height) / image->height, (double)short_side(width) / image->width);
    int new_width = (int)fmax(width, rint(image->width * scale));
    int new_height = (int)fmax(height, rint(image->height * scale));
    if (new_width > FS_IMAGE_MAX_SIDE || new_height > FS_IMAGE_MAX_SIDE)
        return fs_fail(err, FS_ERROR_LIMIT, "a picture of %d x %d is too narrow to crop", image->width,
                       image->height);
    return fs_image_resize(out, image, new_width, new_height, err);
}

fs_status fs_preprocess_crop(const fs_image *image, int height, int width, fs_image *out, fs_error *err) {
    fs_image resized = {0};
    fs_status status = fs_preprocess_resize(image, height, width, &resized, err);
    if (status != FS_OK)
        return status;
    status = fs_image_crop(out, &resized, (resized.width - width) / 2, (resized.height - height) / 2, width,
                           height, err);
    fs_image_free(&resized);
    return status;
}
