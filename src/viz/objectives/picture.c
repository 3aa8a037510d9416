/* Terms of the picture x itself, RGB in 0..1 before transforms and preprocessing. They are penalties: to be
 * subtracted. All are means over numbers of the picture, so that a weight means the same at every size:
 *
 *     tv:       mean (|x(right) - x| + |x(below) - x|)
 *     l1:       mean |x - constant|
 *     l2:       sqrt mean (x - constant)^2
 *     blur:     1/2 mean (x - box(x, radius))^2
 *     boundary: mean over a border of `width` pixels of (x - box(x, 2))^2 + 0.8 (x - colour)^2
 *
 * Sources: Rudin, Osher, Fatemi 1992, and Mahendran, Vedaldi 2015, for total variation; Simonyan, Vedaldi,
 * Zisserman 2013 for L2; Nguyen, Yosinski, Clune 2015 for blurring; Lucid for the boundary. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/canvas.h"
#include "viz/objectives/kinds.h"

enum { COLOURS = 3 };

static double sign(double x) {
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static double numbers(const fs_term_view *view) {
    return (double)COLOURS * view->size * view->size;
}

static const float *canvas_of(const fs_term_view *view, int item) {
    return view->canvases + (size_t)item * fs_canvas_floats(view->size);
}

static float *grads_of(const fs_term_view *view, int item) {
    return view->canvas_grads + (size_t)item * fs_canvas_floats(view->size);
}

static fs_status bind_nothing(fs_term *term, const fs_term_site *site, fs_error *err) {
    (void)term;
    (void)site;
    (void)err;
    return FS_OK;
}

/* A penalty as one item sees it; grads NULL: the value alone. */
typedef double (*item_penalty)(const fs_term *term, int size, const float *canvas, double weight,
                               float *grads);

static void all_values(const fs_term *term, const fs_term_view *view, item_penalty penalty, double *values) {
    for (int i = 0; i < view->n; i++)
        values[i] = penalty(term, view->size, canvas_of(view, i), 0, NULL) / numbers(view);
}

static void all_gradients(const fs_term *term, const fs_term_view *view, item_penalty penalty,
                          const double *weights) {
    for (int i = 0; i < view->n; i++)
        if (!view->wanted || view->wanted[i])
            penalty(term, view->size, canvas_of(view, i), weights[i] / numbers(view), grads_of(view, i));
}

/* ---- total variation ---- */

static double add_step(const float *from, const float *to, double weight, float *from_grad, float *to_grad) {
    double difference = (double)*to - *from;
    if (from_grad) {
        *to_grad += (float)(weight * sign(difference));
        *from_grad -= (float)(weight * sign(difference));
    }
    return fabs(difference);
}

static double tv_penalty(const fs_term *term, int size, const float *canvas, double weight, float *grads) {
    double sum = 0;
    (void)term;
    for (int y = 0; y < size; y++) {
        const float *row = fs_canvas_row_const(canvas, size, y),
                    *below = fs_canvas_row_const(canvas, size, y + 1);
        float *g = grads ? fs_canvas_row(grads, size, y) : NULL;
        float *g_below = grads ? fs_canvas_row(grads, size, y + 1) : NULL;
        for (int x = 0; x < size; x++)
            for (int k = 0; k < COLOURS; k++) {
                int at = x * FS_CANVAS_LANES + k, right = at + FS_CANVAS_LANES;
                if (x + 1 < size)
                    sum += add_step(row + at, row + right, weight, g ? g + at : NULL, g ? g + right : NULL);
                if (y + 1 < size)
                    sum += add_step(row + at, below + at, weight, g ? g + at : NULL, g ? g_below + at : NULL);
            }
    }
    return sum;
}

static void tv_value(fs_term *term, const fs_term_view *view, double *values) {
    all_values(term, view, tv_penalty, values);
}

static void tv_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    all_gradients(term, view, tv_penalty, weights);
}

/* ---- distances from a colour ---- */

static double l1_penalty(const fs_term *term, int size, const float *canvas, double weight, float *grads) {
    double sum = 0, constant = fs_term_number(term, "constant");
    for (int y = 0; y < size; y++) {
        const float *row = fs_canvas_row_const(canvas, size, y);
        float *g = grads ? fs_canvas_row(grads, size, y) : NULL;
        for (int x = 0; x < size; x++)
            for (int k = 0; k < COLOURS; k++) {
                double difference = row[x * FS_CANVAS_LANES + k] - constant;
                sum += fabs(difference);
                if (g)
                    g[x * FS_CANVAS_LANES + k] += (float)(weight * sign(difference));
            }
    }
    return sum;
}

static void l1_value(fs_term *term, const fs_term_view *view, double *values) {
    all_values(term, view, l1_penalty, values);
}

static void l1_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    all_gradients(term, view, l1_penalty, weights);
}

/* Of half the square; l2 is the root of twice it. */
static double square_penalty(const fs_term *term, int size, const float *canvas, double weight,
                             float *grads) {
    double sum = 0, constant = fs_term_number(term, "constant");
    for (int y = 0; y < size; y++) {
        const float *row = fs_canvas_row_const(canvas, size, y);
        float *g = grads ? fs_canvas_row(grads, size, y) : NULL;
        for (int x = 0; x < size; x++)
            for (int k = 0; k < COLOURS; k++) {
                double difference = row[x * FS_CANVAS_LANES + k] - constant;
                sum += difference * difference / 2;
                if (g)
                    g[x * FS_CANVAS_LANES + k] += (float)(weight * difference);
            }
    }
    return sum;
}

static void l2_value(fs_term *term, const fs_term_view *view, double *values) {
    all_values(term, view, square_penalty, values);
    for (int i = 0; i < view->n; i++)
        values[i] = sqrt(2 * values[i]);
}

static void l2_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    for (int i = 0; i < view->n; i++) {
        if (view->wanted && !view->wanted[i])
            continue;
        const float *canvas = canvas_of(view, i);
        double root = sqrt(2 * square_penalty(term, view->size, canvas, 0, NULL) / numbers(view));
        if (root > 0)
            square_penalty(term, view->size, canvas, weights[i] / root / numbers(view), grads_of(view, i));
    }
}

/* ---- box blur of one colour plane [size][size]; near the border the mean of what is inside ---- */

static int reach_count(int at, int radius, int size) {
    int from = at - radius > 0 ? at - radius : 0, to = at + radius < size - 1 ? at + radius : size - 1;
    return to - from + 1;
}

/* Sums over a window of 2 radius + 1 along a line of `size` numbers, `stride` apart. The sum slides, in
 * double, so that the time does not depend on the radius. */
static void sum_line(const float *in, float *out, int size, int stride, int radius) {
    double sum = 0;
    for (int i = 0; i < radius && i < size; i++)
        sum += in[i * stride];
    for (int i = 0; i < size; i++) {
        if (i + radius < size)
            sum += in[(i + radius) * stride];
        if (i - radius - 1 >= 0)
            sum -= in[(i - radius - 1) * stride];
        out[i * stride] = (float)sum;
    }
}

/* The sums alone: a symmetric matrix K. in and out may be the same; rows is another plane. */
static void sum_box(const float *in, float *out, float *rows, int size, int radius) {
    for (int y = 0; y < size; y++)
        sum_line(in + (size_t)y * (size_t)size, rows + (size_t)y * (size_t)size, size, 1, radius);
    for (int x = 0; x < size; x++)
        sum_line(rows + x, out + x, size, size, radius);
}

static void divide_by_counts(float *plane, int size, int radius) {
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            plane[(size_t)y * (size_t)size + (size_t)x] /=
                (float)(reach_count(y, radius, size) * reach_count(x, radius, size));
}

/* work: three planes. */
static fs_status bind_planes(fs_term *term, const fs_term_site *site, fs_error *err) {
    term->work = fs_alloc_array((size_t)site->size * (size_t)site->size, 3 * sizeof *term->work);
    return term->work ? FS_OK : fs_fail_memory(err, "a blurred picture");
}

/* difference = x - box(x), for one colour. */
static void take_difference(const float *canvas, int colour, int size, int radius, float *difference,
                            float *rows) {
    size_t side = (size_t)size;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            difference[(size_t)y * side + (size_t)x] =
                fs_canvas_row_const(canvas, size, y)[x * FS_CANVAS_LANES + colour];
    float *blurred = rows + side * side;
    sum_box(difference, blurred, rows, size, radius);
    divide_by_counts(blurred, size, radius);
    for (size_t k = 0; k < side * side; k++)
        difference[k] -= blurred[k];
}

/* With box = D^-1 K, the transpose of (1 - box) is 1 - K D^-1. grads += weight * that of `plane`. */
static void add_transposed(float *plane, int colour, int size, int radius, double weight, float *grads,
                           float *rows) {
    size_t side = (size_t)size;
    float *summed = rows + side * side;
    memcpy(summed, plane, side * side * sizeof *plane);
    divide_by_counts(summed, size, radius);
    sum_box(summed, summed, rows, size, radius);
    for (int y = 0; y < size; y++) {
        float *g = fs_canvas_row(grads, size, y) + colour;
        for (int x = 0; x < size; x++) {
            size_t k = (size_t)y * side + (size_t)x;
            g[(size_t)x * FS_CANVAS_LANES] += (float)(weight * ((double)plane[k] - summed[k]));
        }
    }
}

static double blur_penalty(const fs_term *term, int size, const float *canvas, double weight, float *grads) {
    size_t pixels = (size_t)size * (size_t)size;
    int radius = (int)fs_term_number(term, "radius");
    float *difference = term->work, *rows = term->work + pixels;
    double sum = 0;
    for (int colour = 0; colour < COLOURS; colour++) {
        take_difference(canvas, colour, size, radius, difference, rows);
        for (size_t k = 0; k < pixels; k++)
            sum += (double)difference[k] * difference[k] / 2;
        if (grads)
            add_transposed(difference, colour, size, radius, weight, grads, rows);
    }
    return sum;
}

static void blur_value(fs_term *term, const fs_term_view *view, double *values) {
    all_values(term, view, blur_penalty, values);
}

static void blur_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    all_gradients(term, view, blur_penalty, weights);
}

/* ---- boundary complexity ---- */

enum { BOUNDARY_RADIUS = 2 };
#define BOUNDARY_COLOUR_WEIGHT 0.8

static bool inside(int x, int y, int size, int width) {
    return x >= width && y >= width && x < size - width && y < size - width;
}

/* Both parts of one colour; leaves in `difference` what is not inside, as add_transposed needs it. */
static double boundary_of_colour(const float *canvas, int colour, int size, int width, double target,
                                 double weight, float *difference, float *grads) {
    double sum = 0;
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            float *d = difference + (size_t)y * (size_t)size + (size_t)x;
            if (inside(x, y, size, width)) {
                *d = 0;
                continue;
            }
            double off = fs_canvas_row_const(canvas, size, y)[x * FS_CANVAS_LANES + colour] - target;
            sum += (double)*d * *d + BOUNDARY_COLOUR_WEIGHT * off * off;
            if (grads)
                fs_canvas_row(grads, size, y)[x * FS_CANVAS_LANES + colour] +=
                    (float)(weight * 2 * BOUNDARY_COLOUR_WEIGHT * off);
        }
    return sum;
}

/* all_values divides by the numbers of the whole picture; here the border's count. */
static double border_share(int size, int width) {
    double inner = size > 2 * width ? (double)(size - 2 * width) : 0, all = size;
    return all * all / (all * all - inner * inner);
}

static double boundary_penalty(const fs_term *term, int size, const float *canvas, double weight,
                               float *grads) {
    size_t pixels = (size_t)size * (size_t)size;
    int width = (int)fs_term_number(term, "width");
    double target = fs_term_number(term, "colour"), sum = 0, share = border_share(size, width);
    float *difference = term->work, *rows = term->work + pixels;
    for (int colour = 0; colour < COLOURS; colour++) {
        take_difference(canvas, colour, size, BOUNDARY_RADIUS, difference, rows);
        sum += boundary_of_colour(canvas, colour, size, width, target, weight * share, difference, grads);
        if (grads)
            add_transposed(difference, colour, size, BOUNDARY_RADIUS, 2 * weight * share, grads, rows);
    }
    return sum * share;
}

static void boundary_value(fs_term *term, const fs_term_view *view, double *values) {
    all_values(term, view, boundary_penalty, values);
}

static void boundary_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    all_gradients(term, view, boundary_penalty, weights);
}

/* ---- the table ---- */

#define PICTURE_KIND(kind, bind_, ...)                                                                       \
    const fs_term_kind fs_term_##kind = {.function = {.name = #kind, .parameters = {__VA_ARGS__}},           \
                                         .subject = FS_TERM_OF_PICTURE,                                      \
                                         .bind = (bind_),                                                    \
                                         .value = kind##_value,                                              \
                                         .gradient = kind##_gradient}
#define GREY(text)                                                                                           \
    { .name = (text), .type = FS_PARAMETER_NUMBER, .low = 0, .high = 1, .initial = 0.5 }
#define PIXELS(text, most, usual)                                                                            \
    { .name = (text), .type = FS_PARAMETER_WHOLE, .low = 1, .high = (most), .initial = (usual) }

PICTURE_KIND(tv, bind_nothing, {.name = NULL});
PICTURE_KIND(l1, bind_nothing, GREY("constant"));
PICTURE_KIND(l2, bind_nothing, GREY("constant"));
PICTURE_KIND(blur, bind_planes, PIXELS("radius", 64, 1));
PICTURE_KIND(boundary, bind_planes, PIXELS("width", 2048, 20), GREY("colour"));
