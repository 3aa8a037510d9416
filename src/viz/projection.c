#include "viz/projection.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/lapack.h"

typedef struct decomposition {
    int n, channels, rank;
    float *centred; /* [n][channels]; destroyed by the decomposition */
    float *values;  /* [rank] */
    float *axes;    /* columns of U: [rank][channels] */
    float *places;  /* Vt, column by column: [n][rank] */
    float *work;
    int *whole;
} decomposition;

static void free_decomposition(decomposition *d) {
    fs_free(d->centred);
    fs_free(d->values);
    fs_free(d->axes);
    fs_free(d->places);
    fs_free(d->work);
    fs_free(d->whole);
}

static fs_status allocate(decomposition *d, fs_error *err) {
    const size_t n = (size_t)d->n, channels = (size_t)d->channels, rank = (size_t)d->rank;
    d->centred = fs_alloc_array(n * channels, sizeof *d->centred);
    d->values = fs_calloc(rank, sizeof *d->values);
    d->axes = fs_calloc(rank * channels, sizeof *d->axes);
    d->places = fs_calloc(n * rank, sizeof *d->places);
    d->whole = fs_calloc(8 * rank, sizeof *d->whole);
    if (!d->centred || !d->values || !d->axes || !d->places || !d->whole)
        return fs_fail_memory(err, "principal components");
    return FS_OK;
}

static void centre(decomposition *d, const float *points) {
    for (int c = 0; c < d->channels; c++) {
        double sum = 0;
        for (int i = 0; i < d->n; i++)
            sum += points[(size_t)i * (size_t)d->channels + (size_t)c];
        for (int i = 0; i < d->n; i++) {
            const size_t at = (size_t)i * (size_t)d->channels + (size_t)c;
            d->centred[at] = (float)(points[at] - sum / d->n);
        }
    }
}

/* The points row by row are to LAPACK a matrix of channels rows and n columns. */
static int call_lapack(decomposition *d, float *work, int size) {
    int info = 0;
    sgesdd_("S", &d->channels, &d->n, d->centred, &d->channels, d->values, d->axes, &d->channels, d->places,
            &d->rank, work, &size, d->whole, &info);
    return info;
}

static fs_status decompose(decomposition *d, fs_error *err) {
    float wanted = 0;
    int info = call_lapack(d, &wanted, -1);
    const int size = (int)(wanted * 1.01F) + 1; /* a float cannot tell large numbers exactly */
    d->work = info == 0 ? fs_alloc_array((size_t)size, sizeof *d->work) : NULL;
    if (info == 0 && !d->work)
        return fs_fail_memory(err, "principal components");
    if (info == 0)
        info = call_lapack(d, d->work, size);
    return info == 0 ? FS_OK
                     : fs_fail(err, FS_ERROR_DIVERGED, "principal components: LAPACK's code %d", info);
}

static float sign_of(const float *axis, int channels) {
    float most = 0;
    for (int c = 0; c < channels; c++)
        if (fabsf(axis[c]) > fabsf(most))
            most = axis[c];
    return most < 0 ? -1 : 1;
}

fs_status fs_project_pca(float *out, const float *points, int n, int channels, int k, fs_error *err) {
    decomposition d = {.n = n, .channels = channels, .rank = n < channels ? n : channels};
    if (n < 1 || channels < 1 || n > FS_PROJECTION_MAX_POINTS || channels > FS_PROJECTION_MAX_CHANNELS)
        return fs_fail(err, FS_ERROR_LIMIT, "%d points of %d numbers: up to %d of %d can be projected", n,
                       channels, FS_PROJECTION_MAX_POINTS, FS_PROJECTION_MAX_CHANNELS);
    fs_status status = allocate(&d, err);
    if (status == FS_OK) {
        centre(&d, points);
        status = decompose(&d, err);
    }
    for (int j = 0; j < k && status == FS_OK; j++) {
        const float scale =
            j < d.rank ? d.values[j] * sign_of(d.axes + (size_t)j * (size_t)channels, channels) : 0;
        for (int i = 0; i < n; i++)
            out[(size_t)i * (size_t)k + (size_t)j] =
                j < d.rank ? scale * d.places[(size_t)i * (size_t)d.rank + (size_t)j] : 0;
    }
    free_decomposition(&d);
    return status;
}
