#include "engine/train/trainer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/ops/common.h"
#include "engine/train/loss.h"
#include "engine/train/trainer_private.h"

/* Pictures of one run: more need more memory and are no faster. */
enum { USUAL_MICRO_BATCH = 8 };

fs_trainer_settings fs_trainer_defaults(void) {
    return (fs_trainer_settings){
        .batch = 32, .optimiser = fs_optimiser_defaults(), .feature_bytes = (size_t)1 << 30};
}

/* ---- life ---- */

fs_status fs_trainer_plan(fs_plan **out, const fs_trainer *t, int start, fs_shape shape, int output,
                          bool gradients, fs_error *err) {
    fs_plan_request request = fs_plan_request_default(t->model->graph, shape);
    request.start = start;
    request.outputs = &output;
    request.n_outputs = 1;
    request.weights = t->trainable->weights;
    request.n_weights = gradients ? t->trainable->n : 0;
    request.direct_sums = t->settings.direct_sums;
    request.pool = t->pool;
    return fs_plan_create(out, &request, err);
}

/* The plan at the wanted number of pictures, or where the network takes but one at a time, at one. Inputs lie
 * one behind the other, so the first dimension has to be the pictures. */
static fs_status plan_at(fs_trainer *t, int start, fs_shape shape, fs_error *err) {
    const fs_graph *graph = t->model->graph;
    const int scores = graph->outputs[graph->n_outputs - 1];
    fs_error why = {0};
    shape.dim[0] = t->micro;
    fs_status status = fs_trainer_plan(&t->plan, t, start, shape, scores, true, &why);
    if (status != FS_OK && status != FS_ERROR_MEMORY && t->micro > 1) {
        t->micro = 1;
        shape.dim[0] = 1;
        status = fs_trainer_plan(&t->plan, t, start, shape, scores, true, &why);
    }
    if (status != FS_OK)
        return fs_fail(err, status, "%s", why.message);
    const fs_shape out = fs_plan_output_shape(t->plan, 0);
    if (out.rank < 2 || out.dim[0] != t->micro)
        return fs_fail(err, FS_ERROR_UNSUPPORTED, "the class scores are not one row for each picture");
    t->input_floats = fs_shape_count(&shape) / t->micro;
    t->classes = (int)(fs_shape_count(&out) / t->micro);
    return FS_OK;
}

static fs_status make_plan(fs_trainer *t, fs_error *err) {
    const fs_preprocess *p = &t->model->preprocess;
    fs_shape features = {0};
    fs_status status = fs_features_plan(t, &t->keeps, &features, err);
    if (status != FS_OK)
        return status;
    if (t->keeps) {
        const int micro = t->micro;
        t->micro = t->settings.batch; /* what is above is small */
        t->keeps = plan_at(t, t->trainable->cut, features, NULL) == FS_OK;
        if (t->keeps)
            return fs_features_allocate(t, t->input_floats, err);
        fs_plan_destroy(t->plan);
        t->plan = NULL;
        t->micro = micro;
    }
    return plan_at(t, t->model->graph->input,
                   fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width), err);
}

static fs_status make_optimiser(fs_trainer *t, fs_error *err) {
    const fs_trainable *chosen = t->trainable;
    const fs_graph *graph = t->model->graph;
    fs_optimiser_parameter *parameters = fs_alloc_array((size_t)chosen->n + 1, sizeof *parameters);
    t->gradients = fs_alloc_array((size_t)chosen->n + 1, sizeof *t->gradients);
    t->gradient_block = fs_calloc((size_t)chosen->numbers + 1, sizeof(float));
    fs_status status =
        parameters && t->gradients && t->gradient_block ? FS_OK : fs_fail_memory(err, "gradients");
    float *next = t->gradient_block;
    for (int w = 0; w < chosen->n && status == FS_OK; w++) {
        const fs_tensor *tensor = &graph->values[chosen->weights[w]].constant;
        t->gradients[w] = next;
        parameters[w] = (fs_optimiser_parameter){.weight = fs_f32(tensor),
                                                 .gradient = next,
                                                 .count = fs_tensor_count(tensor),
                                                 .rate = chosen->rates[w],
                                                 .decays = chosen->decays[w]};
        next += parameters[w].count;
    }
    if (status == FS_OK)
        status = fs_optimiser_create(&t->optimiser, &t->settings.optimiser, parameters, chosen->n, err);
    fs_free(parameters);
    return status;
}

/* The largest number of pictures that divides a batch and is not over the one asked for. */
static int choose_micro(const fs_trainer_settings *s) {
    int micro = s->micro_batch ? s->micro_batch : USUAL_MICRO_BATCH;
    micro = micro < s->batch ? micro : s->batch;
    while (s->batch % micro)
        micro--;
    return micro;
}

/* All processes have to deal out alike. */
static fs_status agree_on_plan(const fs_trainer *t, fs_status status, fs_error *err) {
    const int size = fs_cluster_size(t->settings.cluster), mine[2] = {t->keeps, t->micro};
    int(*all)[2] = fs_alloc_array((size_t)size, sizeof *all);
    if (!all)
        status = fs_fail_memory(err, "a trainer");
    status = fs_cluster_gather(t->settings.cluster, status, mine, sizeof mine, all, err);
    for (int r = 1; r < size && status == FS_OK; r++)
        if (memcmp(all[r], all[0], sizeof mine) != 0)
            status = fs_fail(err, FS_ERROR_MEMORY, "process %d has too little memory for its features", r);
    fs_free(all);
    return status;
}

fs_status fs_trainer_create(fs_trainer **out, fs_model *model, fs_pictures *pictures,
                            const fs_dataset *dataset, const fs_trainable *trainable,
                            const fs_trainer_settings *settings, fs_pool *pool, fs_error *err) {
    fs_trainer *t = fs_calloc(1, sizeof *t);
    if (!t)
        return fs_fail_memory(err, "a trainer");
    *t = (fs_trainer){.model = model,
                      .pictures = pictures,
                      .dataset = dataset,
                      .trainable = trainable,
                      .settings = *settings,
                      .pool = pool,
                      .micro = choose_micro(settings)};
    if (settings->augment) {
        t->augment = *settings->augment;
        t->settings.augment = &t->augment;
    }
    t->order = fs_alloc_array((size_t)fs_pictures_count(pictures) + 1, sizeof *t->order);
    fs_status status = t->order ? make_plan(t, err) : fs_fail_memory(err, "a trainer");
    if (status == FS_OK && t->classes != dataset->n_classes)
        status = fs_fail(err, FS_ERROR_ARGUMENT, "%s: %d class scores for %d classes", model->path,
                         t->classes, dataset->n_classes);
    if (status == FS_OK)
        status = make_optimiser(t, err);
    if (status == FS_OK)
        status = fs_share_create(t, err);
    status = agree_on_plan(t, status, err);
    if (status == FS_OK)
        *out = t;
    else
        fs_trainer_destroy(t);
    return status;
}

void fs_trainer_destroy(fs_trainer *t) {
    if (!t)
        return;
    fs_plan_destroy(t->plan);
    fs_features_free(&t->features);
    fs_share_free(&t->share);
    fs_optimiser_destroy(t->optimiser);
    fs_free(t->gradients);
    fs_free(t->gradient_block);
    fs_free(t->order);
    fs_free(t);
}

bool fs_trainer_keeps_features(const fs_trainer *t) {
    return t->keeps;
}

int fs_trainer_runs_per_batch(const fs_trainer *t) {
    return t->settings.batch / t->micro;
}

int64_t fs_trainer_steps_per_epoch(const fs_trainer *t) {
    return (t->dataset->train.n + t->settings.batch - 1) / t->settings.batch;
}

fs_optimiser *fs_trainer_optimiser(fs_trainer *t) {
    return t->optimiser;
}

const float *fs_trainer_gradient(const fs_trainer *t, int weight) {
    return t->gradients[weight];
}

void fs_trainer_weights_changed(fs_trainer *t) {
    fs_plan_trained(t->plan);
}

/* ---- one run of the network ---- */

void fs_trainer_report(const fs_trainer_watch *watch, int done, double value) {
    const fs_progress_state state = {watch->label, watch->before + done, watch->total,
                                     fs_seconds() - watch->start, value};
    fs_progress_report(watch->progress, &state);
}

static const atomic_bool *cancel_of(const fs_trainer_watch *watch) {
    return watch && watch->progress ? watch->progress->cancel : NULL;
}

/* Loss and gradient of the n pictures of a run whose inputs are there; places behind them give nothing. */
static void score(const fs_trainer *t, const int *labels, int n, float *gradient, double smoothing,
                  fs_trainer_sums *s) {
    for (int i = 0; i < n; i++) {
        const float *scores = fs_plan_output(t->plan, 0) + (int64_t)i * t->classes;
        s->loss += fs_cross_entropy(scores, t->classes, labels[i], smoothing,
                                    gradient ? gradient + (int64_t)i * t->classes : NULL);
        s->hits += fs_label_rank(scores, t->classes, labels[i]) == 0;
    }
    s->pictures += n;
}

static void add_gradients(const fs_trainer *t) {
    for (int w = 0; w < t->trainable->n; w++) {
        const float *from = fs_plan_weight_gradient(t->plan, w);
        float *to = t->gradients[w];
        const int64_t count = fs_tensor_count(&t->model->graph->values[t->trainable->weights[w]].constant);
        fs_copy_f32(t->pool, to, from, count, true);
    }
}

/* Forward and backward of n pictures; their gradients join the batch's. */
static fs_status learn(fs_trainer *t, const int *labels, int n, const atomic_bool *cancel, fs_trainer_sums *s,
                       fs_error *err) {
    fs_status status = fs_plan_forward(t->plan, cancel, err);
    if (status != FS_OK)
        return status;
    score(t, labels, n, fs_plan_clear_output_gradient(t->plan, 0), t->settings.smoothing, s);
    status = fs_plan_backward(t->plan, FS_RELU_PLAIN, cancel, err);
    if (status == FS_OK)
        add_gradients(t);
    return status;
}

/* Gradients are those of the mean over the batch. */
static fs_status end_step(fs_trainer *t, int pictures, double rate, double loss, fs_error *err) {
    if (!isfinite(loss))
        return fs_fail(err, FS_ERROR_DIVERGED,
                       "the loss is no number any more at step %lld; try a smaller rate",
                       (long long)fs_optimiser_steps(t->optimiser));
    fs_scale_f32(t->pool, t->gradient_block, t->trainable->numbers, 1 / (float)(pictures > 0 ? pictures : 1));
    fs_optimiser_step(t->optimiser, rate, t->pool);
    fs_plan_trained(t->plan);
    return FS_OK;
}

fs_status fs_trainer_step(fs_trainer *t, const float *inputs, const int *labels, int n, double rate,
                          double *loss, fs_error *err) {
    fs_trainer_sums s = {0};
    fs_status status = FS_OK;
    fs_share_begin_gradients(t);
    for (int first = 0; first < n && status == FS_OK; first += t->micro) {
        const int count = n - first < t->micro ? n - first : t->micro;
        memcpy(fs_plan_input(t->plan), inputs + first * t->input_floats,
               (size_t)(count * t->input_floats) * sizeof(float));
        status = learn(t, labels + first, count, NULL, &s, err);
    }
    if (status == FS_OK)
        status = end_step(t, n, rate, s.loss, err);
    if (status == FS_OK)
        *loss = s.loss / n;
    return status;
}

/* ---- where inputs come from ---- */

/* Runs of inputs: from a loader, or from kept features. */
typedef struct source {
    fs_trainer *t;
    fs_loader *loader;
    const int *order;
    int n, at;
    int *labels; /* [micro] of the run that was filled last, with its items */
    int *items;
} source;

static fs_status source_open(source *out, fs_trainer *t, const int *order, int n,
                             const fs_augment_settings *augment, uint64_t stream, fs_error *err) {
    source s = {.t = t, .order = order, .n = n};
    s.labels = fs_alloc_array((size_t)t->micro, sizeof *s.labels);
    s.items = fs_alloc_array((size_t)t->micro, sizeof *s.items);
    fs_status status = s.labels && s.items ? FS_OK : fs_fail_memory(err, "a batch of pictures");
    if (status == FS_OK && !t->keeps) {
        const fs_loader_settings settings = {.batch = t->micro,
                                             .threads = t->settings.threads,
                                             .augment = augment,
                                             .seed = t->settings.seed,
                                             .stream = stream};
        status = fs_loader_create(&s.loader, t->pictures, order, n, &settings, err);
    }
    *out = s; /* closed by the caller whatever the status */
    return status;
}

static void source_close(source *s) {
    fs_loader_destroy(s->loader);
    fs_free(s->labels);
    fs_free(s->items);
}

/* Of several processes each gives the features it has, and zeros are added to them. */
static void fill_features(source *s, int *asked, int *count) {
    const fs_features *f = &s->t->features;
    *count = 0;
    for (*asked = 0; *asked < s->t->micro && s->at < s->n; s->at++, ++*asked) {
        const int item = s->order[s->at];
        if (!f->ready[item])
            continue;
        float *to = fs_plan_input(s->t->plan) + *count * f->count;
        if (fs_share_keeps(s->t, item))
            memcpy(to, f->data + fs_share_slot(s->t, item) * f->count, (size_t)f->count * sizeof(float));
        else
            memset(to, 0, (size_t)f->count * sizeof(float));
        s->items[(*count)++] = item;
    }
}

/* The next inputs go into the plan: `asked` of the order, 0 at its end, of which `count` could be read. */
static fs_status source_next(source *s, int *asked, int *count, fs_error *err) {
    if (s->t->keeps) {
        fill_features(s, asked, count);
        const fs_status status = fs_cluster_sum(s->t->settings.cluster, fs_plan_input(s->t->plan),
                                                *count * s->t->features.count, err);
        if (status != FS_OK)
            return status;
    } else {
        const fs_batch *batch = NULL;
        fs_status status = fs_loader_next(s->loader, &batch, err);
        if (status != FS_OK)
            return status;
        *asked = batch->asked;
        *count = batch->n;
        if (batch->n) {
            memcpy(s->items, batch->items, (size_t)batch->n * sizeof *s->items);
            memcpy(fs_plan_input(s->t->plan), batch->input,
                   (size_t)(batch->n * s->t->input_floats) * sizeof(float));
        }
    }
    for (int i = 0; i < *count; i++)
        s->labels[i] = fs_pictures_item(s->t->pictures, s->items[i])->label;
    return FS_OK;
}

/* ---- epochs ---- */

static fs_trainer_result result_of(const fs_trainer_sums *s, int64_t steps) {
    const double n = s->pictures > 0 ? s->pictures : 1;
    return (fs_trainer_result){s->loss / n, s->hits / n, s->pictures, steps};
}

/* Features of all pictures, before anything is trained on them. A meeting. */
static fs_status fill_own(fs_trainer *t, const fs_trainer_watch *watch, fs_error *err) {
    const int n = fs_pictures_count(t->pictures);
    int *own = fs_alloc_array((size_t)n + 1, sizeof *own), count = 0;
    if (!own)
        return fs_fail_memory(err, "features");
    for (int i = 0; i < n; i++)
        if (fs_share_keeps(t, i))
            own[count++] = i;
    const fs_trainer_watch looking = {.progress = watch->progress,
                                      .label = "looking at the pictures",
                                      .total = count,
                                      .start = fs_seconds()};
    fs_status status = fs_features_fill(t, own, count, &looking, err);
    fs_free(own);
    return status;
}

static fs_status prepare_features(fs_trainer *t, const fs_trainer_watch *watch, fs_error *err) {
    if (!t->keeps)
        return FS_OK;
    fs_status status = fs_cluster_agree(t->settings.cluster, fill_own(t, watch, err), err);
    if (status == FS_OK)
        fs_cluster_any(t->settings.cluster, t->features.ready, fs_pictures_count(t->pictures));
    return status;
}

/* One run of the network: this process's in a round. */
static fs_status run_once(fs_trainer *t, source *from, const fs_trainer_watch *watch, fs_trainer_sums *s,
                          fs_error *err) {
    int asked, count;
    fs_status status = source_next(from, &asked, &count, err);
    if (status == FS_OK && count)
        status = learn(t, from->labels, count, cancel_of(watch), s, err);
    return status;
}

static void add_sums(fs_trainer_sums *to, const fs_trainer_sums *s) {
    to->loss += s->loss;
    to->hits += s->hits;
    to->pictures += s->pictures;
}

/* The gradients of a batch of n pictures. */
static fs_status run_batch(fs_trainer *t, source *from, int n, const fs_trainer_watch *watch,
                           fs_trainer_sums *batch, fs_error *err) {
    fs_status status = FS_OK;
    fs_share_begin_gradients(t);
    for (int round = 0; round < fs_share_rounds(t, n) && status == FS_OK; round++) {
        fs_trainer_sums s = {0};
        if (fs_share_has_run(t, n, round))
            status = run_once(t, from, watch, &s, err);
        status = fs_share_meet(t, status, &s, err);
        if (status == FS_OK)
            status = fs_share_add_gradients(t, err);
        add_sums(batch, &s);
    }
    return status == FS_OK ? fs_share_end_gradients(t, err) : status;
}

static fs_status run_epoch(fs_trainer *t, source *from, const fs_schedule *schedule,
                           const fs_trainer_watch *watch, fs_trainer_sums *total, int64_t *steps,
                           fs_error *err) {
    const int n = t->dataset->train.n;
    for (int done = 0, count; done < n; done += count, ++*steps) {
        fs_trainer_sums batch = {0};
        count = n - done < t->settings.batch ? n - done : t->settings.batch;
        fs_status status = run_batch(t, from, count, watch, &batch, err);
        const double rate = fs_schedule_rate(schedule, fs_optimiser_steps(t->optimiser));
        if (status == FS_OK)
            status = end_step(t, batch.pictures, rate, batch.loss, err);
        if (status != FS_OK)
            return status;
        add_sums(total, &batch);
        if (watch->batch)
            *watch->batch = result_of(&batch, 1);
        fs_trainer_report(watch, done + count, total->loss / (total->pictures > 0 ? total->pictures : 1));
    }
    return FS_OK;
}

fs_status fs_trainer_epoch(fs_trainer *t, uint64_t stream, const fs_schedule *schedule,
                           const fs_trainer_watch *watch, fs_trainer_result *out, fs_error *err) {
    source from = {0};
    fs_trainer_sums total = {0};
    int64_t steps = 0;
    fs_status status = prepare_features(t, watch, err);
    fs_shuffle(t->order, t->dataset->train.n, t->settings.seed, stream);
    fs_share_deal(t, t->order, t->dataset->train.n, t->settings.batch);
    if (status == FS_OK)
        status = source_open(&from, t, t->share.items, t->share.n, t->settings.augment, stream, err);
    status = fs_cluster_agree(t->settings.cluster, status, err);
    if (status == FS_OK)
        status = run_epoch(t, &from, schedule, watch, &total, &steps, err);
    source_close(&from);
    if (status == FS_OK)
        fs_share_problems(t);
    if (status == FS_OK && total.pictures == 0)
        status = fs_fail(err, FS_ERROR_FORMAT, "none of the training pictures can be read");
    if (status == FS_OK)
        *out = result_of(&total, steps);
    return status;
}

static void keep_probabilities(const fs_trainer *t, const source *from, int count, float *probabilities) {
    for (int i = 0; i < count; i++) {
        const int64_t row = from->items[i] - t->dataset->train.n;
        fs_softmax(fs_plan_output(t->plan, 0) + (int64_t)i * t->classes, t->classes,
                   probabilities + row * t->classes);
    }
}

/* The sums of this process's validation pictures, and their probabilities. Where kept features come from all
 * processes, so that each run is a meeting, a wish to stop waits for its end. */
static fs_status evaluate(fs_trainer *t, float *probabilities, const fs_trainer_watch *watch,
                          fs_trainer_sums *s, fs_error *err) {
    const int n = t->dataset->val.n, parts = fs_share_splits(t) ? fs_cluster_size(t->settings.cluster) : 1;
    const bool meets = t->keeps && t->settings.cluster;
    int asked, count;
    source from = {0};
    fs_status status = source_open(&from, t, t->share.items, t->share.n, NULL, 0, err);
    if (meets)
        status = fs_cluster_agree(t->settings.cluster, status, err);
    for (int done = 0;
         status == FS_OK && (status = source_next(&from, &asked, &count, err)) == FS_OK && asked;
         done += asked) {
        status = fs_plan_forward(t->plan, meets ? NULL : cancel_of(watch), err);
        if (status != FS_OK)
            break;
        score(t, from.labels, count, NULL, 0, s);
        if (probabilities)
            keep_probabilities(t, &from, count, probabilities);
        const int all = (done + asked) * parts;
        fs_trainer_report(watch, all < n ? all : n, s->loss / (s->pictures > 0 ? s->pictures : 1));
    }
    source_close(&from);
    return status;
}

/* Rows of pictures that others look at are zero, so that the sum over all is everybody's row. */
static void clear_probabilities(const fs_trainer *t, float *probabilities) {
    const int64_t numbers = (int64_t)t->dataset->val.n * t->classes;
    for (int64_t i = 0; i < numbers; i++)
        probabilities[i] = fs_share_splits(t) ? 0 : -1;
    for (int i = 0; i < t->share.n && fs_share_splits(t); i++)
        for (int k = 0; k < t->classes; k++)
            probabilities[(int64_t)(t->share.items[i] - t->dataset->train.n) * t->classes + k] = -1;
}

fs_status fs_trainer_evaluate(fs_trainer *t, float *probabilities, const fs_trainer_watch *watch,
                              fs_trainer_result *out, fs_error *err) {
    const int n = t->dataset->val.n;
    fs_trainer_sums s = {0};
    for (int i = 0; i < n; i++)
        t->order[i] = t->dataset->train.n + i;
    fs_share_deal(t, t->order, n, n);
    if (probabilities)
        clear_probabilities(t, probabilities);
    fs_status status = prepare_features(t, watch, err);
    if (status == FS_OK)
        status = evaluate(t, probabilities, watch, &s, err);
    status = fs_share_meet(t, status, &s, err);
    if (status == FS_OK && probabilities && fs_share_splits(t))
        status = fs_cluster_sum(t->settings.cluster, probabilities, (int64_t)n * t->classes, err);
    if (status == FS_OK)
        fs_share_problems(t);
    if (status == FS_OK && s.pictures == 0)
        status = fs_fail(err, FS_ERROR_FORMAT, "none of the validation pictures can be read");
    if (status == FS_OK)
        *out = result_of(&s, 0);
    return status;
}
