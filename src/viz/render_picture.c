/* From a render's canvases to pictures of bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/canvas.h"
#include "viz/clones.h"
#include "viz/render_internal.h"

/* A stretched picture runs from the first of these shares of its numbers to the second; it is opaque where
 * the gradient was above the third's share. Fel et al. 2023, and its code. */
#define DARKEST_SHARE 0.01
#define LIGHTEST_SHARE 0.99
#define OPAQUE_SHARE 0.8

enum { BINS = 4096 };

FS_CLONES
static void row_to_bytes(const float *restrict pixels, int count, uint8_t *restrict rgb) {
    for (int i = 0; i < count; i++)
        for (int k = 0; k < 3; k++)
            rgb[3 * i + k] = (uint8_t)(int)(pixels[FS_CANVAS_LANES * i + k] * 255.0F + 0.5F);
}

FS_CLONES
static void row_to_stretched_bytes(const float *restrict pixels, int count, float low, float factor,
                                   uint8_t *restrict rgb) {
    for (int i = 0; i < count; i++)
        for (int k = 0; k < 3; k++) {
            float value = (pixels[FS_CANVAS_LANES * i + k] - low) * factor;
            value = value > 1 ? 1 : value > 0 ? value : 0;
            rgb[3 * i + k] = (uint8_t)(int)(value * 255.0F + 0.5F);
        }
}

/* The number below which the share of all lies, to a bin. */
static float quantile(const int *counts, double share, double total) {
    double below = 0;
    int bin = 0;
    while (bin < BINS - 1 && below + counts[bin] <= share * total)
        below += counts[bin++];
    return ((float)bin + 0.5F) / BINS;
}

/* Colours are in 0..1. */
static void find_range(const float *canvas, int size, float *low, float *high) {
    int counts[BINS] = {0};
    for (int y = 0; y < size; y++) {
        const float *row = fs_canvas_row_const(canvas, size, y);
        for (int x = 0; x < size; x++)
            for (int k = 0; k < 3; k++) {
                float value = row[FS_CANVAS_LANES * x + k] * BINS;
                int bin = value > 0 ? (int)value : 0;
                counts[bin < BINS ? bin : BINS - 1]++;
            }
    }
    *low = quantile(counts, DARKEST_SHARE, 3.0 * size * size);
    *high = quantile(counts, LIGHTEST_SHARE, 3.0 * size * size);
}

void fs_render_to_bytes(const fs_render *render, int item, uint8_t *rgb) {
    int size = render->settings.size;
    const float *canvas = render->canvases + (size_t)item * fs_canvas_floats(size);
    float low = 0, high = 1;
    bool stretched = fs_planes_kinds[render->settings.param]->stretched;
    if (stretched)
        find_range(canvas, size, &low, &high);
    for (int y = 0; y < size; y++) {
        const float *row = fs_canvas_row_const(canvas, size, y);
        uint8_t *bytes = rgb + (size_t)y * (size_t)size * 3;
        if (stretched && high > low)
            row_to_stretched_bytes(row, size, low, 1 / (high - low), bytes);
        else
            row_to_bytes(row, size, bytes);
    }
}

fs_status fs_render_image(const fs_render *render, int item, fs_render_which which, fs_image *out,
                          fs_error *err) {
    int size = render->settings.size;
    size_t bytes = (size_t)size * (size_t)size * 3;
    if (item < 0 || item >= render->n)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no picture %d of %d", item, render->n);
    fs_status status = fs_image_create(out, size, size, 3, err);
    if (status != FS_OK)
        return status;
    if (which == FS_RENDER_BEST && render->best_values[item] > -INFINITY)
        memcpy(out->pixels, render->best_pixels + (size_t)item * bytes, bytes);
    else
        fs_render_to_bytes(render, item, out->pixels);
    return FS_OK;
}

/* ---- transparency ---- */

static int compare_floats(const void *a, const void *b) {
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The attention at which a picture is opaque. */
static fs_status opaque_from(const float *attention, size_t count, float *out, fs_error *err) {
    float *sorted = fs_alloc_array(count, sizeof *sorted);
    if (!sorted)
        return fs_fail_memory(err, "a picture's transparency");
    memcpy(sorted, attention, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_floats);
    *out = sorted[(size_t)(OPAQUE_SHARE * (double)(count - 1))];
    fs_free(sorted);
    return FS_OK;
}

fs_status fs_render_figure(const fs_render *render, int item, fs_image *out, fs_error *err) {
    fs_image image = {0}, figure = {0};
    fs_status status = fs_render_image(render, item, FS_RENDER_LAST, &image, err);
    if (status != FS_OK)
        return status;
    if (!render->attention || render->settings.opaque) {
        *out = image;
        return FS_OK;
    }
    size_t count = (size_t)image.width * (size_t)image.height;
    const float *attention = render->attention + (size_t)item * count;
    float full = 0;
    status = opaque_from(attention, count, &full, err);
    if (status == FS_OK)
        status = fs_image_create(&figure, image.width, image.height, 4, err);
    for (size_t i = 0; status == FS_OK && i < count; i++) {
        memcpy(figure.pixels + 4 * i, image.pixels + 3 * i, 3);
        bool opaque = !(attention[i] < full);
        figure.pixels[4 * i + 3] = opaque ? 255 : (uint8_t)lrintf(attention[i] / full * 255.0F);
    }
    fs_image_free(&image);
    if (status == FS_OK)
        *out = figure;
    return status;
}
