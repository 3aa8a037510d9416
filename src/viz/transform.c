#include "viz/transform.h"

#include <math.h>
#include <string.h>

#include "viz/canvas.h"

#define PI 3.14159265358979323846

enum { BAND = 32 /* rows one piece of work covers */, NOISE_BLOCK = 256 };

const fs_transform_list fs_transforms_none = {.preset = "none"};

fs_transform_geometry fs_transform_fit(const fs_transform_list *list, int size) {
    int window = size + list->growth;
    return (fs_transform_geometry){.size = size, .height = window, .width = window, .zoom = 1};
}

fs_transform_geometry fs_transform_fit_window(const fs_transform_list *list, int size, int height,
                                              int width) {
    int shorter = height < width ? height : width;
    double zoom = (double)shorter / (size + list->growth);
    return (fs_transform_geometry){.size = size, .height = height, .width = width, .zoom = zoom};
}

/* ---- drawing ---- */

/* Steps so far, as the map from a place in the view, relative to its middle, to one in the picture:
 * picture = moved + R(angle) / scale * mirror * (view + shift). Keeping the last shift apart makes whole
 * shifts exact. */
typedef struct view {
    double side; /* pixels */
    double angle, scale;
    bool mirrored;
    double moved[2], shift[2];
} view;

static void linear_part(const view *v, double linear[2][2]) {
    double cosine = cos(v->angle) / v->scale, sine = sin(v->angle) / v->scale;
    double side = v->mirrored ? -1 : 1;
    linear[0][0] = side * cosine;
    linear[0][1] = sine;
    linear[1][0] = side * -sine;
    linear[1][1] = cosine;
}

/* Shifts so far happened before what follows. */
static void settle_shift(view *v) {
    double linear[2][2];
    linear_part(v, linear);
    for (int i = 0; i < 2; i++)
        v->moved[i] += linear[i][0] * v->shift[0] + linear[i][1] * v->shift[1];
    v->shift[0] = v->shift[1] = 0;
}

static void draw_jitter(view *v, int pixels, fs_random *random) {
    for (int i = 0; i < 2; i++)
        v->shift[i] += fs_random_int(random, pixels + 1) - pixels / 2.0;
    v->side -= pixels;
}

/* One of the evenly spaced numbers from low to high about their middle, or any of them where step is 0; with
 * a step, `fixed` is drawn as if it were in the list so many times more. */
static double draw_number(const double range[3], double fixed, int more, fs_random *random) {
    double low = range[0], high = range[1], step = range[2];
    if (step <= 0 || high - low < step)
        return fs_random_range(random, low, high);
    int count = (int)fmin(floor((high - low) / step + 1e-6), 1e6) + 1;
    int drawn = fs_random_int(random, count + more);
    return drawn < count ? (low + high) / 2 + (drawn - (count - 1) / 2.0) * step : fixed;
}

static void draw_crop(view *v, const double range[2], fs_random *random) {
    double share = fs_random_range(random, range[0], range[1]);
    for (int i = 0; i < 2; i++)
        v->shift[i] += v->side * (1 - share) * (fs_random_unit(random) - 0.5);
    settle_shift(v);
    v->scale /= share;
}

static void draw_step(view *v, const fs_transform_step *step, fs_random *random) {
    const double *numbers = step->numbers;
    switch (step->kind) {
    case FS_TRANSFORM_PAD:
        v->side += 2 * numbers[0];
        break;
    case FS_TRANSFORM_JITTER:
        draw_jitter(v, (int)numbers[0], random);
        break;
    case FS_TRANSFORM_SCALE:
        settle_shift(v);
        v->scale *= draw_number(numbers, 1, 0, random);
        break;
    case FS_TRANSFORM_ROTATE: {
        double turn = draw_number(numbers, 0, (int)numbers[3], random) * PI / 180;
        settle_shift(v);
        v->angle += v->mirrored ? -turn : turn;
        break;
    }
    case FS_TRANSFORM_CROP:
        draw_crop(v, numbers, random);
        break;
    case FS_TRANSFORM_FLIP:
        settle_shift(v);
        v->mirrored ^= fs_random_unit(random) < numbers[0];
        break;
    case FS_TRANSFORM_NOISE:
    case FS_TRANSFORM_KINDS:
        break;
    }
}

fs_affine fs_transform_draw(const fs_transform_list *list, const fs_transform_geometry *geometry,
                            fs_random *random) {
    view v = {.side = geometry->size, .scale = 1};
    double linear[2][2];
    for (int i = 0; i < list->n; i++)
        draw_step(&v, &list->steps[i], random);
    linear_part(&v, linear);
    double middle[2] = {(geometry->width - 1) / 2.0, (geometry->height - 1) / 2.0};
    fs_affine affine;
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++)
            affine.m[i][k] = linear[i][k] / geometry->zoom;
        affine.m[i][2] = (geometry->size - 1) / 2.0 + v.moved[i];
        for (int k = 0; k < 2; k++)
            affine.m[i][2] += linear[i][k] * v.shift[k] - affine.m[i][k] * middle[k];
    }
    return affine;
}

/* ---- noise ---- */

typedef struct noise_job {
    size_t rows, width;      /* rows of an item, all colours */
    const fs_random *states; /* [n] */
    float sigma, *windows;
} noise_job;

/* A row has a stream of its own, so that rows may be filled by any thread. */
static void add_noise_rows(void *context, int first, int last, int thread) {
    const noise_job *j = context;
    float noise[NOISE_BLOCK];
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        float *row = j->windows + (size_t)piece * j->width;
        fs_random state = j->states[(size_t)piece / j->rows], stream;
        fs_random_seed(&stream, fs_random_u64(&state), (size_t)piece % j->rows);
        for (size_t from = 0; from < j->width; from += NOISE_BLOCK) {
            size_t count = j->width - from < NOISE_BLOCK ? j->width - from : NOISE_BLOCK;
            fs_random_normal(&stream, noise, (int)count, j->sigma);
            for (size_t i = 0; i < count; i++)
                row[from + i] += noise[i];
        }
    }
}

void fs_transform_add_noise(const fs_transform_geometry *geometry, double sigma, fs_random *randoms, int n,
                            float *windows, fs_pool *pool) {
    noise_job j = {.rows = (size_t)3 * (size_t)geometry->height,
                   .width = (size_t)geometry->width,
                   .states = randoms,
                   .sigma = (float)sigma,
                   .windows = windows};
    fs_pool_for(pool, n * 3 * geometry->height, BAND, add_noise_rows, &j);
    for (int i = 0; i < n; i++)
        (void)fs_random_u64(&randoms[i]);
}

/* ---- sampling ---- */

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
