#include <stdio.h>

#include "app/commands.h"
#include "app/finetune_report.h"
#include "app/terminal.h"
#include "app/world_source.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/train/initialise.h"
#include "engine/train/plain_network.h"

enum { HEAD_EPOCHS = 30, JOINT_EPOCHS = 6, MEGABYTE = 1 << 20, MAX_DRAWN = 10000000 };

static const double joint_rate = 5e-5, scratch_rate = 1e-3;

typedef struct settings {
    char data[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE], from[FS_OPTION_TEXT_SIZE],
        layers[FS_OPTION_TEXT_SIZE], network[FS_OPTION_TEXT_SIZE];
    int world, drawn, val_drawn, side;
    int freeze, epochs, head_epochs, batch, micro_batch, hidden, optimiser, schedule, patience, keep_mb,
        features_mb;
    double rate, head_rate, momentum, weight_decay, smoothing, clip, depth_decay, warm_up, period, gamma,
        val_share;
    double crop, mirror, jitter, rotation;
    bool plain, resume, scratch, afresh;
} settings;

static const char *const freezes[] = {"head", "low", "high", "none", NULL};
static const char *const optimisers[] = {"sgd", "adamw", NULL};
static const char *const schedules[] = {"constant", "cosine", "step", NULL};
static const char *const worlds[] = {"none", "a", "b", NULL};

static const fs_option options[] = {
    FS_OPTION_FOLDER(settings, data, "data", "",
                     "folder of pictures: train/CLASS and val/CLASS, or CLASS alone"),
    FS_OPTION_CHOICE(settings, world, "world", worlds, "none",
                     "instead of --data: drawn pictures, of the first or the second task (see `world`)"),
    FS_OPTION_INT(settings, drawn, "drawn", 2, MAX_DRAWN, "2400", "drawn pictures to train on"),
    FS_OPTION_INT(settings, val_drawn, "val-drawn", 1, MAX_DRAWN, "600", "and to validate on"),
    FS_OPTION_BOOL(settings, afresh, "afresh", "draw other pictures to train on in every epoch"),
    FS_OPTION_FOLDER(settings, output, "output", "", "folder to write (-o)"),
    FS_OPTION_BOOL(settings, resume, "resume", "go on with the run that the folder has"),
    FS_OPTION_BOOL(settings, scratch, "scratch", "forget what the network has learned and train all of it"),
    FS_OPTION_TEXT(settings, network, "network", "",
                   "instead of --model: an untrained network, 'edge1=32@9/2 max texture1=48@3 max ...'"),
    FS_OPTION_INT(settings, side, "network-size", 8, 4096, "128", "pixels a side of what it is shown"),
    FS_OPTION_CHOICE(settings, freeze, "freeze", freezes, "low",
                     "head: train the head alone; low: all but edges and textures; high: parts and objects "
                     "alone; none: everything"),
    FS_OPTION_LAYER(settings, from, "train-from", "", "instead of --freeze: this layer and all that follows"),
    FS_OPTION_TEXT(settings, layers, "train-layers", "", "instead of --freeze: these layers alone, a,b,c"),
    FS_OPTION_INT(settings, epochs, "epochs", 0, 100000, "0",
                  "of the last stage, 0: 30 for the head alone, else 6"),
    FS_OPTION_INT(settings, head_epochs, "head-epochs", 0, 100000, "30",
                  "of the head before layers are unfrozen, 0: at once"),
    FS_OPTION_DOUBLE(settings, rate, "rate", 0, 1000, "0",
                     "highest learning rate of the joint stage, 0: 5e-5, from scratch 1e-3"),
    FS_OPTION_DOUBLE(settings, head_rate, "head-rate", 0, 1000, "1e-3", "and of the head alone"),
    FS_OPTION_CHOICE(settings, optimiser, "optimiser", optimisers, "adamw", "sgd, adamw"),
    FS_OPTION_DOUBLE(settings, momentum, "momentum", 0, 0.9999, "0.9", "of sgd"),
    FS_OPTION_DOUBLE(settings, weight_decay, "weight-decay", 0, 10, "0.01", "of kernels and matrices"),
    FS_OPTION_CHOICE(settings, schedule, "schedule", schedules, "cosine",
                     "of the rate over a stage: constant, cosine, step"),
    FS_OPTION_DOUBLE(settings, warm_up, "warm-up", 0, 1000, "0.5", "epochs in which the rate rises"),
    FS_OPTION_DOUBLE(settings, period, "step-epochs", 0.01, 100000, "5",
                     "epochs after which --schedule step lowers it"),
    FS_OPTION_DOUBLE(settings, gamma, "step-factor", 0.0001, 1, "0.1", "and by what"),
    FS_OPTION_DOUBLE(settings, depth_decay, "depth-decay", 0.01, 1, "1",
                     "factor on the rate for each level below the objects"),
    FS_OPTION_DOUBLE(settings, smoothing, "label-smoothing", 0, 0.9, "0",
                     "share of a label given to all classes"),
    FS_OPTION_DOUBLE(settings, clip, "clip", 0, 1e9, "0", "largest norm of a gradient, 0: any"),
    FS_OPTION_INT(settings, batch, "batch", 1, 4096, "32", "pictures of a step"),
    FS_OPTION_INT(settings, micro_batch, "micro-batch", 0, 4096, "0",
                  "pictures that run at a time, 0: 8; fewer need less memory"),
    FS_OPTION_INT(settings, hidden, "hidden", 0, 65536, "0",
                  "units of a layer in the new head, 0: no such layer"),
    FS_OPTION_INT(settings, patience, "patience", 0, 100000, "0",
                  "end a stage after so many epochs without a better one, 0: never"),
    FS_OPTION_DOUBLE(settings, val_share, "val-share", 0.01, 0.9, "0.2",
                     "share to validate on where the data has no folder val"),
    FS_OPTION_BOOL(settings, plain, "plain", "no augmentation: features that rest are computed once"),
    FS_OPTION_DOUBLE(settings, crop, "crop", 0.01, 1, "0.4",
                     "least share of a picture that a random crop shows"),
    FS_OPTION_DOUBLE(settings, mirror, "mirror", 0, 1, "0.5", "how often a picture is mirrored"),
    FS_OPTION_DOUBLE(settings, jitter, "jitter", 0, 0.9, "0.2",
                     "change of brightness, contrast and saturation"),
    FS_OPTION_DOUBLE(settings, rotation, "rotation", 0, 180, "8", "largest turn in degrees"),
    FS_OPTION_INT(settings, keep_mb, "pictures-mb", 0, 1 << 20, "1024", "memory for decoded pictures"),
    FS_OPTION_INT(settings, features_mb, "features-mb", 0, 1 << 20, "1024", "memory for features that rest"),
    FS_OPTION_END};

typedef struct job {
    fs_call *call;
    const settings *settings;
    fs_model *model;
    fs_pool *pool;
    fs_world_source *drawn; /* or: */
    fs_dataset *opened;
    fs_dataset *dataset; /* one of them */
    fs_pictures *pictures;
    int head_input;
    fs_finetune_settings plan;
    fs_finetune_result result;
    bool told_skipped;
} job;

static fs_status check(const job *j, fs_error *err) {
    const settings *s = j->settings;
    if (!*s->output || !*s->data == !s->world)
        return fs_call_usage(j->call, err, "%s", "-o and one of --data and --world are needed");
    if (*s->network && *j->call->common.model)
        return fs_call_usage(j->call, err, "--model or --network, not both");
    if (*s->from && *s->layers)
        return fs_call_usage(j->call, err, "--train-from or --train-layers, not both");
    if (!s->resume && fs_finetune_exists(s->output))
        return fs_fail(err, FS_ERROR_ARGUMENT, "%.300s has a run already: --resume goes on with it",
                       s->output);
    return FS_OK;
}

/* ---- the recipe ---- */

static bool is_head_alone(const settings *s) {
    return !*s->from && !*s->layers && s->freeze == FS_FREEZE_HEAD;
}

static bool is_from_scratch(const settings *s) {
    return s->scratch || *s->network;
}

static void plan_scratch(job *j) {
    const settings *s = j->settings;
    const fs_trainable_choice all = {
        .head_input = j->head_input, .freeze = FS_FREEZE_NONE, .depth_decay = s->depth_decay};
    j->plan.stages[j->plan.n_stages++] = (fs_finetune_stage){
        "scratch", all, s->epochs ? s->epochs : HEAD_EPOCHS, s->rate > 0 ? s->rate : scratch_rate, !s->plain};
}

static void plan_stages(job *j) {
    const settings *s = j->settings;
    fs_finetune_settings *p = &j->plan;
    if (is_from_scratch(s)) {
        plan_scratch(j);
        return;
    }
    const fs_trainable_choice head = {
        .head_input = j->head_input, .freeze = FS_FREEZE_HEAD, .depth_decay = s->depth_decay};
    const bool alone = is_head_alone(s);
    const int head_epochs = alone && s->epochs ? s->epochs : s->head_epochs ? s->head_epochs : HEAD_EPOCHS;
    if (alone || s->head_epochs)
        p->stages[p->n_stages++] = (fs_finetune_stage){"head", head, head_epochs, s->head_rate, false};
    if (alone)
        return;
    fs_trainable_choice chosen = head;
    chosen.freeze = (fs_freeze)s->freeze;
    chosen.from = *s->from ? s->from : NULL;
    chosen.layers = *s->layers ? s->layers : NULL;
    p->stages[p->n_stages++] = (fs_finetune_stage){"joint", chosen, s->epochs ? s->epochs : JOINT_EPOCHS,
                                                   s->rate > 0 ? s->rate : joint_rate, !s->plain};
}

static void plan_run(job *j) {
    const settings *s = j->settings;
    fs_finetune_settings *p = &j->plan;
    p->output = s->output;
    p->schedule = (fs_schedule_kind)s->schedule;
    p->warm_up = s->warm_up;
    p->period = s->period;
    p->gamma = s->gamma;
    p->patience = s->patience;
    p->resume = s->resume;
    p->augment = fs_augment_defaults();
    p->augment.least_area = s->crop;
    p->augment.mirror = s->mirror;
    p->augment.jitter = s->jitter;
    p->augment.rotation = s->rotation;
    p->trainer = fs_trainer_defaults();
    p->trainer.batch = s->batch;
    p->trainer.micro_batch = s->micro_batch;
    p->trainer.threads = j->call->common.threads;
    p->trainer.smoothing = s->smoothing;
    p->trainer.feature_bytes = (size_t)s->features_mb * MEGABYTE;
    p->trainer.seed = j->call->common.seed;
    p->trainer.optimiser.kind = (fs_optimiser_kind)s->optimiser;
    p->trainer.optimiser.momentum = s->momentum;
    p->trainer.optimiser.weight_decay = s->weight_decay;
    p->trainer.optimiser.clip = s->clip;
    plan_stages(j);
}

/* The untrained network becomes a file of the folder: what `shift` can compare with. */
static fs_status make_network(job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_plain_network network = {s->network, s->side, 2, j->call->common.seed};
    fs_text path = {0};
    fs_text_add(&path, "%s/start.onnx", s->output);
    fs_status status = fs_text_broken(&path) ? fs_fail_memory(err, "a file name")
                                             : fs_plain_network_write(&network, path.bytes, err);
    if (status == FS_OK)
        status = fs_model_load(&j->model, path.bytes, err);
    fs_text_free(&path);
    return status;
}

static fs_status prepare_model(job *j, fs_error *err) {
    const settings *s = j->settings;
    fs_status status = *s->network ? make_network(j, err) : fs_call_load_model(j->call, NULL, &j->model, err);
    if (status == FS_OK && s->scratch && !*s->network)
        status = fs_model_initialise(j->model, j->call->common.seed, err);
    return status;
}

static fs_status draw_dataset(job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_world_source_request request = {.set = s->world == 1 ? FS_WORLD_A : FS_WORLD_B,
                                             .seed = j->call->common.seed,
                                             .n_train = s->drawn,
                                             .n_val = s->val_drawn,
                                             .side = j->model->preprocess.height,
                                             .afresh = s->afresh};
    fs_status status = fs_world_source_create(&j->drawn, &request, err);
    if (status == FS_OK)
        j->dataset = j->drawn->dataset;
    return status;
}

static fs_status prepare_dataset(job *j, fs_error *err) {
    const settings *s = j->settings;
    const fs_dataset_options split = {s->val_share, j->call->common.seed};
    if (s->world)
        return draw_dataset(j, err);
    fs_status status = fs_dataset_open(&j->opened, s->data, &split, err);
    j->dataset = j->opened;
    return status;
}

static fs_status prepare(job *j, fs_error *err) {
    const settings *s = j->settings;
    fs_status status = fs_make_folder(s->output, err);
    if (status == FS_OK)
        status = prepare_model(j, err);
    if (status == FS_OK)
        status = prepare_dataset(j, err);
    if (status == FS_OK)
        status = fs_call_make_pool(j->call, &j->pool, err);
    if (status == FS_OK)
        status =
            fs_finetune_prepare(&j->head_input, j->model, j->dataset, s->hidden, j->call->common.seed, err);
    if (status == FS_OK)
        status = fs_pictures_create(&j->pictures, j->dataset, &j->model->preprocess,
                                    (size_t)s->keep_mb * MEGABYTE, err);
    if (status == FS_OK && j->drawn)
        fs_world_source_attach(j->drawn, j->pictures);
    if (status == FS_OK)
        plan_run(j);
    return status;
}

/* ---- what the terminal shows ---- */

static int64_t all_weights(const fs_model *model) {
    int64_t sum = 0;
    for (int v = 0; v < model->graph->n_values; v++)
        if (model->graph->values[v].constant.data && model->graph->values[v].constant.dtype == FS_F32)
            sum += fs_tensor_count(&model->graph->values[v].constant);
    return sum;
}

static void say_start(const job *j) {
    fprintf(stderr, "%d classes, %d pictures to train on, %d to validate on\n", j->dataset->n_classes,
            j->dataset->train.n, j->dataset->val.n);
    fprintf(stderr, "1  new head on '%s'\n", j->model->graph->values[j->head_input].name);
}

static void on_stage(void *context, int stage, const fs_trainable *trainable, const fs_trainer *trainer) {
    const job *j = context;
    const fs_finetune_stage *s = &j->plan.stages[stage];
    const long long trained = trainable->numbers, all = all_weights(j->model);
    const bool head = s->choice.freeze == FS_FREEZE_HEAD && !s->choice.from && !s->choice.layers;
    if (j->call->common.quiet)
        return;
    fs_terminal_clear();
    if (head)
        fprintf(stderr, "2  backbone frozen: %lld of %lld weights are trained\n3  head trained", trained,
                all);
    else if (is_from_scratch(j->settings))
        fprintf(stderr, "2  trained from scratch, %lld weights", trained);
    else
        fprintf(stderr, "4  unfrozen: %lld of %lld weights are trained\n5  trained jointly", trained, all);
    fprintf(stderr, ": %d epochs, rate %g%s%s\n", s->epochs, s->rate, s->augment ? ", augmented" : "",
            fs_trainer_keeps_features(trainer) ? ", on features computed once" : "");
}

/* After the first epoch every picture has been looked at. */
static void say_skipped(job *j) {
    for (int i = 0; i < fs_pictures_count(j->pictures) && !j->told_skipped; i++)
        if (fs_pictures_problem(j->pictures, i))
            fprintf(stderr, "filterscope: skipped: %s\n", fs_pictures_problem(j->pictures, i));
    j->told_skipped = true;
}

static void on_epoch(void *context, const fs_log_row *row, bool best) {
    job *j = context;
    fs_terminal_clear();
    say_skipped(j);
    if (!j->call->common.quiet)
        fprintf(
            stderr,
            "   epoch %3d   training: loss %.4f, %5.1f %%   validation: loss %.4f, %5.1f %%   %6.1f s%s\n",
            row->epoch, row->train_loss, 100 * row->train_accuracy, row->val_loss, 100 * row->val_accuracy,
            row->seconds, best ? "   best" : "");
}

/* ---- the end ---- */

static fs_status report_all(const job *j, const fs_finetune_report *report, fs_error *err) {
    fs_metrics *m = NULL;
    int *labels = fs_arena_alloc(j->dataset->arena, (size_t)j->dataset->val.n, sizeof *labels);
    if (!labels)
        return fs_fail_memory(err, "metrics");
    for (int i = 0; i < j->dataset->val.n; i++)
        labels[i] = j->dataset->val.items[i].label;
    fs_status status =
        fs_metrics_create(&m, j->result.probabilities, labels, j->dataset->val.n, j->dataset->n_classes, err);
    if (status == FS_OK)
        status = fs_finetune_write_metrics(report, m, err);
    if (status == FS_OK)
        status = fs_finetune_write_confusion(report, m, err);
    if (status == FS_OK)
        status = fs_finetune_write_mistakes(report, m, err);
    if (status == FS_OK && !j->call->common.quiet)
        fprintf(stderr, "%s: %.1f %% of %d pictures right; best.onnx, metrics.json, pictures\n",
                j->settings->output, 100 * m->accuracy, m->n);
    fs_metrics_destroy(m);
    return status;
}

static fs_status report(const job *j, fs_error *err) {
    const fs_finetune_report report = {j->settings->output, j->settings->data, j->model,  j->dataset,
                                       j->pictures,         &j->plan,          &j->result};
    fs_status status = fs_finetune_write_curves(&report, err);
    if (status == FS_OK && j->result.stopped)
        return fs_fail(err, FS_ERROR_CANCELLED,
                       "stopped after %d epochs; best.onnx has the best of them, --resume goes on",
                       j->result.n_rows);
    return status == FS_OK ? report_all(j, &report, err) : status;
}

static fs_status run(fs_call *call, fs_error *err) {
    job j = {.call = call, .settings = call->settings};
    fs_status status = check(&j, err);
    if (status == FS_OK)
        status = prepare(&j, err);
    if (status == FS_OK) {
        const fs_finetune_watch watch = {&call->progress, &j, on_stage, on_epoch};
        if (!call->common.quiet)
            say_start(&j);
        status = fs_finetune_run(&j.result, j.model, j.pictures, j.dataset, &j.plan, j.pool, &watch, err);
        fs_terminal_clear();
    }
    if (status == FS_OK)
        status = report(&j, err);
    fs_finetune_result_free(&j.result);
    fs_pictures_destroy(j.pictures);
    fs_world_source_destroy(j.drawn);
    fs_dataset_destroy(j.opened);
    fs_pool_destroy(j.pool);
    fs_model_destroy(j.model);
    return status;
}

const fs_command fs_command_finetune = {.name = "finetune",
                                        .arguments = "--data DIR [--freeze ...] [options] -o DIR",
                                        .summary = "trains a network further on your own pictures",
                                        .options = options,
                                        .settings_size = sizeof(settings),
                                        .example = "finetune --data flowers --freeze head -o run",
                                        .run = run};
