#include "engine/train/finetune.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "engine/export/model_write.h"
#include "engine/head.h"

enum { PATH_SIZE = 4096 };

typedef struct run {
    fs_model *model;
    fs_pictures *pictures;
    const fs_dataset *dataset;
    const fs_finetune_settings *settings;
    fs_pool *pool;
    const fs_finetune_watch *watch;
    uint64_t fingerprint;
    /* of the stage */
    int stage;
    fs_trainable trainable;
    fs_trainer *trainer;
    float *weights, *best; /* copies, [trainable.numbers] */
    fs_checkpoint_tensor *tensors;
    int epoch, waited;
    /* of the whole run */
    fs_log_row *rows;
    int n_rows, row_capacity, best_row;
    double seconds_before, start;
    fs_checkpoint resumed;
} run;

static fs_cluster *cluster_of(const run *r) {
    return r->settings->trainer.cluster;
}

/* ---- the new head ---- */

static fs_status set_labels(fs_model *model, const fs_dataset *dataset, fs_error *err) {
    const char **labels = fs_arena_alloc(model->arena, (size_t)dataset->n_classes, sizeof *labels);
    bool fine = labels != NULL;
    for (int k = 0; k < dataset->n_classes && fine; k++)
        fine = (labels[k] = fs_arena_strdup(model->arena, dataset->class_names[k])) != NULL;
    if (!fine)
        return fs_fail_memory(err, "the labels");
    model->labels = labels;
    model->n_labels = dataset->n_classes;
    return FS_OK;
}

static void clear_last_layer(const fs_graph *graph) {
    const fs_node *linear = &graph->nodes[graph->values[graph->outputs[0]].producer];
    const fs_tensor *weight = &graph->values[linear->inputs[1]].constant;
    memset(weight->data, 0, (size_t)fs_tensor_count(weight) * sizeof(float));
}

fs_status fs_finetune_prepare(int *head_input, fs_model *model, const fs_dataset *dataset, int hidden,
                              uint64_t seed, fs_error *err) {
    fs_head_options options = fs_head_options_default();
    options.classes = dataset->n_classes;
    options.hidden = hidden;
    options.seed = seed;
    int from;
    fs_status status = fs_model_head_input(&from, model, err);
    if (status == FS_OK)
        status = fs_model_replace_head(model, from, &options, err);
    if (status == FS_OK)
        status = set_labels(model, dataset, err);
    if (status != FS_OK)
        return status;
    clear_last_layer(model->graph);
    *head_input = from;
    return FS_OK;
}

/* ---- weights in one block ---- */

static const fs_tensor *weight_of(const run *r, int w) {
    return &r->model->graph->values[r->trainable.weights[w]].constant;
}

static void take_weights(const run *r, float *to) {
    fs_trainable_take(&r->trainable, r->model, to);
}

static void put_weights(const run *r, const float *from) {
    fs_trainable_put(&r->trainable, r->model, from);
}

/* ---- what makes two runs the same ---- */

static uint64_t hash_stage(uint64_t hash, const fs_finetune_stage *s) {
    fs_text text = {0};
    fs_text_add(&text, "%s %d %g %d %d %g %s %s", s->name, s->epochs, s->rate, s->augment,
                (int)s->choice.freeze, s->choice.depth_decay, s->choice.from ? s->choice.from : "-",
                s->choice.layers ? s->choice.layers : "-");
    hash = fs_hash_text(hash, text.bytes ? text.bytes : "");
    fs_text_free(&text);
    return hash;
}

static uint64_t fingerprint_of(const run *r) {
    const fs_finetune_settings *s = r->settings;
    const fs_optimiser_settings *o = &s->trainer.optimiser;
    uint64_t hash = fs_dataset_fingerprint(r->dataset);
    fs_text text = {0};
    fs_text_add(&text, "%d %d %d %g %g %g %g %g %g %g %d %g %g %g %d %" PRIu64 " %g %g %g %g %g",
                s->trainer.batch, s->trainer.micro_batch, (int)o->kind, o->momentum, o->beta1, o->beta2,
                o->epsilon, o->weight_decay, o->clip, s->trainer.smoothing, (int)s->schedule, s->warm_up,
                s->period, s->gamma, s->patience, s->trainer.seed, s->augment.least_area, s->augment.aspect,
                s->augment.mirror, s->augment.jitter, s->augment.rotation);
    hash = fs_hash_text(hash, text.bytes ? text.bytes : "");
    fs_text_free(&text);
    for (int i = 0; i < s->n_stages; i++)
        hash = hash_stage(hash, &s->stages[i]);
    const fs_graph *graph = r->model->graph;
    for (int v = 0; v < graph->n_values; v++)
        if (graph->values[v].constant.data)
            hash = fs_hash_bytes(hash, graph->values[v].constant.data,
                                 (size_t)fs_tensor_count(&graph->values[v].constant) *
                                     fs_dtype_size(graph->values[v].constant.dtype));
    return hash;
}

/* ---- files ---- */

static const char *path_in(const run *r, const char *name, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s/%s", r->settings->output, name);
    return out;
}

bool fs_finetune_exists(const char *output) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/checkpoint.bin", output);
    return fs_file_exists(path);
}

static fs_status write_log(const run *r, fs_error *err) {
    char path[PATH_SIZE];
    fs_text text = {0};
    fs_text_add(&text,
                "stage,epoch,step,seconds,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate\n");
    for (int i = 0; i < r->n_rows; i++) {
        const fs_log_row *row = &r->rows[i];
        fs_text_add(&text, "%s,%d,%" PRId64 ",%.2f,%.6g,%.6g,%.6g,%.6g,%.6g\n",
                    r->settings->stages[row->stage].name, row->epoch, row->step, row->seconds,
                    row->train_loss, row->train_accuracy, row->val_loss, row->val_accuracy, row->rate);
    }
    fs_status status = fs_text_broken(&text)
                           ? fs_fail_memory(err, "log.csv")
                           : fs_file_write(path_in(r, "log.csv", path), text.bytes, text.length, err);
    fs_text_free(&text);
    return status;
}

static fs_status write_model(const run *r, const char *name, fs_error *err) {
    char path[PATH_SIZE];
    return fs_model_write(r->model, path_in(r, name, path), NULL, err);
}

/* What the epoch leaves behind besides the log and the checkpoint. */
static fs_status write_models(const run *r, const fs_log_row *row, bool better, fs_error *err) {
    char name[128];
    fs_status status = better ? write_model(r, "best.onnx", err) : FS_OK;
    if (status != FS_OK || !r->settings->keep_epochs)
        return status;
    snprintf(name, sizeof name, "epoch-%.64s-%d.onnx", r->settings->stages[row->stage].name, row->epoch);
    return write_model(r, name, err);
}

static fs_status write_checkpoint(run *r, fs_error *err) {
    char path[PATH_SIZE];
    fs_optimiser *optimiser = fs_trainer_optimiser(r->trainer);
    fs_checkpoint c = {.fingerprint = r->fingerprint,
                       .stage = r->stage,
                       .epoch = r->epoch,
                       .waited = r->waited,
                       .best_row = r->best_row,
                       .optimiser_steps = fs_optimiser_steps(optimiser),
                       .rows = r->rows,
                       .n_rows = r->n_rows,
                       .tensors = r->tensors,
                       .n_tensors = r->trainable.n,
                       .numbers = r->trainable.numbers,
                       .weights = r->weights,
                       .best = r->best};
    c.optimiser = fs_optimiser_state(optimiser, &c.optimiser_count);
    return fs_checkpoint_write(path_in(r, "checkpoint.bin", path), &c, err);
}

/* ---- rows ---- */

static fs_status add_row(run *r, const fs_log_row *row, fs_error *err) {
    if (r->n_rows == r->row_capacity) {
        const int larger = r->row_capacity ? 2 * r->row_capacity : 64;
        fs_log_row *grown =
            fs_realloc(r->rows, (size_t)r->row_capacity * sizeof *grown, (size_t)larger * sizeof *grown);
        if (!grown)
            return fs_fail_memory(err, "the log");
        r->rows = grown;
        r->row_capacity = larger;
    }
    r->rows[r->n_rows++] = *row;
    return FS_OK;
}

bool fs_finetune_better(const fs_log_row *row, const fs_log_row *best) {
    return !best || row->val_accuracy > best->val_accuracy ||
           (row->val_accuracy == best->val_accuracy && row->val_loss < best->val_loss);
}

static bool is_better(const run *r, const fs_log_row *row) {
    return fs_finetune_better(row, r->best_row < 0 ? NULL : &r->rows[r->best_row]);
}

/* ---- a stage ---- */

static const fs_finetune_stage *stage_of(const run *r) {
    return &r->settings->stages[r->stage];
}

fs_schedule fs_finetune_schedule(const fs_finetune_settings *s, int stage, int64_t steps_per_epoch) {
    const double per_epoch = (double)steps_per_epoch;
    return (fs_schedule){.kind = s->schedule,
                         .rate = s->stages[stage].rate,
                         .steps = (int64_t)(per_epoch * s->stages[stage].epochs),
                         .warm_up = (int64_t)(per_epoch * s->warm_up),
                         .period = (int64_t)(per_epoch * s->period),
                         .gamma = s->gamma};
}

static fs_schedule schedule_of(const run *r) {
    return fs_finetune_schedule(r->settings, r->stage, fs_trainer_steps_per_epoch(r->trainer));
}

static fs_status make_trainer(run *r, fs_error *err) {
    fs_trainer_settings settings = r->settings->trainer;
    settings.augment = stage_of(r)->augment ? &r->settings->augment : NULL;
    return fs_trainer_create(&r->trainer, r->model, r->pictures, r->dataset, &r->trainable, &settings,
                             r->pool, err);
}

/* The checkpoint's weights and optimiser belong to this stage: checked tensor by tensor. */
static fs_status check_resumed(const run *r, fs_error *err) {
    const fs_checkpoint *c = &r->resumed;
    bool same = c->n_tensors == r->trainable.n && c->numbers == r->trainable.numbers;
    for (int w = 0; w < r->trainable.n && same; w++)
        same =
            strcmp(c->tensors[w].name, r->tensors[w].name) == 0 && c->tensors[w].count == r->tensors[w].count;
    return same ? FS_OK : fs_fail(err, FS_ERROR_FORMAT, "the checkpoint has other weights than this stage");
}

static fs_status restore_optimiser(run *r, fs_error *err) {
    int64_t count;
    float *state = fs_optimiser_state(fs_trainer_optimiser(r->trainer), &count);
    if (count != r->resumed.optimiser_count)
        return fs_fail(err, FS_ERROR_FORMAT, "the checkpoint has the state of another optimiser");
    memcpy(state, r->resumed.optimiser, (size_t)count * sizeof *state);
    fs_optimiser_set_steps(fs_trainer_optimiser(r->trainer), r->resumed.optimiser_steps);
    return FS_OK;
}

static void end_stage(run *r) {
    fs_trainer_destroy(r->trainer);
    r->trainer = NULL;
    fs_free(r->weights);
    fs_free(r->best);
    fs_free(r->tensors);
    r->weights = r->best = NULL;
    r->tensors = NULL;
    fs_trainable_free(&r->trainable);
}

static fs_status choose_weights(run *r, fs_error *err) {
    fs_status status = fs_trainable_choose(&r->trainable, r->model, &stage_of(r)->choice, err);
    if (status != FS_OK)
        return status;
    r->weights = fs_alloc_array((size_t)r->trainable.numbers + 1, sizeof(float));
    r->best = fs_alloc_array((size_t)r->trainable.numbers + 1, sizeof(float));
    r->tensors = fs_alloc_array((size_t)r->trainable.n + 1, sizeof *r->tensors);
    if (!r->weights || !r->best || !r->tensors)
        return fs_fail_memory(err, "a copy of the weights");
    for (int w = 0; w < r->trainable.n; w++)
        r->tensors[w] = (fs_checkpoint_tensor){r->model->graph->values[r->trainable.weights[w]].name,
                                               fs_tensor_count(weight_of(r, w))};
    return FS_OK;
}

/* The weights of the stage, those of the checkpoint where it has them. */
static fs_status prepare_stage(run *r, bool resumed, fs_error *err) {
    fs_status status = choose_weights(r, err);
    if (status == FS_OK && resumed)
        status = check_resumed(r, err);
    if (status != FS_OK)
        return status;
    if (resumed)
        put_weights(r, r->resumed.weights);
    take_weights(r, r->best);
    if (resumed)
        memcpy(r->best, r->resumed.best, (size_t)r->trainable.numbers * sizeof(float));
    return FS_OK;
}

static fs_status begin_stage(run *r, fs_error *err) {
    const bool resumed = r->resumed.arena && r->resumed.stage == r->stage;
    r->epoch = r->waited = 0;
    fs_status status = fs_cluster_agree(cluster_of(r), prepare_stage(r, resumed, err), err);
    if (status == FS_OK)
        status = make_trainer(r, err);
    if (status == FS_OK && resumed) {
        r->epoch = r->resumed.epoch;
        r->waited = r->resumed.waited;
        status = restore_optimiser(r, err);
    }
    status = fs_cluster_agree(cluster_of(r), status, err);
    if (status == FS_OK && r->watch->stage)
        r->watch->stage(r->watch->context, r->stage, &r->trainable, r->trainer);
    return status;
}

/* ---- epochs ---- */

static fs_trainer_watch watch_of(const run *r, const char *label, double total) {
    return (fs_trainer_watch){
        .progress = r->watch->progress, .label = label, .total = total, .start = fs_seconds()};
}

static fs_status train_once(run *r, fs_log_row *row, fs_error *err) {
    char label[128];
    fs_trainer_result train, val;
    const fs_schedule schedule = schedule_of(r);
    const uint64_t place[2] = {(uint64_t)r->stage, (uint64_t)r->epoch};
    const int64_t first = fs_optimiser_steps(fs_trainer_optimiser(r->trainer));
    snprintf(label, sizeof label, "%.64s, epoch %d of %d", stage_of(r)->name, r->epoch + 1,
             stage_of(r)->epochs);
    fs_trainer_watch watch = watch_of(r, label, r->dataset->train.n);
    fs_status status = fs_trainer_epoch(r->trainer, fs_hash_bytes(FS_HASH_START, place, sizeof place),
                                        &schedule, &watch, &train, err);
    watch = watch_of(r, "validating", r->dataset->val.n);
    if (status == FS_OK)
        status = fs_trainer_evaluate(r->trainer, NULL, &watch, &val, err);
    if (status == FS_OK)
        *row = (fs_log_row){.stage = r->stage,
                            .epoch = r->epoch + 1,
                            .step = (r->n_rows ? r->rows[r->n_rows - 1].step : 0) + train.steps,
                            .seconds = r->seconds_before + fs_seconds() - r->start,
                            .train_loss = train.loss,
                            .train_accuracy = train.accuracy,
                            .val_loss = val.loss,
                            .val_accuracy = val.accuracy,
                            .rate = fs_schedule_rate(&schedule, first)};
    return status;
}

/* All processes took the same steps; processors of different make may round them differently. */
static void take_common_weights(run *r) {
    take_weights(r, r->weights);
    if (fs_cluster_size(cluster_of(r)) == 1)
        return;
    fs_cluster_broadcast(cluster_of(r), r->weights, (size_t)r->trainable.numbers * sizeof(float));
    put_weights(r, r->weights);
    fs_trainer_weights_changed(r->trainer);
}

static fs_status write_epoch(run *r, const fs_log_row *row, bool better, fs_error *err) {
    fs_status status = write_models(r, row, better, err);
    if (status == FS_OK)
        status = write_checkpoint(r, err);
    return status == FS_OK ? write_log(r, err) : status;
}

static fs_status run_epoch(run *r, fs_error *err) {
    fs_log_row row;
    fs_status status = train_once(r, &row, err);
    if (status != FS_OK)
        return status;
    const bool better = is_better(r, &row);
    take_common_weights(r);
    status = add_row(r, &row, err);
    if (status == FS_OK) {
        r->epoch++;
        r->waited = better ? 0 : r->waited + 1;
        if (better) {
            r->best_row = r->n_rows - 1;
            take_weights(r, r->best);
        }
    }
    if (status == FS_OK && fs_cluster_rank(cluster_of(r)) == 0)
        status = write_epoch(r, &row, better, err);
    status = fs_cluster_agree(cluster_of(r), status, err);
    if (status == FS_OK && r->watch->epoch)
        r->watch->epoch(r->watch->context, &row, better);
    return status;
}

/* The stage's end leaves the best weights in the model. */
static fs_status run_stage(run *r, fs_error *err) {
    fs_status status = begin_stage(r, err);
    while (status == FS_OK && r->epoch < stage_of(r)->epochs &&
           (r->settings->patience == 0 || r->waited < r->settings->patience))
        status = run_epoch(r, err);
    if (r->trainer && r->best_row >= 0) {
        put_weights(r, r->best);
        fs_trainer_weights_changed(r->trainer);
    }
    return status;
}

static fs_status run_stages(run *r, fs_error *err) {
    fs_status status = FS_OK;
    r->stage = r->resumed.arena ? r->resumed.stage : 0;
    while ((status = run_stage(r, err)) == FS_OK && r->stage + 1 < r->settings->n_stages) {
        end_stage(r);
        r->stage++;
    }
    return status;
}

/* ---- the whole ---- */

static fs_status load_resumed(run *r, fs_error *err) {
    char path[PATH_SIZE];
    if (!r->settings->resume || !fs_finetune_exists(r->settings->output))
        return FS_OK;
    fs_checkpoint *c = &r->resumed;
    fs_status status = fs_checkpoint_read(c, path_in(r, "checkpoint.bin", path), err);
    if (status != FS_OK)
        return status;
    bool same = c->fingerprint == r->fingerprint && c->stage < r->settings->n_stages;
    for (int i = 0; i < c->n_rows; i++)
        same = same && c->rows[i].stage < r->settings->n_stages;
    if (!same)
        return fs_fail(err, FS_ERROR_ARGUMENT,
                       "%s: made with other pictures, another network or other settings; it cannot go on",
                       path);
    for (int i = 0; i < c->n_rows && status == FS_OK; i++)
        status = add_row(r, &c->rows[i], err);
    r->best_row = c->best_row;
    r->seconds_before = c->n_rows ? c->rows[c->n_rows - 1].seconds : 0;
    return status;
}

static fs_status finish(run *r, fs_finetune_result *out, fs_error *err) {
    fs_trainer_result result;
    const fs_trainer_watch watch = watch_of(r, "validating the best", r->dataset->val.n);
    out->probabilities =
        fs_alloc_array((size_t)r->dataset->val.n * (size_t)r->dataset->n_classes + 1, sizeof(float));
    const fs_status status = fs_cluster_agree(
        cluster_of(r), out->probabilities ? FS_OK : fs_fail_memory(err, "probabilities"), err);
    if (status != FS_OK)
        return status;
    return fs_trainer_evaluate(r->trainer, out->probabilities, &watch, &result, err);
}

fs_status fs_finetune_run(fs_finetune_result *out, fs_model *model, fs_pictures *pictures,
                          const fs_dataset *dataset, const fs_finetune_settings *settings, fs_pool *pool,
                          const fs_finetune_watch *watch, fs_error *err) {
    run r = {.model = model,
             .pictures = pictures,
             .dataset = dataset,
             .settings = settings,
             .pool = pool,
             .watch = watch,
             .best_row = -1,
             .start = fs_seconds()};
    fs_finetune_result result = {0};
    r.fingerprint = fingerprint_of(&r);
    fs_status status = fs_make_folder(settings->output, err);
    if (status == FS_OK)
        status = load_resumed(&r, err);
    status = fs_cluster_agree(settings->trainer.cluster, status, err);
    if (status == FS_OK)
        status = run_stages(&r, err);
    if (status == FS_OK)
        status = finish(&r, &result, err);
    if (status == FS_ERROR_CANCELLED && r.n_rows > 0) {
        result.stopped = true;
        status = FS_OK;
    }
    end_stage(&r);
    fs_checkpoint_free(&r.resumed);
    result.rows = r.rows;
    result.n_rows = r.n_rows;
    result.best = r.best_row;
    if (status == FS_OK)
        *out = result;
    else
        fs_finetune_result_free(&result);
    return status;
}

void fs_finetune_result_free(fs_finetune_result *result) {
    fs_free(result->rows);
    fs_free(result->probabilities);
    *result = (fs_finetune_result){0};
}
