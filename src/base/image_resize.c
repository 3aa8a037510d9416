#include "base/image.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"

/* Weights are fixed-point numbers of this many fractional bits; a sum of weights is 1, so that a sum of
 * weighted bytes fits 32 bits with room for rounding. */
enum { WEIGHT_BITS = 22 };

/* One output sample is a weighted sum of `count[i]` input samples from `first[i]` on. */
typedef struct resample_taps {
    int *first, *count;
    int32_t *weight; /* [size][width] */
    int width;       /* the largest possible count */
} resample_taps;

static void taps_free(resample_taps *taps) {
    fs_free(taps->first);
    fs_free(taps->count);
    fs_free(taps->weight);
}

/* The triangle filter around `center`, in input samples, stretched to `radius` on both sides. */
static void fill_taps(resample_taps *taps, int i, int in_size, double center, double radius) {
    int first = (int)fmax(0, center - radius + 0.5);
    int last = (int)fmin(in_size, center + radius + 0.5);
    int32_t *weight = taps->weight + (size_t)i * (size_t)taps->width;
    double sum = 0;
    for (int j = first; j < last; j++)
        sum += fmax(0, 1 - fabs((j + 0.5 - center) / radius));
    for (int j = first; j < last; j++) {
        double share = fmax(0, 1 - fabs((j + 0.5 - center) / radius)) / sum;
        weight[j - first] = (int32_t)(share * (1 << WEIGHT_BITS) + 0.5);
    }
    taps->first[i] = first;
    taps->count[i] = last - first;
}

static fs_status taps_create(resample_taps *out, int in_size, int out_size, fs_error *err) {
    double scale = (double)in_size / out_size;
    double radius = scale > 1 ? scale : 1; /* enlarging interpolates, reducing averages */
    resample_taps taps = {.width = (int)ceil(radius) * 2 + 1};
    taps.first = fs_alloc_array((size_t)out_size, sizeof *taps.first);
    taps.count = fs_alloc_array((size_t)out_size, sizeof *taps.count);
    taps.weight = fs_alloc_array((size_t)out_size * (size_t)taps.width, sizeof *taps.weight);
    if (taps.first == NULL || taps.count == NULL || taps.weight == NULL) {
        taps_free(&taps);
        return fs_fail_memory(err, "a picture's resampling");
    }
    for (int i = 0; i < out_size; i++)
        fill_taps(&taps, i, in_size, (i + 0.5) * scale, radius);
    *out = taps;
    return FS_OK;
}

static uint8_t round_sum(int32_t sum) {
    int32_t value = (sum + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* in [height][in->width][channels] -> out [height][out->width][channels] */
static void resample_rows(fs_image *out, const fs_image *in, const resample_taps *taps) {
    int channels = in->channels;
    for (int y = 0; y < out->height; y++) {
        const uint8_t *row = in->pixels + (size_t)y * (size_t)in->width * (size_t)channels;
        uint8_t *to = out->pixels + (size_t)y * (size_t)out->width * (size_t)channels;
        for (int x = 0; x < out->width; x++) {
            const int32_t *weight = taps->weight + (size_t)x * (size_t)taps->width;
            const uint8_t *from = row + (size_t)taps->first[x] * (size_t)channels;
            int32_t sum[4] = {0};
            for (int k = 0; k < taps->count[x]; k++)
                for (int c = 0; c < channels; c++)
                    sum[c] += weight[k] * *from++;
            for (int c = 0; c < channels; c++)
                *to++ = round_sum(sum[c]);
        }
    }
}

/* in [in->height][width][channels] -> out [out->height][width][channels]; sums one row of `row` samples. */
static void resample_columns(fs_image *out, const fs_image *in, const resample_taps *taps, int32_t *sum) {
    size_t row = (size_t)in->width * (size_t)in->channels;
    for (int y = 0; y < out->height; y++) {
        const int32_t *weight = taps->weight + (size_t)y * (size_t)taps->width;
        memset(sum, 0, row * sizeof *sum);
        for (int k = 0; k < taps->count[y]; k++) {
            const uint8_t *from = in->pixels + (size_t)(taps->first[y] + k) * row;
            for (size_t i = 0; i < row; i++)
                sum[i] += weight[k] * from[i];
        }
        uint8_t *to = out->pixels + (size_t)y * row;
        for (size_t i = 0; i < row; i++)
            to[i] = round_sum(sum[i]);
    }
}

static fs_status resize_width(fs_image *out, const fs_image *in, int width, fs_error *err) {
    resample_taps taps;
    fs_image resized;
    fs_status status = fs_image_create(&resized, width, in->height, in->channels, err);
    if (status != FS_OK)
        return status;
    status = taps_create(&taps, in->width, width, err);
    if (status != FS_OK) {
        fs_image_free(&resized);
        return status;
    }
    resample_rows(&resized, in, &taps);
    taps_free(&taps);
    *out = resized;
    return FS_OK;
}

static fs_status resize_height(fs_image *out, const fs_image *in, int height, fs_error *err) {
    resample_taps taps = {0};
    fs_image resized;
    fs_status status = fs_image_create(&resized, in->width, height, in->channels, err);
    if (status != FS_OK)
        return status;
    int32_t *sum = fs_alloc_array((size_t)in->width * (size_t)in->channels, sizeof *sum);
    status = sum == NULL ? fs_fail_memory(err, "a picture's resampling")
                         : taps_create(&taps, in->height, height, err);
    if (status == FS_OK) {
        resample_columns(&resized, in, &taps, sum);
        *out = resized;
    } else {
        fs_image_free(&resized);
    }
    taps_free(&taps);
    fs_free(sum);
    return status;
}

/* The channels are resampled each on its own; colours are not weighted by an alpha channel. */
fs_status fs_image_resize(fs_image *out, const fs_image *in, int width, int height, fs_error *err) {
    fs_image narrowed, resized;
    if (width < 1 || height < 1)
        return fs_fail(err, FS_ERROR_ARGUMENT, "a picture cannot be resized to %d x %d", width, height);
    fs_status status = resize_width(&narrowed, in, width, err);
    if (status != FS_OK)
        return status;
    status = resize_height(&resized, &narrowed, height, err);
    fs_image_free(&narrowed);
    if (status == FS_OK)
        *out = resized;
    return status;
}
