#include "viz/examples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "viz/examples_internal.h"

enum { NO_SLOT = -1, SAMPLE_SEED = 1 };

static int smaller(int a, int b) {
    return a < b ? a : b;
}

static fs_status allocate(fs_examples *e, fs_error *err) {
    size_t channels = (size_t)e->channels;
    e->n_sample = smaller(e->n_images, FS_EXAMPLES_SAMPLE);
    e->skipped = fs_calloc((size_t)e->n_images + 1, 1);
    e->top = fs_calloc(channels * FS_EXAMPLES_KEPT, sizeof *e->top);
    e->bottom = fs_calloc(channels * FS_EXAMPLES_KEPT, sizeof *e->bottom);
    e->greatest = fs_calloc(channels, sizeof *e->greatest);
    e->values = fs_calloc(channels, sizeof *e->values);
    e->sample = fs_calloc(channels * (size_t)e->n_sample, sizeof *e->sample);
    if (!e->skipped || !e->top || !e->bottom || !e->greatest || !e->values || !e->sample)
        return fs_fail_memory(err, "the examples of a layer");
    for (size_t c = 0; c < channels; c++) {
        fs_histogram_clear(&e->greatest[c]);
        fs_histogram_clear(&e->values[c]);
    }
    return FS_OK;
}

fs_status fs_examples_create(fs_examples **out, const fs_activation *activation, int n_images,
                             fs_error *err) {
    fs_map_geometry geometry = fs_activation_geometry(activation);
    fs_examples *e = fs_calloc(1, sizeof *e);
    if (!e)
        return fs_fail_memory(err, "the examples of a layer");
    e->channels = fs_activation_channels(activation);
    e->height = geometry.height;
    e->width = geometry.width;
    e->n_images = n_images;
    fs_status status = allocate(e, err);
    if (status == FS_OK)
        *out = e;
    else
        fs_examples_destroy(e);
    return status;
}

void fs_examples_destroy(fs_examples *e) {
    if (!e)
        return;
    fs_free(e->skipped);
    fs_free(e->top);
    fs_free(e->bottom);
    fs_free(e->greatest);
    fs_free(e->values);
    fs_free(e->sample);
    fs_free(e);
}

/* ---- one picture ---- */

typedef struct addition {
    fs_examples *examples;
    const float *maps;
    int image, count, slot; /* its index, the pictures before it, where the sample takes it */
} addition;

/* Whether a goes before b in a list; equals stay in the order of their coming. */
static bool goes_before(fs_examples_which which, const fs_example *a, const fs_example *b) {
    if (which == FS_EXAMPLES_TOP)
        return a->value > b->value;
    return a->value < b->value || (a->value == b->value && a->greatest < b->greatest);
}

static void insert(fs_example *list, int filled, fs_examples_which which, const fs_example *one) {
    int at = smaller(filled, FS_EXAMPLES_KEPT);
    while (at > 0 && goes_before(which, one, &list[at - 1]))
        at--;
    if (at == FS_EXAMPLES_KEPT)
        return;
    int moved = smaller(filled, FS_EXAMPLES_KEPT - 1) - at;
    memmove(&list[at + 1], &list[at], (size_t)moved * sizeof *list);
    list[at] = *one;
}

/* Positions of the extremes; the search starts in the middle, so that a flat map gives its middle. */
static void find_extremes(const float *map, int height, int width, int *greatest, int *smallest) {
    int count = height * width, start = height / 2 * width + width / 2;
    *greatest = *smallest = start;
    for (int n = 1; n < count; n++) {
        int i = start + n < count ? start + n : start + n - count;
        if (map[i] > map[*greatest])
            *greatest = i;
        if (map[i] < map[*smallest])
            *smallest = i;
    }
}

static void add_channels(void *context, int first, int last, int thread) {
    const addition *a = context;
    fs_examples *e = a->examples;
    int64_t plane = (int64_t)e->height * e->width;
    (void)thread;
    for (int c = first; c < last; c++) {
        const float *map = a->maps + c * plane;
        int high, low;
        find_extremes(map, e->height, e->width, &high, &low);
        fs_example top = {a->image, high, map[high], map[high]};
        fs_example bottom = {a->image, low, map[low], map[high]};
        insert(e->top + (int64_t)c * FS_EXAMPLES_KEPT, a->count, FS_EXAMPLES_TOP, &top);
        insert(e->bottom + (int64_t)c * FS_EXAMPLES_KEPT, a->count, FS_EXAMPLES_BOTTOM, &bottom);
        fs_histogram_add(&e->greatest[c], &map[high], 1);
        fs_histogram_add(&e->values[c], map, plane);
        if (a->slot != NO_SLOT)
            e->sample[(int64_t)a->slot * e->channels + c] = (fs_examples_sample){map[high], high};
    }
}

/* Algorithm R with a stream of random numbers for each picture, so that a run may be interrupted. */
static int draw_slot(int count) {
    if (count < FS_EXAMPLES_SAMPLE)
        return count;
    fs_random random;
    fs_random_seed(&random, SAMPLE_SEED, (uint64_t)count);
    int slot = fs_random_int(&random, count + 1);
    return slot < FS_EXAMPLES_SAMPLE ? slot : NO_SLOT;
}

void fs_examples_add(fs_examples *e, const float *maps, fs_pool *pool) {
    int image = e->done++;
    e->skipped[image] = maps == NULL;
    if (!maps)
        return;
    addition a = {e, maps, image, e->used, draw_slot(e->used)};
    fs_pool_for(pool, e->channels, 1, add_channels, &a);
    if (a.slot != NO_SLOT)
        e->sample_image[a.slot] = image;
    e->used++;
}

/* ---- a folder ---- */

static fs_status look_at(fs_examples *e, fs_activation *activation, const char *path, fs_pool *pool,
                         const fs_examples_watch *watch, fs_error *err) {
    fs_image image = {0};
    fs_error why = {0};
    const atomic_bool *cancel = watch->progress ? watch->progress->cancel : NULL;
    fs_status status = fs_image_read(&image, path, &why);
    if (status == FS_OK)
        status = fs_activation_run(activation, &image, cancel, &why);
    fs_image_free(&image);
    if (status == FS_ERROR_CANCELLED || status == FS_ERROR_MEMORY)
        return fs_fail(err, status, "%s", why.message);
    if (status != FS_OK && watch->skipped)
        watch->skipped(watch->context, path, why.message);
    fs_examples_add(e, status == FS_OK ? fs_activation_map(activation, 0) : NULL, pool);
    return FS_OK;
}

fs_status fs_examples_run(fs_examples *e, fs_activation *activation, const fs_folder *folder, fs_pool *pool,
                          const fs_examples_watch *watch, fs_error *err) {
    double start = fs_seconds();
    int begun = e->done;
    fs_status status = FS_OK;
    while (e->done < e->n_images && status == FS_OK) {
        if (fs_progress_cancelled(watch->progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "cancelled after %d of %d pictures", e->done,
                           e->n_images);
        status = look_at(e, activation, folder->files[e->done].path, pool, watch, err);
        fs_progress_state state = {"looking at pictures", e->done - begun, e->n_images - begun,
                                   fs_seconds() - start, (double)NAN};
        fs_progress_report(watch->progress, &state);
    }
    if (status == FS_OK && e->used == 0)
        return fs_fail(err, FS_ERROR_FORMAT, "none of the %d pictures can be used", e->n_images);
    return status;
}

/* ---- questions ---- */

int fs_examples_done(const fs_examples *e) {
    return e->done;
}

int fs_examples_used(const fs_examples *e) {
    return e->used;
}

bool fs_examples_skipped(const fs_examples *e, int image) {
    return e->skipped[image];
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double median(float *values, int count) {
    if (count == 0)
        return 0;
    qsort(values, (size_t)count, sizeof *values, ascending);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + (double)values[count / 2]) / 2;
}

double fs_examples_threshold(const fs_examples *e, int channel) {
    float positive[FS_EXAMPLES_SAMPLE], all[FS_EXAMPLES_SAMPLE];
    int n_positive = 0, n = smaller(e->used, FS_EXAMPLES_SAMPLE);
    for (int i = 0; i < n; i++) {
        all[i] = e->sample[(int64_t)i * e->channels + channel].value;
        if (all[i] > 0)
            positive[n_positive++] = all[i];
    }
    return n_positive ? median(positive, n_positive) : median(all, n);
}

typedef struct candidate {
    double distance;
    fs_example example;
} candidate;

static int by_distance(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->example.image > y->example.image) - (x->example.image < y->example.image);
}

static int list_near(const fs_examples *e, int channel, double threshold, fs_example *out, int max) {
    candidate near[FS_EXAMPLES_SAMPLE] = {{0}};
    int n = smaller(e->used, FS_EXAMPLES_SAMPLE);
    for (int i = 0; i < n; i++) {
        fs_examples_sample s = e->sample[(int64_t)i * e->channels + channel];
        near[i] = (candidate){fabs(s.value - threshold), {e->sample_image[i], s.position, s.value, s.value}};
    }
    qsort(near, (size_t)n, sizeof *near, by_distance);
    n = smaller(n, max);
    for (int i = 0; i < n; i++)
        out[i] = near[i].example;
    return n;
}

int fs_examples_list(const fs_examples *e, fs_examples_which which, int channel, double threshold,
                     fs_example *out, int max) {
    if (which == FS_EXAMPLES_THRESHOLD)
        return list_near(e, channel, threshold, out, max);
    const fs_example *list =
        (which == FS_EXAMPLES_TOP ? e->top : e->bottom) + (int64_t)channel * FS_EXAMPLES_KEPT;
    int n = smaller(smaller(e->used, FS_EXAMPLES_KEPT), max);
    memcpy(out, list, (size_t)n * sizeof *out);
    return n;
}

const fs_histogram *fs_examples_greatest(const fs_examples *e, int channel) {
    return &e->greatest[channel];
}

const fs_histogram *fs_examples_values(const fs_examples *e, int channel) {
    return &e->values[channel];
}
