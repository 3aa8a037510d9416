#include "viz/activation_points.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "engine/ops/sgemm.h"
#include "viz/projection.h"

enum { LEAST_SIDE = 5 }; /* of a map whose rim is left out */

typedef struct collection {
    fs_points points;
    fs_activation *activation;
    const fs_folder *folder;
    const fs_points_settings *settings;
    const fs_examples_watch *watch;
    fs_pool *pool;
    int32_t *places; /* of a map that may be chosen */
    int n_places, capacity;
    int64_t summed; /* places in `second` */
} collection;

static fs_status list_places(collection *c, fs_error *err) {
    const fs_map_geometry *g = &c->points.map;
    const int rim_y = g->height >= LEAST_SIDE, rim_x = g->width >= LEAST_SIDE;
    c->places = fs_alloc_array((size_t)g->height * (size_t)g->width, sizeof *c->places);
    if (!c->places)
        return fs_fail_memory(err, "points of a layer");
    for (int y = rim_y; y < g->height - rim_y; y++)
        for (int x = rim_x; x < g->width - rim_x; x++)
            c->places[c->n_places++] = y * g->width + x;
    return FS_OK;
}

static fs_status allocate(collection *c, fs_error *err) {
    const size_t n = (size_t)c->capacity, channels = (size_t)c->points.channels;
    c->points.vectors = fs_alloc_array(n * channels, sizeof *c->points.vectors);
    c->points.images = fs_calloc(n, sizeof *c->points.images);
    c->points.positions = fs_calloc(n, sizeof *c->points.positions);
    c->points.second = fs_calloc(channels * channels, sizeof *c->points.second);
    if (!c->points.vectors || !c->points.images || !c->points.positions || !c->points.second)
        return fs_fail_memory(err, "points of a layer");
    return FS_OK;
}

/* ---- one picture ---- */

/* `wanted` places without repetition, by as many steps of a shuffle. Every picture has a stream of its own.
 */
static void add_points(collection *c, int image, int wanted) {
    fs_points *p = &c->points;
    const int64_t area = (int64_t)p->map.height * p->map.width;
    const float *maps = fs_activation_map(c->activation, 0);
    fs_random random;
    fs_random_seed(&random, c->settings->seed, (uint64_t)image);
    for (int k = 0; k < wanted && p->n < c->capacity; k++) {
        const int other = k + fs_random_int(&random, c->n_places - k);
        const int32_t place = c->places[other];
        c->places[other] = c->places[k];
        c->places[k] = place;
        float *vector = p->vectors + (size_t)p->n * (size_t)p->channels;
        for (int channel = 0; channel < p->channels; channel++)
            vector[channel] = maps[channel * area + place];
        p->images[p->n] = image;
        p->positions[p->n++] = place;
    }
}

static void add_moments(collection *c) {
    const int64_t area = (int64_t)c->points.map.height * c->points.map.width, channels = c->points.channels;
    const float *maps = fs_activation_map(c->activation, 0);
    const fs_sgemm product = {.tb = true,
                              .m = channels,
                              .n = channels,
                              .k = area,
                              .alpha = 1,
                              .beta = 1,
                              .a = maps,
                              .lda = area,
                              .b = maps,
                              .ldb = area,
                              .c = c->points.second,
                              .ldc = channels};
    fs_sgemm_run(c->pool, &product);
    c->summed += area;
}

static fs_status look_at(collection *c, int image, fs_error *err) {
    fs_image photograph = {0};
    const atomic_bool *cancel = c->watch && c->watch->progress ? c->watch->progress->cancel : NULL;
    fs_status status = fs_image_read(&photograph, c->folder->files[image].path, err);
    if (status == FS_OK)
        status = fs_activation_run(c->activation, &photograph, cancel, err);
    fs_image_free(&photograph);
    return status;
}

/* ---- all of them ---- */

static fs_status run(collection *c, int stride, int per_image, fs_error *err) {
    const double start = fs_seconds();
    const fs_progress *progress = c->watch ? c->watch->progress : NULL;
    for (int i = 0; i < c->folder->n_files; i += stride) {
        fs_error why = {0};
        if (fs_progress_cancelled(progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped while the photographs were looked at");
        fs_status status = look_at(c, i, &why);
        if (status == FS_ERROR_MEMORY || status == FS_ERROR_CANCELLED)
            return fs_fail(err, status, "%s", why.message);
        if (status == FS_OK) {
            add_points(c, i, per_image);
            add_moments(c);
            c->points.used++;
        } else {
            c->points.skipped++;
            if (c->watch && c->watch->skipped)
                c->watch->skipped(c->watch->context, c->folder->files[i].path, why.message);
        }
        fs_progress_report(progress, &(fs_progress_state){.label = "photographs",
                                                          .done = i + 1,
                                                          .total = c->folder->n_files,
                                                          .seconds = fs_seconds() - start,
                                                          .value = NAN});
    }
    if (c->points.n == 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "none of the %d pictures can be used", c->points.skipped);
    return FS_OK;
}

static void finish(collection *c) {
    const size_t count = (size_t)c->points.channels * (size_t)c->points.channels;
    for (size_t i = 0; i < count; i++)
        c->points.second[i] /= (float)c->summed;
}

fs_status fs_points_collect(fs_points *out, fs_activation *activation, const fs_folder *folder,
                            const fs_points_settings *settings, fs_pool *pool, const fs_examples_watch *watch,
                            fs_error *err) {
    collection c = {
        .activation = activation, .folder = folder, .settings = settings, .watch = watch, .pool = pool};
    c.points.channels = fs_activation_channels(activation);
    c.points.map = fs_activation_geometry(activation);
    if (settings->most < 1 || settings->most > FS_PROJECTION_MAX_POINTS ||
        c.points.channels > FS_PROJECTION_MAX_CHANNELS)
        return fs_fail(err, FS_ERROR_LIMIT, "%d points of %d channels: up to %d of %d are possible",
                       settings->most, c.points.channels, FS_PROJECTION_MAX_POINTS,
                       FS_PROJECTION_MAX_CHANNELS);
    fs_status status = list_places(&c, err);
    const int stride = (folder->n_files + settings->most - 1) / settings->most;
    const int looked = (folder->n_files + stride - 1) / stride;
    int per_image = settings->per_image > 0 ? settings->per_image : (settings->most + looked - 1) / looked;
    per_image = per_image < c.n_places ? per_image : c.n_places;
    c.capacity = (int64_t)looked * per_image < settings->most ? looked * per_image : settings->most;
    if (status == FS_OK)
        status = allocate(&c, err);
    if (status == FS_OK)
        status = run(&c, stride, per_image, err);
    fs_free(c.places);
    if (status == FS_OK) {
        finish(&c);
        *out = c.points;
    } else {
        fs_points_free(&c.points);
    }
    return status;
}

void fs_points_free(fs_points *points) {
    fs_free(points->vectors);
    fs_free(points->images);
    fs_free(points->positions);
    fs_free(points->second);
    memset(points, 0, sizeof *points);
}

void fs_points_directions(const fs_points *points, float *out) {
    for (int i = 0; i < points->n; i++) {
        const size_t at = (size_t)i * (size_t)points->channels;
        double squares = 0;
        for (int c = 0; c < points->channels; c++)
            squares += (double)points->vectors[at + (size_t)c] * points->vectors[at + (size_t)c];
        const double scale = squares > 0 ? 1 / sqrt(squares) : 1;
        for (int c = 0; c < points->channels; c++)
            out[at + (size_t)c] = (float)(points->vectors[at + (size_t)c] * scale);
    }
}
