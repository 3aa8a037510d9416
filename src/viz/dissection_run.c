#include "viz/dissection_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/plan.h"
#include "viz/top_values.h"

enum { CHANNEL_GRAIN = 4 };

/* A channel of the group that has its turn. */
typedef struct worker_channel {
    int output, channel; /* of the plan; of its layer */
    fs_dissection_channel *result;
    fs_top_values top;
    fs_overlap *overlap;
} worker_channel;

/* A picture on its way through the network. */
typedef struct slot {
    fs_plan *plan;
    fs_dissection_picture picture;
    fs_overlap_grid **grids; /* [outputs] */
    fs_status status;
    fs_error err;
    int index;
    bool usable;
} slot;

typedef enum pass_kind { PASS_THRESHOLDS, PASS_OVERLAPS, PASSES } pass_kind;

typedef struct run {
    fs_dissection *out;
    const fs_model *model;
    const fs_dissection_source *source;
    fs_pool *pool;
    const fs_examples_watch *watch;
    int64_t bytes;
    bool *skip; /* [pictures] */
    /* the group */
    int first_layer, n_outputs, n_channels;
    worker_channel *channels;
    slot *slots;
    int n_slots, n_busy;
    pass_kind pass;
    bool counted; /* the masks of all pictures */
    double start, done, total;
} run;

void fs_dissection_picture_free(fs_dissection_picture *picture) {
    fs_image_free(&picture->image);
    for (int k = 0; k < FS_CONCEPT_KINDS; k++)
        fs_image_free(&picture->masks[k]);
    memset(picture, 0, sizeof *picture);
}

bool fs_dissection_takes(const fs_layer *layer) {
    return layer->shape.rank == 4 && layer->channels > 0 && layer->shape.dim[2] * layer->shape.dim[3] > 1;
}

static const fs_layer *layer_of(const run *r, int output) {
    return r->out->layers[r->first_layer + output].layer;
}

static int64_t area_of(const fs_layer *layer) {
    return layer->shape.dim[2] * layer->shape.dim[3];
}

static fs_map_geometry geometry_of(const run *r, int output) {
    const fs_layer *layer = layer_of(r, output);
    return (fs_map_geometry){.height = (int)layer->shape.dim[2],
                             .width = (int)layer->shape.dim[3],
                             .image_height = r->model->preprocess.height,
                             .image_width = r->model->preprocess.width,
                             .field = layer->field};
}

/* ---- one picture ---- */

static fs_status check_masks(const run *r, const fs_dissection_picture *p, fs_error *err) {
    for (int k = 0; k < FS_CONCEPT_KINDS; k++) {
        const fs_image *mask = &p->masks[k];
        const int64_t n = (int64_t)mask->width * mask->height;
        if (mask->channels != 1 || mask->width != p->image.width || mask->height != p->image.height)
            return fs_fail(err, FS_ERROR_FORMAT, "the mask of %ss has another size than its picture",
                           fs_concept_kind_name((fs_concept_kind)k));
        for (int64_t i = 0; i < n; i++)
            if (mask->pixels[i] >= r->source->labels[k])
                return fs_fail(err, FS_ERROR_FORMAT, "the mask of %ss has label %d of %d",
                               fs_concept_kind_name((fs_concept_kind)k), mask->pixels[i],
                               r->source->labels[k]);
    }
    return FS_OK;
}

static fs_status make_grids(const run *r, slot *s, fs_error *err) {
    fs_status status = FS_OK;
    for (int o = 0; o < r->n_outputs && status == FS_OK; o++) {
        const fs_map_geometry g = geometry_of(r, o);
        fs_overlap_grid_destroy(s->grids[o]);
        s->grids[o] = NULL;
        status =
            fs_overlap_grid_create(&s->grids[o], &g, s->picture.image.height, s->picture.image.width, err);
    }
    return status;
}

static fs_status fill_input(const run *r, slot *s, fs_error *err) {
    const fs_preprocess *p = &r->model->preprocess;
    const fs_image *image = &s->picture.image;
    fs_image resized = {0};
    fs_status status = FS_OK;
    if (image->width != p->width || image->height != p->height) {
        status = fs_image_resize(&resized, image, p->width, p->height, err);
        image = &resized;
    }
    if (status == FS_OK)
        fs_preprocess_image(p, image, fs_plan_input(s->plan));
    fs_image_free(&resized);
    return status;
}

static fs_status check_finite(const run *r, const slot *s, fs_error *err) {
    for (int o = 0; o < r->n_outputs; o++) {
        const fs_layer *layer = layer_of(r, o);
        const float *values = fs_plan_output(s->plan, o);
        float sum = 0; /* stays zero until something is infinite or no number */
        for (int64_t i = 0; i < layer->channels * area_of(layer); i++)
            sum += values[i] * 0;
        if (sum != 0)
            return fs_fail(err, FS_ERROR_DIVERGED, "layer '%s': its values are not finite", layer->name);
    }
    return FS_OK;
}

static void look_at(const run *r, slot *s) {
    const atomic_bool *cancel = r->watch && r->watch->progress ? r->watch->progress->cancel : NULL;
    fs_dissection_picture_free(&s->picture);
    s->usable = false;
    s->status = FS_OK;
    if (r->skip[s->index])
        return;
    s->status = r->source->get(r->source->context, s->index, &s->picture, &s->err);
    if (s->status == FS_OK)
        s->status = check_masks(r, &s->picture, &s->err);
    if (s->status == FS_ERROR_FORMAT && s->picture.image.pixels)
        fs_error_prefix(&s->err, s->status, "picture %d", s->index);
    if (s->status == FS_OK)
        s->status = fill_input(r, s, &s->err);
    s->usable = s->status == FS_OK;
    if (s->status == FS_OK && r->pass == PASS_OVERLAPS)
        s->status = make_grids(r, s, &s->err);
    if (s->status == FS_OK)
        s->status = fs_plan_forward(s->plan, cancel, &s->err);
    if (s->status == FS_OK)
        s->status = check_finite(r, s, &s->err);
}

static void look_at_range(void *context, int first, int last, int thread) {
    run *r = context;
    (void)thread;
    for (int i = first; i < last; i++)
        look_at(r, &r->slots[i]);
}

/* A picture that cannot be had is skipped, the first time it is asked for; anything else is an error. */
static fs_status settle(run *r, slot *s, fs_error *err) {
    if (r->skip[s->index])
        return FS_OK;
    const bool hard =
        s->usable || s->status == FS_ERROR_MEMORY || s->status == FS_ERROR_CANCELLED || r->counted;
    if (s->status != FS_OK && hard)
        return fs_fail(err, s->status, "%s", s->err.message);
    if (s->status != FS_OK) {
        char name[32];
        snprintf(name, sizeof name, "picture %d", s->index);
        r->skip[s->index] = true;
        r->out->skipped++;
        if (r->watch && r->watch->skipped)
            r->watch->skipped(r->watch->context, name, s->err.message);
        return FS_OK;
    }
    if (!r->counted)
        fs_dissection_count(&r->out->totals, s->picture.masks);
    return FS_OK;
}

/* ---- what a round of pictures says to the channels ---- */

/* A picture in which the channel is nowhere on is none of its best. */
static void note_seen(fs_dissection_channel *c, int index, float greatest) {
    int at = c->n_seen;
    while (at > 0 && greatest > c->greatest[at - 1])
        at--;
    if (at == FS_DISSECTION_SEEN || !((double)greatest > c->threshold))
        return;
    if (c->n_seen < FS_DISSECTION_SEEN)
        c->n_seen++;
    for (int i = c->n_seen - 1; i > at; i--) {
        c->seen[i] = c->seen[i - 1];
        c->greatest[i] = c->greatest[i - 1];
    }
    c->seen[at] = index;
    c->greatest[at] = greatest;
}

static float greatest_of(const float *map, int64_t n) {
    float greatest = map[0];
    for (int64_t i = 1; i < n; i++)
        greatest = map[i] > greatest ? map[i] : greatest;
    return greatest;
}

static void take_range(void *context, int first, int last, int thread) {
    const run *r = context;
    (void)thread;
    for (int i = first; i < last; i++) {
        worker_channel *c = &r->channels[i];
        const int64_t area = area_of(layer_of(r, c->output));
        for (int n = 0; n < r->n_busy; n++) {
            const slot *s = &r->slots[n];
            if (!s->usable)
                continue;
            const float *map = fs_plan_output(s->plan, c->output) + c->channel * area;
            if (r->pass == PASS_THRESHOLDS) {
                fs_top_values_add(&c->top, map, area);
                continue;
            }
            note_seen(c->result, s->index, greatest_of(map, area));
            fs_overlap_add(c->overlap, s->grids[c->output], map, c->result->threshold, s->picture.masks);
        }
    }
}

static fs_status run_pass(run *r, fs_error *err) {
    static const char *const labels[PASSES] = {"thresholds", "concepts"};
    const fs_progress *progress = r->watch ? r->watch->progress : NULL;
    fs_status status = FS_OK;
    for (int first = 0; first < r->source->n_pictures && status == FS_OK; first += r->n_slots) {
        const int left = r->source->n_pictures - first;
        if (fs_progress_cancelled(progress))
            return fs_fail(err, FS_ERROR_CANCELLED, "stopped while pictures were looked at");
        r->n_busy = left < r->n_slots ? left : r->n_slots;
        for (int i = 0; i < r->n_busy; i++)
            r->slots[i].index = first + i;
        fs_pool_for(r->pool, r->n_busy, 1, look_at_range, r);
        for (int i = 0; i < r->n_busy && status == FS_OK; i++)
            status = settle(r, &r->slots[i], err);
        if (status == FS_OK)
            fs_pool_for(r->pool, r->n_channels, CHANNEL_GRAIN, take_range, r);
        r->done += r->n_busy;
        fs_progress_report(progress, &(fs_progress_state){.label = labels[r->pass],
                                                          .done = r->done,
                                                          .total = r->total,
                                                          .seconds = fs_seconds() - r->start,
                                                          .value = NAN});
    }
    r->counted = status == FS_OK;
    return status;
}

/* ---- groups of channels ---- */

static int64_t values_wanted(const run *r, const fs_layer *layer) {
    return 1 + fs_quantile_rank(r->out->quantile, r->source->n_pictures * area_of(layer));
}

static int64_t bytes_of(const run *r, const fs_layer *layer) {
    return fs_top_values_bytes(values_wanted(r, layer)) +
           (int64_t)(sizeof(fs_overlap) + sizeof(worker_channel));
}

/* The channels from (layer, channel) on that have room together; returns how many, at least one. */
static int group_size(const run *r, int layer, int channel, int *n_layers) {
    int64_t bytes = 0;
    int n = 0;
    *n_layers = 0;
    for (; layer < r->out->n_layers; layer++, channel = 0) {
        const int64_t each = bytes_of(r, r->out->layers[layer].layer);
        int64_t room = (r->bytes - bytes) / each, left = r->out->layers[layer].layer->channels - channel;
        room = room > 0 || n > 0 ? room : 1;
        if (room <= 0)
            break;
        ++*n_layers;
        n += (int)(room < left ? room : left);
        bytes += each * (room < left ? room : left);
        if (room < left)
            break;
    }
    return n;
}

static fs_status make_plan(const run *r, fs_plan **out, fs_error *err) {
    const fs_preprocess *p = &r->model->preprocess;
    int *values = fs_alloc_array((size_t)r->n_outputs, sizeof *values);
    if (!values)
        return fs_fail_memory(err, "a plan");
    for (int o = 0; o < r->n_outputs; o++)
        values[o] = layer_of(r, o)->view;
    fs_plan_request request = fs_plan_request_default(
        r->model->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width));
    request.outputs = values;
    request.n_outputs = r->n_outputs;
    fs_status status = fs_plan_create(out, &request, err);
    for (int o = 0; o < r->n_outputs && status == FS_OK; o++) {
        const fs_shape shape = fs_plan_output_shape(*out, o);
        if (!fs_shape_equal(&shape, &layer_of(r, o)->shape))
            status = fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has another shape in a plan",
                             layer_of(r, o)->name);
    }
    fs_free(values);
    return status;
}

static fs_status make_slots(run *r, fs_error *err) {
    int wanted = fs_pool_threads(r->pool);
    fs_status status = FS_OK;
    r->n_slots = 0;
    r->slots = fs_calloc((size_t)wanted, sizeof *r->slots);
    if (!r->slots)
        return fs_fail_memory(err, "pictures of a dissection");
    while (r->n_slots < wanted && status == FS_OK) {
        slot *s = &r->slots[r->n_slots++];
        s->grids = fs_calloc((size_t)r->n_outputs, sizeof(fs_overlap_grid *));
        status = s->grids ? make_plan(r, &s->plan, err) : fs_fail_memory(err, "pictures of a dissection");
        if (status == FS_OK && r->n_slots == 1) {
            const int64_t each = (int64_t)fs_plan_get_info(s->plan).buffer_bytes + 1;
            const int64_t room = FS_DISSECTION_PLAN_BYTES / each;
            wanted = room < 1 ? 1 : room < wanted ? (int)room : wanted;
        }
    }
    return status;
}

static fs_status make_channels(run *r, int first_channel, fs_error *err) {
    fs_status status = FS_OK;
    int output = 0, channel = first_channel;
    r->channels = fs_calloc((size_t)r->n_channels, sizeof *r->channels);
    if (!r->channels)
        return fs_fail_memory(err, "channels of a dissection");
    for (int i = 0; i < r->n_channels && status == FS_OK; i++, channel++) {
        if (channel == layer_of(r, output)->channels) {
            output++;
            channel = 0;
        }
        worker_channel *c = &r->channels[i];
        *c = (worker_channel){.output = output, .channel = channel};
        c->result = &r->out->layers[r->first_layer + output].channel[channel];
        c->overlap = fs_calloc(1, sizeof *c->overlap);
        status = c->overlap ? fs_top_values_create(&c->top, values_wanted(r, layer_of(r, output)), err)
                            : fs_fail_memory(err, "channels of a dissection");
    }
    return status;
}

static void free_group(run *r) {
    for (int i = 0; i < r->n_slots; i++) {
        fs_plan_destroy(r->slots[i].plan);
        fs_dissection_picture_free(&r->slots[i].picture);
        for (int o = 0; o < r->n_outputs && r->slots[i].grids; o++)
            fs_overlap_grid_destroy(r->slots[i].grids[o]);
        fs_free(r->slots[i].grids);
    }
    for (int i = 0; i < r->n_channels && r->channels; i++) {
        fs_top_values_free(&r->channels[i].top);
        fs_free(r->channels[i].overlap);
    }
    fs_free(r->slots);
    fs_free(r->channels);
    r->slots = NULL;
    r->channels = NULL;
    r->n_slots = 0;
}

static fs_status set_thresholds(run *r, fs_error *err) {
    fs_dissection *d = r->out;
    d->pictures = d->totals.n_pictures;
    if (d->pictures == 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "none of the %d pictures can be used", d->skipped);
    for (int i = 0; i < r->n_channels; i++) {
        worker_channel *c = &r->channels[i];
        const int64_t positions = d->pictures * area_of(layer_of(r, c->output));
        c->result->threshold = (double)fs_top_values_rank(&c->top, fs_quantile_rank(d->quantile, positions));
        fs_top_values_free(&c->top);
    }
    return FS_OK;
}

static void rank_channels(const run *r) {
    fs_dissection_rules rules = {.least_pictures = r->out->least_pictures};
    for (int k = 0; k < FS_CONCEPT_KINDS; k++) {
        rules.labels[k] = r->source->labels[k];
        rules.names[k] = r->source->names[k];
    }
    for (int i = 0; i < r->n_channels; i++)
        fs_dissection_rank(r->channels[i].result, r->channels[i].overlap, &r->out->totals, &rules);
}

static fs_status run_group(run *r, int first_channel, const fs_dissection_settings *settings, fs_error *err) {
    fs_status status = make_slots(r, err);
    if (status == FS_OK)
        status = make_channels(r, first_channel, err);
    r->pass = PASS_THRESHOLDS;
    if (status == FS_OK)
        status = run_pass(r, err);
    if (status == FS_OK)
        status = set_thresholds(r, err);
    const int hundredth = (r->out->pictures + 99) / 100;
    r->out->least_pictures = settings->least_pictures > 0               ? settings->least_pictures
                             : hundredth > FS_DISSECTION_LEAST_PICTURES ? hundredth
                                                                        : FS_DISSECTION_LEAST_PICTURES;
    r->pass = PASS_OVERLAPS;
    if (status == FS_OK)
        status = run_pass(r, err);
    if (status == FS_OK)
        rank_channels(r);
    free_group(r);
    return status;
}

/* ---- all of it ---- */

static fs_status allocate(run *r, const fs_layer *const *layers, int n_layers, fs_error *err) {
    fs_dissection *d = r->out;
    d->layers = fs_calloc((size_t)n_layers, sizeof *d->layers);
    r->skip = fs_calloc((size_t)r->source->n_pictures, sizeof *r->skip);
    if (!d->layers || !r->skip)
        return fs_fail_memory(err, "a dissection");
    for (int l = 0; l < n_layers; l++) {
        if (!fs_dissection_takes(layers[l]))
            return fs_fail(err, FS_ERROR_UNSUPPORTED, "layer '%s' has no positions to compare with masks",
                           layers[l]->name);
        d->layers[l].layer = layers[l];
        d->n_layers = l + 1;
        d->layers[l].channel = fs_calloc((size_t)layers[l]->channels, sizeof *d->layers[l].channel);
        if (!d->layers[l].channel)
            return fs_fail_memory(err, "a dissection");
    }
    return FS_OK;
}

/* Groups follow each other through layers and channels; counted first, for the progress. */
static fs_status run_groups(run *r, const fs_dissection_settings *settings, bool only_count, fs_error *err) {
    fs_status status = FS_OK;
    int layer = 0, channel = 0, n_layers = 0;
    while (layer < r->out->n_layers && status == FS_OK) {
        r->first_layer = layer;
        r->n_channels = group_size(r, layer, channel, &n_layers);
        r->n_outputs = n_layers;
        if (only_count)
            r->total += (double)PASSES * r->source->n_pictures;
        else
            status = run_group(r, channel, settings, err);
        channel += r->n_channels;
        while (layer < r->out->n_layers && channel >= r->out->layers[layer].layer->channels)
            channel -= r->out->layers[layer++].layer->channels;
    }
    return status;
}

fs_status fs_dissection_run(fs_dissection *out, const fs_model *model, const fs_layer *const *layers,
                            int n_layers, const fs_dissection_source *source,
                            const fs_dissection_settings *settings, fs_pool *pool,
                            const fs_examples_watch *watch, fs_error *err) {
    fs_dissection result = {.quantile = settings->quantile};
    run r = {.out = &result,
             .model = model,
             .source = source,
             .pool = pool,
             .watch = watch,
             .bytes = settings->bytes > 0 ? settings->bytes : FS_DISSECTION_BYTES,
             .start = fs_seconds()};
    fs_status status = allocate(&r, layers, n_layers, err);
    if (status == FS_OK)
        status = run_groups(&r, settings, true, err);
    if (status == FS_OK)
        status = run_groups(&r, settings, false, err);
    fs_free(r.skip);
    if (status == FS_OK)
        *out = result;
    else
        fs_dissection_free(&result);
    return status;
}

void fs_dissection_free(fs_dissection *dissection) {
    for (int l = 0; l < dissection->n_layers; l++)
        fs_free(dissection->layers[l].channel);
    fs_free(dissection->layers);
    memset(dissection, 0, sizeof *dissection);
}
