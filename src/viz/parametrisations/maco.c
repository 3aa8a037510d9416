/* Magnitude-constrained optimisation: of the Fourier coefficients the phases alone move; the magnitudes stay
 * what they are in photographs. No picture can then be made of high frequencies alone, and no weight has to
 * be chosen for keeping them down. Source: Fel and others, "Unlocking Feature Visualization for
 * Deeper Networks with MAgnitude Constrained Optimization", NeurIPS 2023, arXiv:2306.06805.
 *
 *     plane = c2r(m e^(i phase)), with m of natural_spectrum.h, scaled to the spread of photographs
 *
 * By Parseval's theorem the spread does not depend on phases. The mean is zero, grey. In the columns that are
 * their own mirror image (the first and, of even sizes, the last) phases of the lower half follow the upper
 * half's, and the numbers that are their own mirror image are real and do not move. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/parametrisations/fourier.h"
#include "viz/parametrisations/kinds.h"
#include "viz/parametrisations/natural_spectrum.h"

#define PI 3.14159265358979323846

typedef struct state {
    fs_fourier fourier;
    size_t phases;    /* floats of one plane's phases, padded */
    size_t stride;    /* floats of one spectrum, padded */
    float *magnitude; /* [n][phases] */
    float *spectra;   /* [items][n][stride], as the last forward had them */
    float *work;      /* likewise */
} state;

static bool own_mirror(const fs_fourier *f, int column) {
    return column == 0 || 2 * column == f->size;
}

/* Whether the phase at this place moves. */
static bool moves(const fs_fourier *f, int row, int column) {
    return !own_mirror(f, column) || (row > 0 && 2 * row < f->size);
}

static int table_of(const fs_planes *p, int plane) {
    if (p->n == 1)
        return FS_NATURAL_GREY;
    return (p->correlated ? FS_NATURAL_RGB : FS_NATURAL_DECORRELATED) + plane;
}

static void fill_magnitude(const fs_planes *p, int plane) {
    state *s = p->state;
    const fs_fourier *f = &s->fourier;
    float *m = s->magnitude + (size_t)plane * s->phases;
    double energy = 0, size = f->size;
    for (int row = 0; row < f->size; row++)
        for (int column = 0; column < f->columns; column++) {
            double fy = (row <= f->size / 2 ? row : f->size - row) / size;
            double magnitude =
                row || column ? fs_natural_magnitude(table_of(p, plane), fy, column / size) : 0;
            energy += magnitude * magnitude * (own_mirror(f, column) ? 1 : 2);
            m[(size_t)row * (size_t)f->columns + (size_t)column] = (float)magnitude;
        }
    double factor = fs_natural_spread(table_of(p, plane)) / sqrt(energy);
    for (size_t i = 0; i < fs_fourier_floats(f) / 2; i++)
        m[i] *= (float)factor;
}

static fs_status create(fs_planes *p, fs_error *err) {
    state *s = p->state = fs_calloc(1, sizeof *s);
    if (!s)
        return fs_fail_memory(err, "the phases");
    fs_status status = fs_fourier_create(&s->fourier, p->size, err);
    if (status == FS_OK)
        status = fs_planes_allocate(p, err);
    if (status != FS_OK)
        return status;
    size_t planes = (size_t)p->items * (size_t)p->n;
    s->phases = fs_planes_padded(fs_fourier_floats(&s->fourier) / 2);
    s->stride = fs_planes_padded(fs_fourier_floats(&s->fourier));
    p->coefficients = (size_t)p->n * s->phases;
    s->magnitude = fs_calloc((size_t)p->n * s->phases, sizeof *s->magnitude);
    s->spectra = fs_alloc_array(planes * s->stride, sizeof *s->spectra);
    s->work = fs_alloc_array(planes * s->stride, sizeof *s->work);
    if (!s->magnitude || !s->spectra || !s->work)
        return fs_fail_memory(err, "the phases");
    for (int k = 0; k < p->n; k++)
        fill_magnitude(p, k);
    return FS_OK;
}

static void destroy(fs_planes *p) {
    state *s = p->state;
    if (!s)
        return;
    fs_fourier_destroy(&s->fourier);
    fs_free(s->magnitude);
    fs_free(s->spectra);
    fs_free(s->work);
    fs_free(s);
}

static void initial(const fs_planes *p, float *coefficients, fs_random *random) {
    const state *s = p->state;
    const fs_fourier *f = &s->fourier;
    memset(coefficients, 0, p->coefficients * sizeof *coefficients);
    for (int k = 0; k < p->n; k++)
        for (int row = 0; row < f->size; row++)
            for (int column = 0; column < f->columns; column++)
                if (moves(f, row, column))
                    coefficients[(size_t)k * s->phases + (size_t)row * (size_t)f->columns + (size_t)column] =
                        (float)fs_random_range(random, -PI, PI);
}

/* One call's arguments; pieces of work are planes of all items. */
typedef struct job {
    fs_planes *p;
    const float *coefficients;
    float *grads;
    const bool *wanted;
} job;

static void mirror_column(const fs_fourier *f, int column, float *spectrum) {
    size_t columns = (size_t)f->columns;
    for (int row = 1; 2 * row < f->size; row++) {
        const float *from = spectrum + 2 * ((size_t)row * columns + (size_t)column);
        float *to = spectrum + 2 * ((size_t)(f->size - row) * columns + (size_t)column);
        to[0] = from[0];
        to[1] = -from[1];
    }
}

static void fill_spectrum(const state *s, const float *magnitude, const float *phase, float *spectrum) {
    const fs_fourier *f = &s->fourier;
    for (size_t i = 0; i < fs_fourier_floats(f) / 2; i++) {
        spectrum[2 * i] = magnitude[i] * cosf(phase[i]);
        spectrum[2 * i + 1] = magnitude[i] * sinf(phase[i]);
    }
    mirror_column(f, 0, spectrum);
    if (f->size % 2 == 0)
        mirror_column(f, f->columns - 1, spectrum);
}

static void phases_to_planes(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    (void)thread;
    for (int k = first; k < last; k++) {
        float *spectrum = s->spectra + (size_t)k * s->stride, *work = s->work + (size_t)k * s->stride;
        fill_spectrum(s, s->magnitude + (size_t)(k % j->p->n) * s->phases,
                      j->coefficients + (size_t)k * s->phases, spectrum);
        memcpy(work, spectrum, fs_fourier_floats(&s->fourier) * sizeof *work);
        fs_fourier_to_plane(&s->fourier, work, j->p->values + (size_t)k * j->p->plane);
    }
}

static void forward(fs_planes *p, const float *coefficients, float *scratch, fs_pool *pool) {
    job j = {.p = p, .coefficients = coefficients};
    (void)scratch;
    fs_pool_for(pool, p->items * p->n, 1, phases_to_planes, &j);
}

/* Turning a number z by its phase moves it along i z; it and its mirror image count. */
static void gradient_of_phases(const state *s, const float *spectrum, const float *spectrum_grad,
                               float *grad) {
    const fs_fourier *f = &s->fourier;
    memset(grad, 0, s->phases * sizeof *grad);
    for (int row = 0; row < f->size; row++)
        for (int column = 0; column < f->columns; column++) {
            size_t i = (size_t)row * (size_t)f->columns + (size_t)column;
            if (moves(f, row, column))
                grad[i] = 2 * (spectrum[2 * i] * spectrum_grad[2 * i + 1] -
                               spectrum[2 * i + 1] * spectrum_grad[2 * i]);
        }
}

static void planes_to_phases(void *context, int first, int last, int thread) {
    const job *j = context;
    const state *s = j->p->state;
    (void)thread;
    for (int k = first; k < last; k++) {
        if (j->wanted && !j->wanted[k / j->p->n])
            continue;
        float *work = s->work + (size_t)k * s->stride;
        fs_fourier_to_spectrum(&s->fourier, j->p->values + (size_t)k * j->p->plane, work);
        gradient_of_phases(s, s->spectra + (size_t)k * s->stride, work, j->grads + (size_t)k * s->phases);
    }
}

static void backward(fs_planes *p, const float *coefficients, float *grads, const bool *wanted,
                     fs_pool *pool) {
    job j = {.p = p, .grads = grads, .wanted = wanted};
    (void)coefficients;
    fs_pool_for(pool, p->items * p->n, 1, planes_to_phases, &j);
}

const fs_planes_kind fs_planes_maco = {.name = "maco",
                                       .rate = 0.06,
                                       .transforms = "maco",
                                       .stretched = true,
                                       .transparent = true,
                                       .create = create,
                                       .destroy = destroy,
                                       .initial = initial,
                                       .forward = forward,
                                       .backward = backward};
