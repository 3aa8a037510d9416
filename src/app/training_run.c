#include "app/training_run.h"

#include <stdio.h>
#include <string.h>

#include "app/finetune_recipe.h"
#include "app/training_run_private.h"
#include "base/alloc.h"
#include "base/hash.h"

enum { MOST_LABEL = 128 };
static const size_t picture_bytes = (size_t)1 << 30;

fs_training_settings fs_training_defaults(void) {
    fs_finetune_recipe recipe;
    fs_options_defaults(fs_finetune_recipe_options, &recipe);
    return (fs_training_settings){.freeze = (fs_freeze)recipe.freeze,
                                  .head_epochs = recipe.head_epochs,
                                  .joint_epochs = FS_FINETUNE_JOINT_EPOCHS_USUAL,
                                  .head_rate = recipe.head_rate,
                                  .joint_rate = recipe.rate,
                                  .look_side = 96,
                                  .look_steps = 64};
}

/* ---- life ---- */

/* The recipe of the command, whose list of layers may be too short for all switches of a map. */
static void plan_recipe(fs_training_run *run, const fs_training_settings *s) {
    fs_finetune_recipe recipe;
    fs_options_defaults(fs_finetune_recipe_options, &recipe);
    recipe.freeze = (int)s->freeze;
    recipe.head_epochs = s->head_epochs;
    recipe.head_rate = s->head_rate;
    recipe.rate = s->joint_rate;
    recipe.joint_head = run->layers != NULL;
    const bool head_alone = s->freeze == FS_FREEZE_HEAD && !run->layers;
    recipe.epochs = head_alone ? s->head_epochs : s->joint_epochs;
    fs_finetune_recipe_plan(&run->plan, &recipe, run->head_input, s->seed);
    if (run->layers)
        run->plan.stages[run->plan.n_stages - 1].choice.layers = run->layers;
    run->plan.trainer.threads = s->threads;
}

/* So that a layer that cannot be trained is told before the head was. */
static fs_status check_stages(const fs_training_run *run, fs_error *err) {
    fs_status status = FS_OK;
    for (int s = 0; s < run->plan.n_stages && status == FS_OK; s++) {
        fs_trainable trainable = {0};
        status = fs_trainable_choose(&trainable, run->model, &run->plan.stages[s].choice, err);
        fs_trainable_free(&trainable);
    }
    return status;
}

fs_status fs_training_run_create(fs_training_run **out, fs_model *model, const fs_training_settings *settings,
                                 fs_pool *pool, fs_error *err) {
    const fs_dataset_options split = {.val_share = 0.2, .seed = settings->seed};
    fs_training_run *run = fs_calloc(1, sizeof *run);
    if (!run)
        return fs_fail_memory(err, "a training run");
    run->model = model;
    run->pool = pool;
    run->layers = settings->layers ? fs_strdup(settings->layers) : NULL;
    fs_status status = settings->layers && !run->layers ? fs_fail_memory(err, "a training run") : FS_OK;
    if (status == FS_OK)
        status = fs_dataset_open(&run->dataset, settings->data, &split, err);
    if (status == FS_OK)
        status = fs_finetune_prepare(&run->head_input, model, run->dataset, 0, settings->seed, err);
    if (status == FS_OK)
        status = fs_pictures_create(&run->pictures, run->dataset, &model->preprocess, picture_bytes, err);
    if (status == FS_OK) {
        plan_recipe(run, settings);
        status = check_stages(run, err);
    }
    if (status == FS_OK)
        *out = run;
    else
        fs_training_run_destroy(run);
    return status;
}

static void end_stage(fs_training_run *run) {
    fs_trainer_destroy(run->trainer);
    run->trainer = NULL;
    fs_trainable_free(&run->trainable);
}

void fs_training_run_destroy(fs_training_run *run) {
    if (!run)
        return;
    end_stage(run);
    for (int i = 0; i < run->n_past; i++)
        fs_training_past_free(&run->past[i]);
    fs_free(run->past);
    fs_free(run->rows);
    fs_pictures_destroy(run->pictures);
    fs_dataset_destroy(run->dataset);
    fs_free(run->layers);
    fs_free(run);
}

/* ---- stages ---- */

static const fs_training_past *top(const fs_training_run *run) {
    return run->n_past > 0 ? &run->past[run->n_past - 1] : NULL;
}

/* The trainer is made when an epoch needs it: after an undo across stages none may follow. */
static fs_status make_trainer(fs_training_run *run, fs_error *err) {
    const int stage = top(run)->stage;
    fs_trainer_settings settings = run->plan.trainer;
    settings.augment = run->plan.stages[stage].augment ? &run->plan.augment : NULL;
    fs_status status = fs_trainer_create(&run->trainer, run->model, run->pictures, run->dataset,
                                         &run->trainable, &settings, run->pool, err);
    if (status == FS_OK)
        fs_training_past_restore(run);
    return status;
}

static fs_status choose_weights(fs_training_run *run, int stage, fs_error *err) {
    end_stage(run);
    return fs_trainable_choose(&run->trainable, run->model, &run->plan.stages[stage].choice, err);
}

/* From the best weights of the stage before; what has been chosen then is the first thing to come back to. */
static fs_status begin_stage(fs_training_run *run, int stage, fs_error *err) {
    int row = -1;
    if (stage > 0) {
        row = fs_training_past_best(run) >= 0 ? run->past[fs_training_past_best(run)].row : -1;
        fs_training_run_keep_best(run);
    }
    fs_status status = choose_weights(run, stage, err);
    return status == FS_OK ? fs_training_past_push(run, stage, 0, row, err) : status;
}

static int next_stage(const fs_training_run *run) {
    const fs_training_past *last = top(run);
    return !last ? 0 : last->epoch < run->plan.stages[last->stage].epochs ? last->stage : last->stage + 1;
}

static fs_status prepare_epoch(fs_training_run *run, fs_error *err) {
    const int stage = next_stage(run);
    fs_status status = FS_OK;
    if (!top(run) || stage != top(run)->stage)
        status = begin_stage(run, stage, err);
    if (status == FS_OK && !run->trainer)
        status = make_trainer(run, err);
    return status;
}

bool fs_training_run_finished(const fs_training_run *run) {
    return next_stage(run) >= run->plan.n_stages;
}

/* ---- epochs ---- */

static fs_status train(fs_training_run *run, const fs_trainer_watch *watch, fs_log_row *row, fs_error *err) {
    const int stage = top(run)->stage, epoch = top(run)->epoch;
    const fs_finetune_stage *s = &run->plan.stages[stage];
    const fs_log_row *before = run->n_rows > 0 ? &run->rows[run->n_rows - 1] : NULL;
    const fs_schedule schedule =
        fs_finetune_schedule(&run->plan, stage, fs_trainer_steps_per_epoch(run->trainer));
    const uint64_t place[2] = {(uint64_t)stage, (uint64_t)epoch};
    const int64_t first = fs_optimiser_steps(fs_trainer_optimiser(run->trainer));
    char label[MOST_LABEL];
    fs_trainer_watch own = *watch;
    fs_trainer_result result, val;
    snprintf(label, sizeof label, "epoch %d of %d", epoch + 1, s->epochs);
    own.label = label;
    own.before = 0;
    own.total = run->dataset->train.n;
    const double begun = own.start = fs_seconds();
    fs_status status = fs_trainer_epoch(run->trainer, fs_hash_bytes(FS_HASH_START, place, sizeof place),
                                        &schedule, &own, &result, err);
    own.label = "validating";
    own.total = run->dataset->val.n;
    own.start = fs_seconds();
    own.batch = NULL;
    if (status == FS_OK)
        status = fs_trainer_evaluate(run->trainer, NULL, &own, &val, err);
    if (status == FS_OK)
        *row = (fs_log_row){.stage = stage,
                            .epoch = epoch + 1,
                            .step = (before ? before->step : 0) + result.steps,
                            .seconds = (before ? before->seconds : 0) + fs_seconds() - begun,
                            .train_loss = result.loss,
                            .train_accuracy = result.accuracy,
                            .val_loss = val.loss,
                            .val_accuracy = val.accuracy,
                            .rate = fs_schedule_rate(&schedule, first)};
    return status;
}

static fs_status add_row(fs_training_run *run, const fs_log_row *row, fs_error *err) {
    const size_t size = (size_t)run->n_rows * sizeof *row;
    fs_log_row *grown = fs_realloc(run->rows, size, size + sizeof *row);
    if (!grown)
        return fs_fail_memory(err, "the log");
    run->rows = grown;
    run->rows[run->n_rows++] = *row;
    return FS_OK;
}

static fs_status remember_epoch(fs_training_run *run, const fs_log_row *row, fs_error *err) {
    fs_status status = add_row(run, row, err);
    if (status != FS_OK)
        return status;
    status = fs_training_past_push(run, row->stage, row->epoch, run->n_rows - 1, err);
    if (status != FS_OK)
        run->n_rows--;
    return status;
}

fs_status fs_training_run_epoch(fs_training_run *run, const fs_trainer_watch *watch, fs_error *err) {
    fs_log_row row;
    if (fs_training_run_finished(run))
        return fs_fail(err, FS_ERROR_ARGUMENT, "the recipe is over");
    fs_status status = prepare_epoch(run, err);
    if (status != FS_OK)
        return status;
    status = train(run, watch, &row, err);
    if (status == FS_OK)
        status = remember_epoch(run, &row, err);
    if (status != FS_OK)
        fs_training_past_restore(run);
    else if (fs_training_run_finished(run))
        fs_training_run_keep_best(run);
    return status;
}

void fs_training_run_keep_best(fs_training_run *run) {
    const int best = fs_training_past_best(run);
    if (best < 0)
        return;
    fs_trainable_put(&run->trainable, run->model, run->past[best].weights);
    if (run->trainer)
        fs_trainer_weights_changed(run->trainer);
}

/* ---- back ---- */

/* What is left after the last epoch is gone: the place below it, and below the start of its stage where that
 * is on top. -1: there is none. */
static int undo_to(const fs_training_run *run) {
    int last = run->n_past - 1;
    if (last >= 0 && run->past[last].epoch == 0)
        last--;
    return last > 0 && run->past[last - 1].weights ? last - 1 : -1;
}

bool fs_training_run_can_undo(const fs_training_run *run) {
    return undo_to(run) >= 0;
}

fs_status fs_training_run_undo(fs_training_run *run, fs_error *err) {
    const int to = undo_to(run);
    if (to < 0)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "there is no epoch to take back");
    fs_status status = FS_OK;
    if (top(run)->epoch == 0) { /* what this stage alone trains, as it was when it began */
        fs_training_past_restore(run);
        status = choose_weights(run, run->past[to].stage, err);
        if (status != FS_OK)
            return status;
    }
    while (run->n_past > to + 1)
        fs_training_past_free(&run->past[--run->n_past]);
    run->n_rows--;
    fs_training_past_restore(run);
    return FS_OK;
}

/* ---- what is told ---- */

const fs_dataset *fs_training_run_dataset(const fs_training_run *run) {
    return run->dataset;
}

fs_pictures *fs_training_run_pictures(fs_training_run *run) {
    return run->pictures;
}

fs_training_place fs_training_run_place(const fs_training_run *run) {
    const fs_training_past *last = top(run);
    const int stage = last ? last->stage : 0;
    return (fs_training_place){.n_stages = run->plan.n_stages,
                               .stage = stage,
                               .epoch = last ? last->epoch : 0,
                               .epochs = run->plan.stages[stage].epochs,
                               .joint = stage > 0,
                               .trained_weights = run->trainable.numbers};
}

const fs_log_row *fs_training_run_rows(const fs_training_run *run, int *n, int *best) {
    const int kept = fs_training_past_best(run);
    *n = run->n_rows;
    *best = kept >= 0 ? run->past[kept].row : -1;
    return run->rows;
}
