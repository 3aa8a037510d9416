#include "engine/train/augment.h"

#include <math.h>

enum { TRIES = 10 };

static const double radians = 3.14159265358979323846 / 180;

/* What was drawn for one picture. */
typedef struct draw {
    double x, y, width, height; /* of the crop, pixels of the picture */
    double angle;               /* radians */
    bool mirrored;
    double brightness, contrast, saturation; /* factors */
} draw;

fs_augment_settings fs_augment_defaults(void) {
    return (fs_augment_settings){
        .least_area = 0.4, .aspect = 4.0 / 3, .mirror = 0.5, .jitter = 0.2, .rotation = 8};
}

/* Area uniform, shape uniform in its logarithm (Szegedy et al., "Going Deeper with Convolutions", 2015); the
 * largest crop of the output's shape when none of the tries fits. */
static void draw_crop(draw *d, const fs_image *in, const fs_augment_settings *s, double shape, fs_random *r) {
    const double area = (double)in->width * in->height;
    bool found = false;
    for (int t = 0; t < TRIES; t++) { /* always all of them: the numbers after them stay where they are */
        const double wanted = area * fs_random_range(r, s->least_area, 1);
        const double ratio = shape * exp(fs_random_range(r, -log(s->aspect), log(s->aspect)));
        const double width = sqrt(wanted * ratio), height = sqrt(wanted / ratio);
        if (found || width > in->width || height > in->height)
            continue;
        found = true;
        d->width = width;
        d->height = height;
    }
    if (!found) {
        d->width = fmin(in->width, in->height * shape);
        d->height = fmin(in->height, in->width / shape);
    }
    d->x = fs_random_unit(r) * (in->width - d->width);
    d->y = fs_random_unit(r) * (in->height - d->height);
}

static draw draw_all(const fs_image *in, const fs_augment_settings *s, double shape, fs_random *r) {
    draw d = {0};
    draw_crop(&d, in, s, shape, r);
    d.mirrored = fs_random_unit(r) < s->mirror;
    d.angle = radians * fs_random_range(r, -s->rotation, s->rotation);
    d.brightness = fs_random_range(r, 1 - s->jitter, 1 + s->jitter);
    d.contrast = fs_random_range(r, 1 - s->jitter, 1 + s->jitter);
    d.saturation = fs_random_range(r, 1 - s->jitter, 1 + s->jitter);
    return d;
}

/* ---- geometry ---- */

static int clamp(int v, int high) {
    return v < 0 ? 0 : v > high ? high : v;
}

/* Bilinear; beyond the edge lies the edge. */
static void sample(const fs_image *in, double x, double y, uint8_t *out) {
    const int x0 = (int)floor(x), y0 = (int)floor(y), right = in->width - 1, bottom = in->height - 1;
    const float fx = (float)(x - x0), fy = (float)(y - y0);
    const uint8_t *top = in->pixels + (int64_t)clamp(y0, bottom) * in->width * in->channels;
    const uint8_t *low = in->pixels + (int64_t)clamp(y0 + 1, bottom) * in->width * in->channels;
    const int left_at = clamp(x0, right) * in->channels, right_at = clamp(x0 + 1, right) * in->channels;
    for (int c = 0; c < in->channels; c++) {
        const float upper = top[left_at + c] + fx * (float)(top[right_at + c] - top[left_at + c]);
        const float lower = low[left_at + c] + fx * (float)(low[right_at + c] - low[left_at + c]);
        out[c] = (uint8_t)lrintf(upper + fy * (lower - upper));
    }
}

/* The crop, turned about its middle, at its own size. */
static fs_status turn(const fs_image *in, const draw *d, fs_image *out, fs_error *err) {
    fs_status status =
        fs_image_create(out, (int)fmax(1, rint(d->width)), (int)fmax(1, rint(d->height)), in->channels, err);
    if (status != FS_OK)
        return status;
    const double cosine = cos(d->angle), sine = sin(d->angle);
    const double middle_x = d->x + d->width / 2 - 0.5, middle_y = d->y + d->height / 2 - 0.5;
    uint8_t *to = out->pixels;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x++, to += out->channels) {
            const double dx = x - (out->width - 1) / 2.0, dy = y - (out->height - 1) / 2.0;
            sample(in, middle_x + cosine * dx - sine * dy, middle_y + sine * dx + cosine * dy, to);
        }
    return FS_OK;
}

static fs_status cut(const fs_image *in, const draw *d, fs_image *out, fs_error *err) {
    if (d->angle != 0)
        return turn(in, d, out, err);
    const int width = clamp((int)rint(fmax(1, d->width)), in->width);
    const int height = clamp((int)rint(fmax(1, d->height)), in->height);
    return fs_image_crop(out, in, clamp((int)rint(d->x), in->width - width),
                         clamp((int)rint(d->y), in->height - height), width, height, err);
}

static void mirror(fs_image *image) {
    for (int y = 0; y < image->height; y++) {
        uint8_t *row = image->pixels + (int64_t)y * image->width * image->channels;
        for (int x = 0; x < image->width / 2; x++)
            for (int c = 0; c < image->channels; c++) {
                uint8_t *a = row + x * image->channels + c;
                uint8_t *b = row + (image->width - 1 - x) * image->channels + c;
                const uint8_t kept = *a;
                *a = *b;
                *b = kept;
            }
    }
}

/* ---- colour ---- */

static float grey_of(const uint8_t *p, int channels) {
    return channels < 3 ? p[0] : 0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2];
}

static float mean_grey(const fs_image *image) {
    const int64_t pixels = (int64_t)image->width * image->height;
    double sum = 0;
    for (int64_t i = 0; i < pixels; i++)
        sum += (double)grey_of(image->pixels + i * image->channels, image->channels);
    return (float)(sum / (double)pixels);
}

static uint8_t to_byte(float v) {
    return v <= 0 ? 0 : v >= 255 ? 255 : (uint8_t)lrintf(v);
}

/* Brightness times the factor, contrast about the mean grey, saturation about each pixel's grey. */
static void recolour(fs_image *image, const draw *d) {
    const int64_t pixels = (int64_t)image->width * image->height;
    const float b = (float)d->brightness, c = (float)d->contrast, s = (float)d->saturation;
    const float mean = b * mean_grey(image);
    for (int64_t i = 0; i < pixels; i++) {
        uint8_t *p = image->pixels + i * image->channels;
        const float grey = mean + c * (b * grey_of(p, image->channels) - mean);
        for (int k = 0; k < image->channels && k < 3; k++)
            p[k] = to_byte(grey + s * (mean + c * (b * p[k] - mean) - grey));
    }
}

fs_status fs_augment(const fs_image *in, const fs_augment_settings *settings, fs_random *random, int height,
                     int width, fs_image *out, fs_error *err) {
    const draw d = draw_all(in, settings, (double)width / height, random);
    fs_image crop = {0}, resized = {0};
    fs_status status = cut(in, &d, &crop, err);
    if (status == FS_OK)
        status = fs_image_resize(&resized, &crop, width, height, err);
    fs_image_free(&crop);
    if (status != FS_OK)
        return status;
    if (d.mirrored)
        mirror(&resized);
    if (settings->jitter > 0)
        recolour(&resized, &d);
    *out = resized;
    return FS_OK;
}
