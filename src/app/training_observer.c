#include "app/training_observer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "viz/cka_probe.h"
#include "viz/render.h"
#include "viz/shift.h"

enum { KEPT_PICTURES = 256 };

/* The picture of a filter of the network before. */
typedef struct kept {
    int pair, channel;
    fs_image image;
} kept;

struct fs_training_observer {
    const fs_model *models[FS_VERSIONS];
    fs_pool *pool;
    fs_shift_layers layers;
    fs_cka_probe *probe; /* NULL: too few pictures */
    fs_render_settings render;
    kept kept[KEPT_PICTURES];
    int n_kept, next_kept;
};

/* ---- life ---- */

/* As many as are wanted, evenly over the validation pictures, which come class by class. */
static fs_status read_inputs(fs_pictures *pictures, const fs_dataset *dataset, float *inputs, int *n,
                             fs_error *err) {
    const int all = dataset->val.n, wanted = all < FS_OBSERVER_PICTURES ? all : FS_OBSERVER_PICTURES;
    const int64_t floats = fs_pictures_floats(pictures);
    *n = 0;
    for (int i = 0; i < wanted; i++) {
        const int item = dataset->train.n + (int)((int64_t)i * all / wanted);
        fs_status status = fs_pictures_input(pictures, item, NULL, NULL, inputs + *n * floats, NULL);
        if (status == FS_ERROR_MEMORY)
            return fs_fail_memory(err, "pictures to probe with");
        *n += status == FS_OK; /* what cannot be read is told by the training */
    }
    return FS_OK;
}

static fs_status make_probe(fs_training_observer *o, fs_pictures *pictures, const fs_dataset *dataset,
                            fs_error *err) {
    int n = 0;
    float *inputs =
        fs_alloc_array((size_t)FS_OBSERVER_PICTURES * (size_t)fs_pictures_floats(pictures), sizeof *inputs);
    fs_status status = inputs ? FS_OK : fs_fail_memory(err, "pictures to probe with");
    if (status == FS_OK)
        status = read_inputs(pictures, dataset, inputs, &n, err);
    if (status == FS_OK && n >= FS_CKA_LEAST_BATCH)
        status = fs_cka_probe_create(&o->probe, &o->layers, o->models, inputs, n, o->pool, err);
    fs_free(inputs);
    return status;
}

fs_status fs_training_observer_create(fs_training_observer **out, const fs_model *before, const fs_model *now,
                                      fs_pictures *pictures, const fs_dataset *dataset,
                                      const fs_training_observer_settings *settings, fs_pool *pool,
                                      fs_error *err) {
    fs_training_observer *o = fs_calloc(1, sizeof *o);
    if (!o)
        return fs_fail_memory(err, "an observer of a training");
    o->models[FS_BEFORE] = before;
    o->models[FS_AFTER] = now;
    o->pool = pool;
    fs_options_defaults(fs_render_options, &o->render);
    snprintf(o->render.objective, sizeof o->render.objective, "channel");
    o->render.size = settings->side;
    o->render.steps = settings->steps;
    o->render.schedule = FS_RENDER_RATE_WARM_UP; /* clear pictures in few steps */
    o->render.seed = settings->seed;
    fs_status status = fs_shift_match(&o->layers, before, now, false, err);
    if (status == FS_OK)
        status = make_probe(o, pictures, dataset, err);
    if (status == FS_OK)
        *out = o;
    else
        fs_training_observer_destroy(o);
    return status;
}

void fs_training_observer_destroy(fs_training_observer *o) {
    if (!o)
        return;
    fs_cka_probe_destroy(o->probe);
    fs_shift_layers_free(&o->layers);
    for (int i = 0; i < o->n_kept; i++)
        fs_image_free(&o->kept[i].image);
    fs_free(o);
}

/* ---- layers ---- */

static const fs_layer *layer_of(const fs_training_observer *o, int pair, int version) {
    return o->layers.pairs[pair].layer[version];
}

static fs_status measure_layers(fs_training_observer *o, const atomic_bool *cancel, fs_training_shift *shift,
                                fs_error *err) {
    const int n = o->layers.n;
    if (!o->probe)
        return FS_OK;
    double *cka = fs_alloc_array((size_t)n, sizeof *cka);
    shift->layers = fs_calloc((size_t)n, sizeof *shift->layers);
    fs_status status = cka && shift->layers ? FS_OK : fs_fail_memory(err, "the layers of a training");
    if (status == FS_OK)
        status = fs_cka_probe_measure(o->probe, cancel, cka, err);
    for (int l = 0; l < n && status == FS_OK; l++) {
        fs_training_layer *to = &shift->layers[l];
        snprintf(to->name, sizeof to->name, "%s", layer_of(o, l, FS_BEFORE)->name);
        to->level = layer_of(o, l, FS_BEFORE)->level;
        to->cka = cka[l];
    }
    shift->n_layers = status == FS_OK ? n : 0;
    fs_free(cka);
    return status;
}

/* ---- filters ---- */

static int by_change(const void *a, const void *b) {
    const fs_shift_filter *x = a, *y = b;
    if (x->change != y->change)
        return x->change > y->change ? -1 : 1;
    if (x->layer != y->layer)
        return x->layer < y->layer ? -1 : 1;
    return (x->channel > y->channel) - (x->channel < y->channel);
}

/* Those that moved, the farthest first; returns how many. */
static int rank(const fs_training_observer *o, fs_shift_filter *filters, int n, const char *layer) {
    int moved = 0;
    for (int i = 0; i < n; i++)
        if (filters[i].change > 0 &&
            (!layer || strcmp(layer_of(o, filters[i].layer, FS_BEFORE)->name, layer) == 0))
            filters[moved++] = filters[i];
    qsort(filters, (size_t)moved, sizeof *filters, by_change);
    return moved;
}

static const fs_image *find_kept(const fs_training_observer *o, int pair, int channel) {
    for (int i = 0; i < o->n_kept; i++)
        if (o->kept[i].pair == pair && o->kept[i].channel == channel)
            return &o->kept[i].image;
    return NULL;
}

static fs_status copy_image(fs_image *out, const fs_image *in, fs_error *err) {
    fs_status status = fs_image_create(out, in->width, in->height, in->channels, err);
    if (status == FS_OK)
        memcpy(out->pixels, in->pixels, (size_t)in->width * (size_t)in->height * (size_t)in->channels);
    return status;
}

static fs_status keep(fs_training_observer *o, int pair, int channel, const fs_image *image, fs_error *err) {
    fs_image copy = {0};
    fs_status status = copy_image(&copy, image, err);
    if (status != FS_OK)
        return status;
    kept *place = &o->kept[o->next_kept];
    fs_image_free(&place->image);
    *place = (kept){pair, channel, copy};
    o->next_kept = (o->next_kept + 1) % KEPT_PICTURES;
    o->n_kept = o->n_kept < KEPT_PICTURES ? o->n_kept + 1 : o->n_kept;
    return FS_OK;
}

/* Channels of one layer. A layer that cannot be rendered at all leaves its pictures empty, a render that left
 * the finite numbers is shown as far as it came. */
static fs_status render(fs_training_observer *o, int pair, int version, const int *channels, int n,
                        fs_image *const *out, const fs_progress *progress, fs_error *err) {
    fs_render_settings settings = o->render;
    fs_render *render = NULL;
    const fs_progress quiet = {.cancel = progress ? progress->cancel : NULL};
    snprintf(settings.layer, sizeof settings.layer, "%s", layer_of(o, pair, version)->name);
    fs_status status = fs_render_create(&render, o->models[version], &settings, channels, n, o->pool, err);
    if (status == FS_OK)
        status = fs_render_run(render, settings.steps, &quiet, err);
    else if (status != FS_ERROR_MEMORY)
        return FS_OK;
    if (status == FS_ERROR_DIVERGED)
        status = FS_OK;
    for (int i = 0; i < n && status == FS_OK; i++)
        status = fs_render_image(render, i, FS_RENDER_LAST, out[i], err);
    fs_render_destroy(render);
    return status;
}

/* Filters of one layer, as places in the shift. */
typedef struct group {
    int pair, n;
    int places[FS_TRAINING_FILTERS];
} group;

static fs_status render_before(fs_training_observer *o, const group *g, fs_training_shift *shift,
                               const fs_progress *progress, fs_error *err) {
    int channels[FS_TRAINING_FILTERS], n = 0;
    fs_image *missing[FS_TRAINING_FILTERS];
    fs_status status = FS_OK;
    for (int i = 0; i < g->n && status == FS_OK; i++) {
        fs_training_filter *f = &shift->filters[g->places[i]];
        const fs_image *known = find_kept(o, g->pair, f->channel);
        if (known) {
            status = copy_image(&f->before, known, err);
            continue;
        }
        channels[n] = f->channel;
        missing[n++] = &f->before;
    }
    if (status == FS_OK && n > 0)
        status = render(o, g->pair, FS_BEFORE, channels, n, missing, progress, err);
    for (int i = 0; i < n && status == FS_OK; i++)
        if (missing[i]->pixels)
            status = keep(o, g->pair, channels[i], missing[i], err);
    return status;
}

static fs_status render_now(fs_training_observer *o, const group *g, fs_training_shift *shift,
                            const fs_progress *progress, fs_error *err) {
    int channels[FS_TRAINING_FILTERS];
    fs_image *out[FS_TRAINING_FILTERS];
    for (int i = 0; i < g->n; i++) {
        channels[i] = shift->filters[g->places[i]].channel;
        out[i] = &shift->filters[g->places[i]].now;
    }
    return render(o, g->pair, FS_AFTER, channels, g->n, out, progress, err);
}

/* now - before, mid-grey where they are the same. */
static fs_status subtract(fs_training_filter *f, fs_error *err) {
    const fs_image *a = &f->before, *b = &f->now;
    if (!a->pixels || !b->pixels || a->width != b->width || a->height != b->height ||
        a->channels != b->channels)
        return FS_OK;
    fs_status status = fs_image_create(&f->difference, a->width, a->height, a->channels, err);
    const int64_t n = (int64_t)a->width * a->height * a->channels;
    for (int64_t i = 0; i < n && status == FS_OK; i++) {
        const int value = 128 + b->pixels[i] - a->pixels[i];
        f->difference.pixels[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
    return status;
}

static fs_status render_filters(fs_training_observer *o, const fs_shift_filter *filters,
                                fs_training_shift *shift, const fs_progress *progress, fs_error *err) {
    bool done[FS_TRAINING_FILTERS] = {false};
    fs_status status = FS_OK;
    for (int i = 0; i < shift->n_filters && status == FS_OK; i++) {
        group g = {.pair = filters[i].layer};
        for (int k = i; k < shift->n_filters && !done[i]; k++)
            if (filters[k].layer == g.pair)
                g.places[g.n++] = k;
        if (g.n == 0)
            continue;
        for (int k = 0; k < g.n; k++)
            done[g.places[k]] = true;
        status = render_before(o, &g, shift, progress, err);
        if (status == FS_OK)
            status = render_now(o, &g, shift, progress, err);
    }
    for (int i = 0; i < shift->n_filters && status == FS_OK; i++)
        status = subtract(&shift->filters[i], err);
    return status;
}

static void name_filters(const fs_training_observer *o, const fs_shift_filter *filters, int moved,
                         fs_training_shift *shift) {
    shift->n_filters = moved < FS_TRAINING_FILTERS ? moved : FS_TRAINING_FILTERS;
    for (int i = 0; i < shift->n_filters; i++) {
        const fs_layer *layer = layer_of(o, filters[i].layer, FS_BEFORE);
        fs_training_filter *to = &shift->filters[i];
        snprintf(to->layer, sizeof to->layer, "%s", layer->name);
        to->level = layer->level;
        to->channel = filters[i].channel;
        to->change = filters[i].change;
    }
}

/* ---- the first layer's kernels ---- */

/* The chosen ones of all; the channels of the picture stay. */
static fs_status pick(fs_kernels *out, const fs_kernels *all, const int *channels, int n, fs_error *err) {
    const size_t each = (size_t)all->channels * (size_t)all->height * (size_t)all->width;
    fs_status status = fs_kernels_create(out, n, all->channels, all->height, all->width, err);
    for (int i = 0; i < n && status == FS_OK; i++)
        memcpy(out->values + (size_t)i * each, all->values + (size_t)channels[i] * each,
               each * sizeof *all->values);
    return status;
}

static fs_status pick_kernels(const fs_training_observer *o, int version, fs_training_shift *shift, int first,
                              fs_kernels *out, fs_error *err) {
    fs_kernels all = {0};
    fs_status status = fs_kernels_of_layer(&all, o->models[version], layer_of(o, first, version), err);
    if (status == FS_OK)
        status = pick(out, &all, shift->channels, shift->n_kernels, err);
    fs_kernels_free(&all);
    return status;
}

/* filters: ranked, of all layers. Kernels that cannot be shown or fitted are left out, that is no error. */
static fs_status look_at_kernels(const fs_training_observer *o, const fs_shift_filter *filters, int moved,
                                 fs_training_shift *shift, const fs_progress *progress, fs_error *err) {
    const fs_layer *layer = fs_kernels_first_layer(o->models[FS_BEFORE], NULL);
    int first = -1;
    for (int l = 0; l < o->layers.n && layer; l++)
        if (layer_of(o, l, FS_BEFORE) == layer)
            first = l;
    for (int i = 0; i < moved && shift->n_kernels < FS_TRAINING_KERNELS; i++)
        if (filters[i].layer == first) {
            shift->channels[shift->n_kernels] = filters[i].channel;
            shift->changes[shift->n_kernels++] = filters[i].change;
        }
    if (shift->n_kernels == 0)
        return FS_OK;
    fs_status status = pick_kernels(o, FS_BEFORE, shift, first, &shift->before, err);
    if (status == FS_OK)
        status = pick_kernels(o, FS_AFTER, shift, first, &shift->now, err);
    if (status != FS_OK && status != FS_ERROR_MEMORY) {
        shift->n_kernels = 0;
        return FS_OK;
    }
    const fs_progress quiet = {.cancel = progress ? progress->cancel : NULL};
    if (status == FS_OK)
        status = fs_gabor_drifts_of(&shift->drifts, &shift->before, &shift->now, o->pool, &quiet, err);
    return status == FS_ERROR_MEMORY || status == FS_ERROR_CANCELLED ? status : FS_OK;
}

/* ---- all of it ---- */

static fs_status look(fs_training_observer *o, const char *layer, const fs_progress *progress,
                      fs_training_shift *shift, fs_error *err) {
    const atomic_bool *cancel = progress ? progress->cancel : NULL;
    fs_shift_filter *filters = NULL;
    int n = 0;
    fs_status status = measure_layers(o, cancel, shift, err);
    if (status == FS_OK)
        status = fs_shift_compare_filters(&filters, &n, &o->layers, err);
    if (status == FS_OK) {
        const int moved = rank(o, filters, n, NULL);
        status = look_at_kernels(o, filters, moved, shift, progress, err);
        const int shown = layer ? rank(o, filters, moved, layer) : moved;
        name_filters(o, filters, shown, shift);
    }
    if (status == FS_OK)
        status = render_filters(o, filters, shift, progress, err);
    fs_free(filters);
    return status;
}

fs_status fs_training_observer_look(fs_training_observer *o, const char *layer, const fs_progress *progress,
                                    fs_training_shift **out, fs_error *err) {
    fs_training_shift *shift = fs_training_shift_create();
    if (!shift)
        return fs_fail_memory(err, "what a training did");
    fs_status status = look(o, layer, progress, shift, err);
    if (status == FS_OK)
        *out = shift;
    else
        fs_training_shift_release(shift);
    return status;
}
