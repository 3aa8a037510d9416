/* A direction in the space of a layer's channels: the dot product of each position's channels with a unit
 * vector v, times a power of their cosine:
 *
 *     direction:        mean over positions of (a.v) max(0.1, cos(a, v))^power
 *     direction_neuron: the same at one position
 *
 * Source: Lucid's objectives direction and direction_neuron; the cosine: Carter et al., "Activation Atlas",
 * Distill 2019, doi:10.23915/distill.00015. The floor of 0.1 lets a start at right angles get away. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/npy.h"
#include "base/text.h"
#include "viz/objectives/dot_cosine.h"
#include "viz/objectives/kinds.h"

/* The mean over all positions of an activation [C, positions] -> [C]. */
static void mean_positions(const float *activation, int64_t channels, int64_t positions, double *out) {
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0;
        for (int64_t p = 0; p < positions; p++)
            sum += activation[c * positions + p];
        out[c] = sum / (double)positions;
    }
}

/* A vector [C], or an activation [C,...] or [1,C,...] whose positions are averaged. */
static fs_status read_npy(const char *path, int64_t channels, double *out, fs_error *err) {
    fs_npy npy = {0};
    fs_status status = fs_npy_read(&npy, path, err);
    if (status != FS_OK)
        return status;
    int axis = npy.rank > 1 && npy.dim[0] == 1 ? 1 : 0;
    int64_t positions = 1;
    for (int i = axis + 1; i < npy.rank; i++)
        positions *= npy.dim[i];
    if (npy.rank < 1 || npy.dim[axis] != channels || positions < 1)
        status =
            fs_fail(err, FS_ERROR_ARGUMENT, "%s: not an array of %lld channels", path, (long long)channels);
    else
        mean_positions(npy.data, channels, positions, out);
    fs_npy_free(&npy);
    return status;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* One end of the direction: the number of a channel, an .npy file or a picture. */
static fs_status read_end(const fs_term *term, const fs_term_site *site, const char *text, double *out,
                          fs_error *err) {
    int64_t channels = site->shape.dim[1];
    long long channel = 0;
    if (fs_parse_int(text, &channel)) {
        if (channel < 0 || channel >= channels)
            return fs_fail(err, FS_ERROR_NOT_FOUND, "layer '%s': no channel %lld: it has channels 0 to %lld",
                           site->layer->name, channel, (long long)channels - 1);
        for (int64_t c = 0; c < channels; c++)
            out[c] = c == channel;
        return FS_OK;
    }
    if (ends_with(text, ".npy"))
        return read_npy(text, channels, out, err);
    float *activation = NULL;
    fs_status status = site->picture(site->context, text, &activation, err);
    if (status != FS_OK)
        return status;
    mean_positions(activation, channels, term->count, out);
    fs_free(activation);
    return FS_OK;
}

static fs_status set_reference(fs_term *term, int64_t channels, double *to, const double *from,
                               fs_error *err) {
    double length = 0;
    for (int64_t c = 0; c < channels; c++) {
        to[c] -= from[c];
        length += to[c] * to[c];
    }
    if (!(length > 0) || !isfinite(length))
        return fs_fail(err, FS_ERROR_ARGUMENT, "a direction without length");
    for (int64_t c = 0; c < channels; c++)
        term->reference[c] = (float)(to[c] / sqrt(length));
    return FS_OK;
}

static fs_status read_ends(fs_term *term, const fs_term_site *site, double *ends, fs_error *err) {
    int64_t channels = site->shape.dim[1];
    static const char *const names[] = {"to", "from"};
    for (int i = 0; i < 2; i++) {
        if (!fs_term_given(term, names[i]))
            continue;
        fs_status status = read_end(term, site, fs_term_text(term, names[i]), ends + i * channels, err);
        if (status != FS_OK)
            return fs_term_fail_at(term, names[i], status, err);
    }
    fs_status status = set_reference(term, channels, ends, ends + channels, err);
    return status == FS_OK ? FS_OK : fs_term_fail_at(term, "to", status, err);
}

static fs_status bind_direction(fs_term *term, const fs_term_site *site, fs_error *err) {
    int64_t channels = site->shape.dim[1];
    term->count = fs_shape_span(&site->shape, 2, site->shape.rank);
    term->reference = fs_alloc_array((size_t)channels, sizeof *term->reference);
    term->sums = fs_calloc((size_t)term->count, 2 * sizeof *term->sums);
    double *ends = fs_calloc((size_t)channels, 2 * sizeof *ends);
    fs_status status = FS_OK;
    if (!term->reference || !term->sums || !ends)
        status = fs_fail_memory(err, "a direction");
    if (status == FS_OK)
        status = read_ends(term, site, ends, err);
    fs_free(ends);
    return status;
}

static fs_status bind_direction_neuron(fs_term *term, const fs_term_site *site, fs_error *err) {
    fs_objective unit;
    fs_status status = fs_objective_bind(&unit, FS_OBJECTIVE_NEURON, &site->shape, 0,
                                         (int)fs_term_number(term, "x"), (int)fs_term_number(term, "y"), err);
    if (status != FS_OK)
        return fs_term_fail_at(term, "x", status, err);
    term->units = fs_alloc(sizeof *term->units);
    if (!term->units)
        return fs_fail_memory(err, "a direction");
    *term->units = unit;
    return bind_direction(term, site, err);
}

/* Dot products with the reference and squared lengths of positions [first, end), channel after channel so
 * that memory is read in its order. */
static void sum_positions(const fs_term *term, const fs_term_view *view, const float *activation,
                          int64_t first, int64_t end) {
    double *dots = term->sums, *squares = term->sums + term->count;
    for (int64_t p = first; p < end; p++)
        dots[p] = squares[p] = 0;
    for (int64_t c = 0; c < view->shape.dim[1]; c++) {
        const float *plane = activation + c * term->count;
        double v = term->reference[c];
        for (int64_t p = first; p < end; p++) {
            dots[p] += plane[p] * v;
            squares[p] += (double)plane[p] * plane[p];
        }
    }
}

static void positions_of(const fs_term *term, int64_t *first, int64_t *end) {
    *first = term->units ? term->units->first : 0;
    *end = term->units ? *first + 1 : term->count;
}

static void value(fs_term *term, const fs_term_view *view, double *values) {
    double power = fs_term_number(term, "power");
    int64_t first = 0, end = 0;
    positions_of(term, &first, &end);
    for (int i = 0; i < view->n; i++) {
        double sum = 0;
        sum_positions(term, view, view->activation + view->count * i, first, end);
        for (int64_t p = first; p < end; p++)
            sum += fs_dot_cosine_of(term->sums[p], term->sums[term->count + p], power).value;
        values[i] = sum / (double)(end - first);
    }
}

static void item_gradient(fs_term *term, const fs_term_view *view, int item, double weight) {
    const float *activation = view->activation + view->count * item;
    float *gradient = view->gradient + view->count * item;
    double power = fs_term_number(term, "power"), *along = term->sums, *back = term->sums + term->count;
    int64_t first = 0, end = 0;
    positions_of(term, &first, &end);
    sum_positions(term, view, activation, first, end);
    for (int64_t p = first; p < end; p++) {
        fs_dot_cosine at = fs_dot_cosine_of(along[p], back[p], power);
        along[p] = at.along * weight / (double)(end - first);
        back[p] = at.back * weight / (double)(end - first);
    }
    for (int64_t c = 0; c < view->shape.dim[1]; c++)
        for (int64_t p = first; p < end; p++) {
            int64_t k = c * term->count + p;
            gradient[k] += (float)(along[p] * term->reference[c] + back[p] * activation[k]);
        }
}

static void gradient(fs_term *term, const fs_term_view *view, const double *weights) {
    for (int i = 0; i < view->n; i++)
        item_gradient(term, view, i, weights[i]);
}

#define FS_TERM_END(text, is_needed)                                                                         \
    { .name = (text), .type = FS_PARAMETER_TEXT, .needed = (is_needed) }

const fs_term_kind fs_term_direction = {
    .function = {.name = "direction",
                 .parameters = {FS_TERM_LAYER, FS_TERM_END("to", true), FS_TERM_END("from", false),
                                FS_TERM_POWER(0)}},
    .bind = bind_direction,
    .value = value,
    .gradient = gradient};

const fs_term_kind fs_term_direction_neuron = {
    .function = {.name = "direction_neuron",
                 .parameters = {FS_TERM_LAYER, FS_TERM_END("to", true), FS_TERM_END("from", false),
                                FS_TERM_PLACE("x"), FS_TERM_PLACE("y"), FS_TERM_POWER(0)}},
    .bind = bind_direction_neuron,
    .value = value,
    .gradient = gradient};
