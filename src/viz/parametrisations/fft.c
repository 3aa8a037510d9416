/* Fourier coefficients: plane = c2r(coefficient * s(f)) / (w h) / 4 with s(f) = sqrt(w h) / max(f, 1 /
 * max(w, h)), f the length of the frequency in cycles a pixel. The spectrum of photographs falls as 1/f, so
 * s(f) makes all frequencies equally easy to move. Source: Olah, Mordvintsev, Schubert, "Feature
 * Visualization", Distill 2017, doi:10.23915/distill.00007, and its code, Lucid. */
#include <string.h>

#include "base/alloc.h"
#include "viz/clones.h"
#include "viz/parametrisations/fourier.h"
#include "viz/parametrisations/kinds.h"

#define INITIAL_SIGMA 0.01F

typedef struct state {
    fs_fourier fourier;
    size_t stride; /* floats of one coefficient plane, padded */
    float *scale;  /* [size][columns] */
} state;

static void fill_scale(state *s) {
    double size = s->fourier.size, lowest = 1 / size;
    float *scale = s->scale;
    for (int row = 0; row < s->fourier.size; row++)
        for (int column = 0; column < s->fourier.columns; column++) {
            double f = fs_fourier_frequency(&s->fourier, row, column);
            double energy = size / (f > lowest ? f : lowest);
            *scale++ = (float)(energy / (size * size) / 4);
        }
}

static fs_status create(fs_planes *p, fs_error *err) {
    state *s = p->state = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "the Fourier parametrisation");
    fs_status status = fs_fourier_create(&s->fourier, p->size, err);
    if (status == FS_OK)
        status = fs_planes_allocate(p, err);
    if (status != FS_OK)
        return status;
    s->stride = fs_planes_padded(fs_fourier_floats(&s->fourier));
    p->coefficients = (size_t)p->n * s->stride;
    s->scale = fs_alloc_array(fs_fourier_floats(&s->fourier) / 2, sizeof *s->scale);
    if (!s->scale)
        return fs_fail_memory(err, "the Fourier parametrisation");
    fill_scale(s);
    return FS_OK;
}

static void destroy(fs_planes *p) {
    state *s = p->state;
    if (!s)
        return;
    fs_fourier_destroy(&s->fourier);
    fs_free(s->scale);
    fs_free(s);
}

static void initial(const fs_planes *p, float *coefficients, fs_random *random) {
    const state *s = p->state;
    memset(coefficients, 0, p->coefficients * sizeof *coefficients);
    for (int k = 0; k < p->n; k++)
        fs_random_normal(random, coefficients + (size_t)k * s->stride, (int)fs_fourier_floats(&s->fourier),
                         INITIAL_SIGMA);
}

/* One call's arguments; pieces of work are planes of all items. */
typedef struct job {
    fs_planes *p;
    const float *coefficients;
    float *spectra;
    const bool *wanted;
} job;

FS_CLONES
static void scale_spectrum(const float *restrict in, const float *restrict scale, size_t count,
                           float *restrict out) {
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = in[2 * i] * scale[i];
        out[2 * i + 1] = in[2 * i + 1] * scale[i];
    }
}

static void spectra_to_planes(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    (void)thread;
    for (int k = first; k < last; k++) {
        size_t at = (size_t)k * s->stride;
        scale_spectrum(j->coefficients + at, s->scale, fs_fourier_floats(&s->fourier) / 2, j->spectra + at);
        fs_fourier_to_plane(&s->fourier, j->spectra + at, j->p->values + (size_t)k * j->p->plane);
    }
}

static void forward(fs_planes *p, const float *coefficients, float *scratch, fs_pool *pool) {
    job j = {.p = p, .coefficients = coefficients, .spectra = scratch};
    fs_pool_for(pool, p->items * p->n, 1, spectra_to_planes, &j);
}

/* The adjoint of c2r. A coefficient of the half spectrum stands for itself and for its mirror image, so its
 * gradient counts twice, except in the columns that are their own mirror: the first and, for even sizes, the
 * last. */
static void unscale_spectrum(const state *s, float *spectrum) {
    size_t columns = (size_t)s->fourier.columns;
    size_t last = s->fourier.size % 2 == 0 ? columns - 1 : columns;
    for (int y = 0; y < s->fourier.size; y++) {
        float *row = spectrum + 2 * (size_t)y * columns;
        const float *scale = s->scale + (size_t)y * columns;
        row[0] *= scale[0];
        row[1] *= scale[0];
        for (size_t i = 1; i < last; i++) {
            row[2 * i] *= 2 * scale[i];
            row[2 * i + 1] *= 2 * scale[i];
        }
        for (size_t i = last; i < columns; i++) {
            row[2 * i] *= scale[i];
            row[2 * i + 1] *= scale[i];
        }
    }
}

static void planes_to_spectra(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    size_t used = fs_fourier_floats(&s->fourier);
    (void)thread;
    for (int k = first; k < last; k++) {
        if (j->wanted && !j->wanted[k / j->p->n])
            continue;
        float *spectrum = j->spectra + (size_t)k * s->stride;
        fs_fourier_to_spectrum(&s->fourier, j->p->values + (size_t)k * j->p->plane, spectrum);
        unscale_spectrum(s, spectrum);
        memset(spectrum + used, 0, (s->stride - used) * sizeof *spectrum);
    }
}

static void backward(fs_planes *p, const float *coefficients, float *grads, const bool *wanted,
                     fs_pool *pool) {
    job j = {.p = p, .spectra = grads, .wanted = wanted};
    (void)coefficients;
    fs_pool_for(pool, p->items * p->n, 1, planes_to_spectra, &j);
}

const fs_planes_kind fs_planes_fft = {.name = "fft",
                                      .rate = 0.05,
                                      .transforms = "lucid",
                                      .create = create,
                                      .destroy = destroy,
                                      .initial = initial,
                                      .forward = forward,
                                      .backward = backward};
