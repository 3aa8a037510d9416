#include "viz/attribution_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/activation.h"
#include "viz/heat.h"

static const double scale_quantile = 0.995;
static const double smooth_sigma = 3; /* pixels */
enum { SMOOTH_REACH = 9 };

static void collapse(const fs_attribution *a, bool sum, float *out) {
    int64_t pixels = (int64_t)a->width * a->height;
    for (int64_t i = 0; i < pixels; i++) {
        const float r = a->values[i], g = a->values[pixels + i], b = a->values[2 * pixels + i];
        out[i] = sum ? r + g + b : fmaxf(fabsf(r), fmaxf(fabsf(g), fabsf(b)));
    }
}

static void enlarge(const fs_attribution *a, const fs_image *crop, float *out) {
    fs_map_geometry g = {.height = a->height,
                         .width = a->width,
                         .image_height = crop->height,
                         .image_width = crop->width,
                         .field = a->map->field};
    for (int y = 0; y < crop->height; y++)
        for (int x = 0; x < crop->width; x++)
            *out++ = (float)fs_map_sample(&g, a->values, x + 0.5, y + 0.5);
}

/* One direction of a Gaussian, whose weights sum to one within the picture. */
static void smooth_line(const float *in, int count, int stride, float *out) {
    for (int i = 0; i < count; i++) {
        double sum = 0, weights = 0;
        for (int k = -SMOOTH_REACH; k <= SMOOTH_REACH; k++) {
            if (i + k < 0 || i + k >= count)
                continue;
            double weight = exp(-k * k / (2 * smooth_sigma * smooth_sigma));
            sum += weight * in[(int64_t)(i + k) * stride];
            weights += weight;
        }
        out[(int64_t)i * stride] = (float)(sum / weights);
    }
}

static void smooth(float *values, float *scratch, int width, int height) {
    for (int y = 0; y < height; y++)
        smooth_line(values + (int64_t)y * width, width, 1, scratch + (int64_t)y * width);
    for (int x = 0; x < width; x++)
        smooth_line(scratch + x, height, width, values + x);
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Never zero. */
static fs_status find_scale(const float *values, int64_t count, double quantile, double *out, fs_error *err) {
    float *sorted = fs_alloc_array((size_t)count, sizeof *sorted);
    if (!sorted)
        return fs_fail_memory(err, "a picture of an attribution");
    for (int64_t i = 0; i < count; i++)
        sorted[i] = fabsf(values[i]);
    qsort(sorted, (size_t)count, sizeof *sorted, ascending);
    double scale = sorted[(int64_t)(quantile * (double)(count - 1))];
    *out = scale > 0 ? scale : sorted[count - 1] > 0 ? sorted[count - 1] : 1;
    fs_free(sorted);
    return FS_OK;
}

static void lay_over(const uint8_t *photograph, const uint8_t colour[3], double weight, uint8_t *to) {
    const double dimmed = 0.45 * (0.299 * photograph[0] + 0.587 * photograph[1] + 0.114 * photograph[2]);
    for (int c = 0; c < 3; c++)
        to[c] = (uint8_t)lrint((1 - weight) * dimmed + weight * colour[c]);
}

static void paint(const float *values, double scale, bool is_signed, const fs_image *crop, fs_image *alone,
                  fs_image *over) {
    int64_t pixels = (int64_t)crop->width * crop->height;
    for (int64_t i = 0; i < pixels; i++) {
        uint8_t *colour = alone->pixels + 3 * i, laid[3];
        double share = values[i] / scale, weight = fmin(fabs(share), 1);
        if (is_signed) {
            fs_heat_diverging(share, colour);
            fs_heat_diverging(share < 0 ? -0.5 : 0.5, laid); /* nothing is transparent, not white */
        } else {
            fs_heat_sequential(share, colour);
            weight = sqrt(weight); /* its colours are dark for long */
            memcpy(laid, colour, sizeof laid);
        }
        lay_over(crop->pixels + 3 * i, laid, weight, over->pixels + 3 * i);
    }
}

static void paint_colours(const fs_attribution *a, double scale, const fs_image *crop, fs_image *alone,
                          fs_image *over) {
    int64_t pixels = (int64_t)crop->width * crop->height;
    for (int64_t i = 0; i < pixels; i++) {
        double most = 0;
        for (int c = 0; c < 3; c++) {
            double share = fmax(-1, fmin(a->values[c * pixels + i] / scale, 1));
            alone->pixels[3 * i + c] = (uint8_t)lrint(127.5 + 127.5 * share);
            most = fmax(most, fabs(share));
        }
        lay_over(crop->pixels + 3 * i, alone->pixels + 3 * i, sqrt(most), over->pixels + 3 * i);
    }
}

static fs_status paint_both(const fs_attribution *a, fs_attribution_method method, const fs_image *crop,
                            float *values, fs_image *alone, fs_image *over, fs_error *err) {
    int64_t pixels = (int64_t)crop->width * crop->height;
    bool is_cam = method == FS_ATTRIBUTION_GRADCAM, is_signed = method == FS_ATTRIBUTION_INTEGRATED;
    double scale;
    if (is_cam)
        enlarge(a, crop, values);
    else
        collapse(a, is_signed, values);
    if (is_signed)
        smooth(values, values + pixels, crop->width, crop->height);
    fs_status status = find_scale(values, pixels, is_cam ? 1 : scale_quantile, &scale, err);
    if (status != FS_OK)
        return status;
    if (method == FS_ATTRIBUTION_GUIDED)
        paint_colours(a, scale, crop, alone, over);
    else
        paint(values, scale, is_signed, crop, alone, over);
    return FS_OK;
}

fs_status fs_attribution_view(const fs_attribution *a, fs_attribution_method method, const fs_image *crop,
                              fs_image *alone, fs_image *over, fs_error *err) {
    fs_image first = {0}, second = {0};
    size_t pixels = (size_t)crop->width * (size_t)crop->height;
    float *values = fs_alloc_array(2 * pixels, sizeof *values); /* and as many to smooth with */
    fs_status status = values ? fs_image_create(&first, crop->width, crop->height, 3, err)
                              : fs_fail_memory(err, "a picture of an attribution");
    if (status == FS_OK)
        status = fs_image_create(&second, crop->width, crop->height, 3, err);
    if (status == FS_OK)
        status = paint_both(a, method, crop, values, &first, &second, err);
    fs_free(values);
    if (status == FS_OK) {
        *alone = first;
        *over = second;
        return FS_OK;
    }
    fs_image_free(&first);
    fs_image_free(&second);
    return status;
}
