#include "viz/transform.h"

#include <math.h>
#include <string.h>

#include "viz/canvas.h"

#define PI 3.14159265358979323846

enum { BAND = 32 }; /* rows one piece of work covers */

/* Ranges of one preset; jitters are even, so that the middle of their range is a whole shift. */
typedef struct ranges {
    int border, jitter_before, jitter_after;
    int scales; /* how many, symmetric about 1 */
    double scale_step;
    int degrees;     /* whole degrees from -degrees to degrees */
    int extra_zeros; /* how often 0 is in the list beyond the first */
} ranges;

static const ranges presets[] = {
    [FS_TRANSFORMS_LUCID] = {12, 8, 4, 11, 0.02, 10, 5},
    [FS_TRANSFORMS_NONE] = {0, 0, 0, 1, 0, 0, 0},
    [FS_TRANSFORMS_STRONG] = {24, 16, 8, 11, 0.04, 20, 5},
};

static int growth(fs_transform_preset preset) {
    const ranges *r = &presets[preset];
    return 2 * r->border - r->jitter_before - r->jitter_after;
}

fs_transform_geometry fs_transform_fit(fs_transform_preset preset, int size) {
    int window = size + growth(preset);
    return (fs_transform_geometry){.size = size, .height = window, .width = window, .zoom = 1};
}

fs_transform_geometry fs_transform_fit_window(fs_transform_preset preset, int size, int height, int width) {
    int shorter = height < width ? height : width;
    double zoom = (double)shorter / (size + growth(preset));
    return (fs_transform_geometry){.size = size, .height = height, .width = width, .zoom = zoom};
}

fs_affine fs_transform_draw(fs_transform_preset preset, const fs_transform_geometry *geometry,
                            fs_random *random) {
    const ranges *r = &presets[preset];
    double before[2] = {fs_random_int(random, r->jitter_before + 1) - r->jitter_before / 2,
                        fs_random_int(random, r->jitter_before + 1) - r->jitter_before / 2};
    double scale = 1 + (fs_random_int(random, r->scales) - r->scales / 2) * r->scale_step;
    int turn = fs_random_int(random, 2 * r->degrees + 1 + r->extra_zeros);
    double angle = (turn <= 2 * r->degrees ? turn - r->degrees : 0) * PI / 180;
    double after[2] = {fs_random_int(random, r->jitter_after + 1) - r->jitter_after / 2,
                       fs_random_int(random, r->jitter_after + 1) - r->jitter_after / 2};
    double cosine = cos(angle) / scale, sine = sin(angle) / scale;
    double linear[2][2] = {{cosine, sine}, {-sine, cosine}};
    double middle[2] = {(geometry->width - 1) / 2.0, (geometry->height - 1) / 2.0};
    fs_affine affine;
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++)
            affine.m[i][k] = linear[i][k] / geometry->zoom;
        affine.m[i][2] = (geometry->size - 1) / 2.0 + before[i];
        for (int k = 0; k < 2; k++)
            affine.m[i][2] += linear[i][k] * after[k] - affine.m[i][k] * middle[k];
    }
    return affine;
}

/* A row of the window as a line through the canvas, in the ring's coordinates (the picture's plus 1). */
typedef struct line {
    float x, y, dx, dy;
    int from, to; /* the columns whose taps lie within the canvas */
} line;

/* Narrows [from, to) to where start + step * u lies in [low, high]. */
static void clip(int *from, int *to, double start, double step, double low, double high) {
    if (step == 0) {
        if (start < low || start > high)
            *to = *from;
        return;
    }
    double a = (low - start) / step, b = (high - start) / step;
    double first = ceil(a < b ? a : b), last = floor(a < b ? b : a) + 1;
    if (first > *from)
        *from = first < *to ? (int)first : *to;
    if (last < *to)
        *to = last > *from ? (int)last : *from;
}

/* Row v of the window, at its subpixel (right, down). */
static line row_line(const fs_transform_geometry *g, const fs_affine *a, int row, double right, double down) {
    double v = row + down;
    double x = a->m[0][0] * right + a->m[0][1] * v + a->m[0][2] + 1;
    double y = a->m[1][0] * right + a->m[1][1] * v + a->m[1][2] + 1;
    line l = {(float)x, (float)y, (float)a->m[0][0], (float)a->m[1][0], 0, g->width};
    clip(&l.from, &l.to, x, a->m[0][0], 0, g->size + 1);
    clip(&l.from, &l.to, y, a->m[1][0], 0, g->size + 1);
    return l;
}

/* Subpixels a side of a window pixel: as many as picture pixels fall on it, so that none is passed over. */
static int subpixels(const fs_transform_geometry *g) {
    double count = rint(1 / g->zoom);
    return count > 1 ? (int)count : 1;
}

/* The place of subpixel i of n, relative to the pixel's centre. */
static double subpixel(int i, int n) {
    return (i + 0.5) / n - 0.5;
}

/* Where column u of a line falls: the upper left tap and the weights of the lower right ones. Rounding may
 * put a position a hair outside; the clamp keeps the taps inside. */
typedef struct tap {
    int x, y;
    float fx, fy;
} tap;

static inline tap tap_at(const line *l, int u, int size) {
    float x = l->x + l->dx * (float)u, y = l->y + l->dy * (float)u;
    tap t = {(int)x, (int)y, 0, 0}; /* x, y > -1: truncation rounds down or to 0 */
    t.x = t.x > size ? size : t.x;
    t.y = t.y > size ? size : t.y;
    t.fx = x - (float)t.x;
    t.fy = y - (float)t.y;
    return t;
}

typedef struct job {
    const fs_transform_geometry *geometry;
    const fs_affine *affines;
    const float *read;
    float *write;
    const bool *wanted;
    int bands;
} job;

static void add_outside(float *row, int from, int to, float weight) {
    for (int u = from; u < to; u++)
        row[u] += weight * FS_CANVAS_OUTSIDE;
}

/* Adds weight * picture along a line. */
static void sample_line(const fs_transform_geometry *g, const line *l, const float *canvas, float weight,
                        float *const out[3]) {
    size_t stride = fs_canvas_stride(g->size);
    for (int k = 0; k < 3; k++) {
        add_outside(out[k], 0, l->from, weight);
        add_outside(out[k], l->to, g->width, weight);
    }
    for (int u = l->from; u < l->to; u++) {
        tap t = tap_at(l, u, g->size);
        const float *at = canvas + (size_t)t.y * stride + (size_t)t.x * FS_CANVAS_LANES;
        const fs_v4 *upper = (const fs_v4 *)at, *lower = (const fs_v4 *)(at + stride);
        /* weights, not differences: exact for 0 and for 1 */
        fs_v4 top = (1 - t.fx) * upper[0] + t.fx * upper[1];
        fs_v4 bottom = (1 - t.fx) * lower[0] + t.fx * lower[1];
        fs_v4 pixel = weight * ((1 - t.fy) * top + t.fy * bottom);
        out[0][u] += pixel[0];
        out[1][u] += pixel[1];
        out[2][u] += pixel[2];
    }
}

static void sample_row(const fs_transform_geometry *g, const fs_affine *affine, const float *canvas, int v,
                       float *const out[3]) {
    int n = subpixels(g);
    float weight = 1.0F / (float)(n * n);
    for (int k = 0; k < 3; k++)
        memset(out[k], 0, (size_t)g->width * sizeof *out[k]);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            line l = row_line(g, affine, v, subpixel(j, n), subpixel(i, n));
            sample_line(g, &l, canvas, weight, out);
        }
}

static void sample_bands(void *context, int first, int last, int thread) {
    const job *j = context;
    const fs_transform_geometry *g = j->geometry;
    size_t pixels = (size_t)g->height * (size_t)g->width;
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        int item = piece / j->bands, from = piece % j->bands * BAND;
        int to = from + BAND < g->height ? from + BAND : g->height;
        const float *canvas = j->read + (size_t)item * fs_canvas_floats(g->size);
        float *window = j->write + (size_t)item * 3 * pixels;
        for (int v = from; v < to; v++) {
            float *row = window + (size_t)v * (size_t)g->width;
            float *out[3] = {row, row + pixels, row + 2 * pixels};
            sample_row(g, &j->affines[item], canvas, v, out);
        }
    }
}

void fs_transform_forward(const fs_transform_geometry *geometry, const fs_affine *affines,
                          const float *canvases, int n, float *windows, fs_pool *pool) {
    job j = {.geometry = geometry, .affines = affines, .read = canvases, .write = windows};
    j.bands = (geometry->height + BAND - 1) / BAND;
    fs_pool_for(pool, n * j.bands, 1, sample_bands, &j);
}

/* Canvas rows [top, bottom) that one piece of work owns (the ring's numbering). */
typedef struct band {
    int top, bottom;
} band;

/* Adds weight * the gradient along a line to those canvas rows of the band that it touches. */
static void scatter_line(const line *l, int size, const float *const grad[3], float weight, band b,
                         float *canvas) {
    size_t stride = fs_canvas_stride(size);
    int from = l->from, to = l->to;
    clip(&from, &to, l->y, l->dy, b.top - 1.01, b.bottom + 0.01);
    for (int u = from; u < to; u++) {
        tap t = tap_at(l, u, size);
        fs_v4 g = weight * (fs_v4){grad[0][u], grad[1][u], grad[2][u], 0};
        fs_v4 lower = t.fy * g, upper = g - lower;
        float *at = canvas + (size_t)t.y * stride + (size_t)t.x * FS_CANVAS_LANES;
        if (t.y >= b.top && t.y < b.bottom) {
            fs_v4 right = t.fx * upper, *to_pixel = (fs_v4 *)at;
            to_pixel[0] += upper - right;
            to_pixel[1] += right;
        }
        if (t.y + 1 >= b.top && t.y + 1 < b.bottom) {
            fs_v4 right = t.fx * lower, *to_pixel = (fs_v4 *)(at + stride);
            to_pixel[0] += lower - right;
            to_pixel[1] += right;
        }
    }
}

static void scatter_row(const fs_transform_geometry *g, const fs_affine *affine, const float *const grad[3],
                        int v, band b, float *canvas) {
    int n = subpixels(g);
    float weight = 1.0F / (float)(n * n);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            line l = row_line(g, affine, v, subpixel(j, n), subpixel(i, n));
            scatter_line(&l, g->size, grad, weight, b, canvas);
        }
}

/* Every piece owns a band of canvas rows and looks for the window pixels that fall there: no two threads
 * write one place, and each place is summed in the window's order. */
static void scatter_bands(void *context, int first, int last, int thread) {
    const job *j = context;
    const fs_transform_geometry *g = j->geometry;
    size_t pixels = (size_t)g->height * (size_t)g->width, stride = fs_canvas_stride(g->size);
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        int item = piece / j->bands;
        band b = {.top = piece % j->bands * BAND};
        b.bottom = b.top + BAND < g->size + 2 ? b.top + BAND : g->size + 2;
        if (j->wanted && !j->wanted[item])
            continue;
        const float *window = j->read + (size_t)item * 3 * pixels;
        float *canvas = j->write + (size_t)item * fs_canvas_floats(g->size);
        memset(canvas + (size_t)b.top * stride, 0, (size_t)(b.bottom - b.top) * stride * sizeof *canvas);
        for (int v = 0; v < g->height; v++) {
            const float *row = window + (size_t)v * (size_t)g->width;
            const float *grad[3] = {row, row + pixels, row + 2 * pixels};
            scatter_row(g, &j->affines[item], grad, v, b, canvas);
        }
    }
}

void fs_transform_backward(const fs_transform_geometry *geometry, const fs_affine *affines,
                           const float *window_grads, int n, const bool *wanted, float *canvas_grads,
                           fs_pool *pool) {
    job j = {.geometry = geometry,
             .affines = affines,
             .read = window_grads,
             .write = canvas_grads,
             .wanted = wanted};
    j.bands = (geometry->size + 2 + BAND - 1) / BAND;
    fs_pool_for(pool, n * j.bands, 1, scatter_bands, &j);
}
