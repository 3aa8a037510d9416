#include "viz/parametrisation.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/canvas.h"
#include "viz/clones.h"
#include "viz/colour.h"
#include "viz/planes.h"

typedef int32_t float_bits __attribute__((may_alias));

enum { BAND = 16, PEAKS = 3 /* pieces of an item's gradient */ };

struct fs_parametrisation {
    const fs_planes_kind *kind;
    fs_planes planes;
    const fs_colour_matrix *colours; /* NULL: grey */
    float *peaks;                    /* [items][PEAKS] */
};

fs_status fs_parametrisation_create(fs_parametrisation **out, const fs_parametrisation_spec *spec,
                                    fs_error *err) {
    fs_parametrisation *p = fs_calloc(1, sizeof *p);
    if (!p)
        return fs_fail_memory(err, "the parametrisation");
    p->kind = fs_planes_kinds[spec->kind];
    p->planes = (fs_planes){.size = spec->size,
                            .items = spec->items,
                            .n = spec->grey ? 1 : 3,
                            .threads = spec->threads > 1 ? spec->threads : 1,
                            .correlated = spec->correlated,
                            .plane = fs_planes_padded((size_t)spec->size * (size_t)spec->size)};
    if (!spec->grey)
        p->colours = spec->correlated ? &fs_colour_identity : &fs_colour_decorrelated;
    p->peaks = fs_calloc((size_t)spec->items * PEAKS, sizeof *p->peaks);
    fs_status status = p->peaks ? FS_OK : fs_fail_memory(err, "the parametrisation");
    if (status == FS_OK)
        status = p->kind->create(&p->planes, err);
    if (status != FS_OK) {
        fs_parametrisation_destroy(p);
        return status;
    }
    *out = p;
    return FS_OK;
}

void fs_parametrisation_destroy(fs_parametrisation *p) {
    if (!p)
        return;
    p->kind->destroy(&p->planes);
    fs_free(p->planes.values);
    fs_free(p->peaks);
    fs_free(p);
}

size_t fs_parametrisation_count(const fs_parametrisation *p) {
    return p->planes.coefficients;
}

void fs_parametrisation_initial(const fs_parametrisation *p, float *coefficients, fs_random *random) {
    p->kind->initial(&p->planes, coefficients, random);
}

/* One call's arguments; pieces of work are numbered item by item. */
typedef struct job {
    fs_parametrisation *p;
    const float *planes; /* read by forward */
    float *plane_grads;  /* written by backward */
    float *canvases;
    const float *read_canvases, *canvas_grads;
    const bool *wanted;
    const float *coefficient_grads;
    int bands;
} job;

static void band_rows(const job *j, int piece, int *item, int *from, int *to) {
    int size = j->p->planes.size;
    *item = piece / j->bands;
    *from = piece % j->bands * BAND;
    *to = *from + BAND < size ? *from + BAND : size;
}

static void colour_bands(void *context, int first, int last, int thread) {
    const job *j = context;
    const fs_planes *planes = &j->p->planes;
    int size = planes->size, item, from, to;
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        band_rows(j, piece, &item, &from, &to);
        const float *t = j->planes + (size_t)item * (size_t)planes->n * planes->plane;
        float *canvas = j->canvases + (size_t)item * fs_canvas_floats(size);
        for (int y = from; y < to; y++) {
            const float *row = t + (size_t)y * (size_t)size;
            const float *rows[3] = {row, row + planes->plane, row + 2 * planes->plane};
            if (j->p->colours)
                fs_colour_forward(j->p->colours, rows, size, fs_canvas_row(canvas, size, y));
            else
                fs_grey_forward(row, size, fs_canvas_row(canvas, size, y));
        }
    }
}

static int bands_of(const fs_parametrisation *p) {
    return (p->planes.size + BAND - 1) / BAND;
}

void fs_parametrisation_forward(fs_parametrisation *p, const float *coefficients, float *scratch,
                                float *canvases, fs_pool *pool) {
    job j = {.p = p, .canvases = canvases, .bands = bands_of(p)};
    p->kind->forward(&p->planes, coefficients, scratch, pool);
    j.planes = p->planes.values ? p->planes.values : coefficients;
    fs_pool_for(pool, p->planes.items * j.bands, 1, colour_bands, &j);
}

static void uncolour_bands(void *context, int first, int last, int thread) {
    const job *j = context;
    const fs_planes *planes = &j->p->planes;
    int size = planes->size, item, from, to;
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        band_rows(j, piece, &item, &from, &to);
        if (j->wanted && !j->wanted[item])
            continue;
        const float *canvas = j->read_canvases + (size_t)item * fs_canvas_floats(size);
        const float *grad = j->canvas_grads + (size_t)item * fs_canvas_floats(size);
        float *t = j->plane_grads + (size_t)item * (size_t)planes->n * planes->plane;
        for (int y = from; y < to; y++) {
            const float *pixels = fs_canvas_row_const(canvas, size, y);
            const float *pixel_grads = fs_canvas_row_const(grad, size, y);
            float *row = t + (size_t)y * (size_t)size;
            float *rows[3] = {row, row + planes->plane, row + 2 * planes->plane};
            if (j->p->colours)
                fs_colour_backward(j->p->colours, pixels, pixel_grads, size, rows);
            else
                fs_grey_backward(pixels, pixel_grads, size, row);
        }
    }
}

/* The greatest magnitude; as whole numbers, so that an infinity or a NaN is greater than all finite ones. */
FS_CLONES
static float peak_of(const float *restrict values, size_t count) {
    int32_t peak = 0;
    const float_bits *bits = (const float_bits *)values;
    for (size_t i = 0; i < count; i++) {
        int32_t magnitude = bits[i] & 0x7fffffff;
        peak = magnitude > peak ? magnitude : peak;
    }
    float result;
    memcpy(&result, &peak, sizeof result);
    return result;
}

static void find_peaks(void *context, int first, int last, int thread) {
    const job *j = context;
    size_t count = j->p->planes.coefficients, share = (count + PEAKS - 1) / PEAKS;
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        size_t item = (size_t)(piece / PEAKS), from = (size_t)(piece % PEAKS) * share;
        size_t to = from + share < count ? from + share : count;
        if (!j->wanted || j->wanted[item])
            j->p->peaks[piece] = peak_of(j->coefficient_grads + item * count + from, to - from);
    }
}

void fs_parametrisation_backward(fs_parametrisation *p, const float *coefficients, const float *canvases,
                                 const float *canvas_grads, const bool *wanted, float *coefficient_grads,
                                 float *peaks, fs_pool *pool) {
    job j = {.p = p,
             .read_canvases = canvases,
             .canvas_grads = canvas_grads,
             .wanted = wanted,
             .coefficient_grads = coefficient_grads,
             .bands = bands_of(p)};
    j.plane_grads = p->planes.values ? p->planes.values : coefficient_grads;
    fs_pool_for(pool, p->planes.items * j.bands, 1, uncolour_bands, &j);
    p->kind->backward(&p->planes, coefficients, coefficient_grads, wanted, pool);
    fs_pool_for(pool, p->planes.items * PEAKS, 1, find_peaks, &j);
    for (int i = 0; i < p->planes.items; i++)
        if (!wanted || wanted[i])
            peaks[i] = peak_of(p->peaks + (size_t)i * PEAKS, PEAKS);
}
