/* A picture that the network sees as it sees a photograph, whose activation in the layer is a0:
 *
 *     inversion:  -|a - a0|^2 / |a0|^2
 *     caricature: (a.a0) / |a0|^2 * max(0.1, cos(a, a0))^power: what is there, more of it
 *
 * Sources: Mahendran, Vedaldi, "Understanding Deep Image Representations by Inverting Them", CVPR 2015,
 * doi:10.1109/CVPR.2015.7299155; Lucid's recipe for caricatures. */
#include <math.h>

#include "base/alloc.h"
#include "viz/objectives/dot_cosine.h"
#include "viz/objectives/kinds.h"

/* reference becomes a0, sums[0] its length. */
static fs_status bind(fs_term *term, const fs_term_site *site, fs_error *err) {
    double squares = 0;
    term->count = fs_shape_span(&site->shape, 1, site->shape.rank);
    term->sums = fs_alloc(sizeof *term->sums);
    if (!term->sums)
        return fs_fail_memory(err, "the activation of a picture");
    fs_status status = site->picture(site->context, fs_term_text(term, "image"), &term->reference, err);
    if (status != FS_OK)
        return fs_term_fail_at(term, "image", status, err);
    for (int64_t k = 0; k < term->count; k++)
        squares += (double)term->reference[k] * term->reference[k];
    if (!(squares > 0) || !isfinite(squares)) {
        fs_fail(err, FS_ERROR_ARGUMENT, "%s: layer '%s' does not answer to it", fs_term_text(term, "image"),
                site->layer->name);
        return fs_term_fail_at(term, "image", FS_ERROR_ARGUMENT, err);
    }
    term->sums[0] = sqrt(squares);
    return FS_OK;
}

static void inversion_value(fs_term *term, const fs_term_view *view, double *values) {
    for (int i = 0; i < view->n; i++) {
        const float *a = view->activation + view->count * i;
        double sum = 0;
        for (int64_t k = 0; k < term->count; k++) {
            double difference = (double)a[k] - term->reference[k];
            sum += difference * difference;
        }
        values[i] = -sum / (term->sums[0] * term->sums[0]);
    }
}

static void inversion_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    for (int i = 0; i < view->n; i++) {
        const float *a = view->activation + view->count * i;
        float *gradient = view->gradient + view->count * i;
        double scale = -2 * weights[i] / (term->sums[0] * term->sums[0]);
        for (int64_t k = 0; k < term->count; k++)
            gradient[k] += (float)(scale * ((double)a[k] - term->reference[k]));
    }
}

/* With v = a0 / |a0|, f(a) / |a0|. */
static fs_dot_cosine compare(const fs_term *term, const float *a) {
    double dot = 0, squares = 0;
    for (int64_t k = 0; k < term->count; k++) {
        dot += (double)a[k] * term->reference[k];
        squares += (double)a[k] * a[k];
    }
    return fs_dot_cosine_of(dot / term->sums[0], squares, fs_term_number(term, "power"));
}

static void caricature_value(fs_term *term, const fs_term_view *view, double *values) {
    for (int i = 0; i < view->n; i++)
        values[i] = compare(term, view->activation + view->count * i).value / term->sums[0];
}

static void caricature_gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    for (int i = 0; i < view->n; i++) {
        const float *a = view->activation + view->count * i;
        float *gradient = view->gradient + view->count * i;
        fs_dot_cosine at = compare(term, a);
        double along = weights[i] * at.along / (term->sums[0] * term->sums[0]);
        double back = weights[i] * at.back / term->sums[0];
        for (int64_t k = 0; k < term->count; k++)
            gradient[k] += (float)(along * term->reference[k] + back * a[k]);
    }
}

#define FS_TERM_IMAGE                                                                                        \
    { .name = "image", .type = FS_PARAMETER_TEXT, .needed = true }

const fs_term_kind fs_term_inversion = {
    .function = {.name = "inversion", .parameters = {FS_TERM_IMAGE, FS_TERM_LAYER}},
    .bind = bind,
    .value = inversion_value,
    .gradient = inversion_gradient};

const fs_term_kind fs_term_caricature = {
    .function = {.name = "caricature", .parameters = {FS_TERM_IMAGE, FS_TERM_LAYER, FS_TERM_POWER(1)}},
    .bind = bind,
    .value = caricature_value,
    .gradient = caricature_gradient};
