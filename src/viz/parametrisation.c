#include "viz/parametrisation.h"

#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/canvas.h"
#include "viz/clones.h"
#include "viz/colour.h"

#define INITIAL_SIGMA 0.01F

typedef int32_t float_bits __attribute__((may_alias));

enum { BAND = 16, LINE = 16 /* floats in a cache line */ };

struct fs_parametrisation {
    fs_parametrisation_kind kind;
    int size, items;
    const fs_colour_matrix *colours;
    int columns;         /* complex numbers in a row of the half spectrum */
    size_t coefficients; /* floats of one coefficient plane, padded */
    size_t plane;        /* floats of one image plane, padded */
    float *scale;        /* [size][columns] */
    float *planes;       /* [items][3][plane]; NULL for pixels: the coefficients are the planes */
    float *plane_peaks;  /* [items][3] */
    fftwf_plan to_image, to_spectrum;
};

/* FFTW's planner is one for the process and not thread safe; running plans is. */
static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

static size_t padded(size_t count) {
    return (count + LINE - 1) / LINE * LINE;
}

/* The length of frequency (row, column), in cycles a pixel, as a factor of the inverse transform. */
static void fill_scale(fs_parametrisation *p) {
    double size = p->size, lowest = 1 / size;
    for (int row = 0; row < p->size; row++)
        for (int column = 0; column < p->columns; column++) {
            double fy = (row <= (p->size - 1) / 2 ? row : row - p->size) / size;
            double f = hypot(fy, column / size);
            double energy = size / (f > lowest ? f : lowest);
            p->scale[(size_t)row * (size_t)p->columns + (size_t)column] = (float)(energy / (size * size) / 4);
        }
}

static fs_status create_fourier(fs_parametrisation *p, fs_error *err) {
    float *spectrum = fs_alloc_array(p->coefficients, sizeof *spectrum);
    p->scale = fs_alloc_array((size_t)p->size * (size_t)p->columns, sizeof *p->scale);
    p->planes = fs_alloc_array((size_t)p->items * 3 * p->plane, sizeof *p->planes);
    if (!spectrum || !p->scale || !p->planes) {
        fs_free(spectrum);
        return fs_fail_memory(err, "the Fourier parametrisation");
    }
    fill_scale(p);
    /* Estimated plans are the same on every run; measured ones would depend on the moment. */
    pthread_mutex_lock(&planner);
    p->to_image =
        fftwf_plan_dft_c2r_2d(p->size, p->size, (fftwf_complex *)spectrum, p->planes, FFTW_ESTIMATE);
    p->to_spectrum = fftwf_plan_dft_r2c_2d(p->size, p->size, p->planes, (fftwf_complex *)spectrum,
                                           FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
    pthread_mutex_unlock(&planner);
    fs_free(spectrum);
    if (!p->to_image || !p->to_spectrum)
        return fs_fail_memory(err, "the Fourier transform");
    return FS_OK;
}

fs_status fs_parametrisation_create(fs_parametrisation **out, fs_parametrisation_kind kind, int size,
                                    int items, bool correlated, fs_error *err) {
    fs_parametrisation *p = fs_calloc(1, sizeof *p);
    if (!p)
        return fs_fail_memory(err, "the parametrisation");
    p->kind = kind;
    p->size = size;
    p->items = items;
    p->colours = correlated ? &fs_colour_identity : &fs_colour_decorrelated;
    p->columns = size / 2 + 1;
    p->plane = padded((size_t)size * (size_t)size);
    p->coefficients = kind == FS_PARAM_PIXEL ? p->plane : padded(2 * (size_t)size * (size_t)p->columns);
    p->plane_peaks = fs_calloc((size_t)items * 3, sizeof *p->plane_peaks);
    fs_status status = p->plane_peaks ? FS_OK : fs_fail_memory(err, "the parametrisation");
    if (status == FS_OK && kind == FS_PARAM_FFT)
        status = create_fourier(p, err);
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
    pthread_mutex_lock(&planner);
    if (p->to_image)
        fftwf_destroy_plan(p->to_image);
    if (p->to_spectrum)
        fftwf_destroy_plan(p->to_spectrum);
    pthread_mutex_unlock(&planner);
    fs_free(p->scale);
    fs_free(p->planes);
    fs_free(p->plane_peaks);
    fs_free(p);
}

size_t fs_parametrisation_count(const fs_parametrisation *p) {
    return 3 * p->coefficients;
}

void fs_parametrisation_initial(const fs_parametrisation *p, float *coefficients, fs_random *random) {
    int used = p->kind == FS_PARAM_PIXEL ? p->size * p->size : 2 * p->size * p->columns;
    memset(coefficients, 0, fs_parametrisation_count(p) * sizeof *coefficients);
    for (int k = 0; k < 3; k++)
        fs_random_normal(random, coefficients + (size_t)k * p->coefficients, used, INITIAL_SIGMA);
}

/* One call's arguments; pieces of work are numbered item by item. */
typedef struct job {
    fs_parametrisation *p;
    const float *coefficients;
    float *scratch;
    float *canvases;
    const float *read_canvases, *canvas_grads;
    float *planes; /* of plane_stride floats each */
    size_t plane_stride;
    const bool *wanted;
    float *coefficient_grads;
    int bands;
} job;

FS_CLONES
static void scale_spectrum(const float *restrict in, const float *restrict scale, size_t count,
                           float *restrict out) {
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = in[2 * i] * scale[i];
        out[2 * i + 1] = in[2 * i + 1] * scale[i];
    }
}

static void planes_to_image(void *context, int first, int last, int thread) {
    const job *j = context;
    fs_parametrisation *p = j->p;
    (void)thread;
    for (int k = first; k < last; k++) {
        size_t at = (size_t)k * p->coefficients;
        scale_spectrum(j->coefficients + at, p->scale, (size_t)p->size * (size_t)p->columns, j->scratch + at);
        fftwf_execute_dft_c2r(p->to_image, (fftwf_complex *)(j->scratch + at),
                              p->planes + (size_t)k * p->plane);
    }
}

static void band_rows(const job *j, int piece, int *item, int *from, int *to) {
    *item = piece / j->bands;
    *from = piece % j->bands * BAND;
    *to = *from + BAND < j->p->size ? *from + BAND : j->p->size;
}

static void colour_bands(void *context, int first, int last, int thread) {
    const job *j = context;
    int size = j->p->size, item, from, to;
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        band_rows(j, piece, &item, &from, &to);
        const float *t = j->coefficients ? j->coefficients : j->p->planes;
        t += (size_t)item * 3 * j->plane_stride;
        float *canvas = j->canvases + (size_t)item * fs_canvas_floats(size);
        for (int y = from; y < to; y++) {
            size_t at = (size_t)y * (size_t)size;
            const float *rows[3] = {t + at, t + at + j->plane_stride, t + at + 2 * j->plane_stride};
            fs_colour_forward(j->p->colours, rows, size, fs_canvas_row(canvas, size, y));
        }
    }
}

void fs_parametrisation_forward(fs_parametrisation *p, const float *coefficients, float *scratch,
                                float *canvases, fs_pool *pool) {
    job j = {.p = p,
             .coefficients = coefficients,
             .scratch = scratch,
             .canvases = canvases,
             .plane_stride = p->plane};
    j.bands = (p->size + BAND - 1) / BAND;
    if (p->kind == FS_PARAM_FFT) {
        fs_pool_for(pool, p->items * 3, 1, planes_to_image, &j);
        j.coefficients = NULL;
    }
    fs_pool_for(pool, p->items * j.bands, 1, colour_bands, &j);
}

static void uncolour_bands(void *context, int first, int last, int thread) {
    const job *j = context;
    int size = j->p->size, item, from, to;
    (void)thread;
    for (int piece = first; piece < last; piece++) {
        band_rows(j, piece, &item, &from, &to);
        if (j->wanted && !j->wanted[item])
            continue;
        const float *canvas = j->read_canvases + (size_t)item * fs_canvas_floats(size);
        const float *grad = j->canvas_grads + (size_t)item * fs_canvas_floats(size);
        float *t = j->planes + (size_t)item * 3 * j->plane_stride;
        for (int y = from; y < to; y++) {
            size_t at = (size_t)y * (size_t)size;
            float *rows[3] = {t + at, t + at + j->plane_stride, t + at + 2 * j->plane_stride};
            fs_colour_backward(j->p->colours, fs_canvas_row_const(canvas, size, y),
                               fs_canvas_row_const(grad, size, y), size, rows);
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

/* The adjoint of c2r. A coefficient of the half spectrum stands for itself and for its mirror image, so its
 * gradient counts twice, except in the columns that are their own mirror: the first and, for even sizes, the
 * last. */
static void unscale_spectrum(const fs_parametrisation *p, float *spectrum) {
    size_t columns = (size_t)p->columns;
    size_t last = p->size % 2 == 0 ? columns - 1 : columns;
    for (int y = 0; y < p->size; y++) {
        float *row = spectrum + 2 * (size_t)y * columns;
        const float *scale = p->scale + (size_t)y * columns;
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

static void planes_to_spectrum(void *context, int first, int last, int thread) {
    const job *j = context;
    fs_parametrisation *p = j->p;
    (void)thread;
    for (int k = first; k < last; k++) {
        if (j->wanted && !j->wanted[k / 3])
            continue;
        float *spectrum = j->coefficient_grads + (size_t)k * p->coefficients;
        if (p->kind == FS_PARAM_FFT) {
            size_t used = 2 * (size_t)p->size * (size_t)p->columns;
            fftwf_execute_dft_r2c(p->to_spectrum, p->planes + (size_t)k * p->plane,
                                  (fftwf_complex *)spectrum);
            unscale_spectrum(p, spectrum);
            memset(spectrum + used, 0, (p->coefficients - used) * sizeof *spectrum);
        } else {
            size_t used = (size_t)p->size * (size_t)p->size;
            memset(spectrum + used, 0, (p->coefficients - used) * sizeof *spectrum);
        }
        p->plane_peaks[k] = peak_of(spectrum, p->coefficients);
    }
}

void fs_parametrisation_backward(fs_parametrisation *p, const float *canvases, const float *canvas_grads,
                                 const bool *wanted, float *coefficient_grads, float *peaks, fs_pool *pool) {
    job j = {.p = p,
             .read_canvases = canvases,
             .canvas_grads = canvas_grads,
             .wanted = wanted,
             .coefficient_grads = coefficient_grads,
             .plane_stride = p->plane};
    j.planes = p->kind == FS_PARAM_FFT ? p->planes : coefficient_grads;
    j.bands = (p->size + BAND - 1) / BAND;
    fs_pool_for(pool, p->items * j.bands, 1, uncolour_bands, &j);
    fs_pool_for(pool, p->items * 3, 1, planes_to_spectrum, &j);
    for (int i = 0; i < p->items; i++) {
        if (wanted && !wanted[i])
            continue;
        peaks[i] = peak_of(p->plane_peaks + (size_t)3 * (size_t)i, 3);
    }
}
