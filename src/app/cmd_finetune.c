#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/finetune_compare.h"
#include "app/terminal.h"
#include "app/world_source.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/train/initialise.h"
#include "engine/train/plain_network.h"

enum { MEGABYTE = 1 << 20, MAX_DRAWN = 10000000 };

typedef struct settings {
    char data[FS_OPTION_TEXT_SIZE], output[FS_OPTION_TEXT_SIZE], network[FS_OPTION_TEXT_SIZE],
        policies[FS_OPTION_TEXT_SIZE];
    int world, drawn, val_drawn, side, keep_mb;
    double val_share;
    bool resume, afresh, keep_epochs, compare;
} settings;

static const char *const worlds[] = {"none", "a", "b", NULL};
static const char *const world_names[] = {"", "drawn pictures, task a", "drawn pictures, task b"};

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
    FS_OPTION_TEXT(settings, network, "network", "",
                   "instead of --model: an untrained network, 'edge1=32@9/2 max texture1=48@3 max ...'"),
    FS_OPTION_INT(settings, side, "network-size", 8, 4096, "128", "pixels a side of what it is shown"),
    FS_OPTION_DOUBLE(settings, val_share, "val-share", 0.01, 0.9, "0.2",
                     "share to validate on where the data has no folder val"),
    FS_OPTION_INT(settings, keep_mb, "pictures-mb", 0, 1 << 20, "1024", "memory for decoded pictures"),
    FS_OPTION_BOOL(settings, compare, "compare",
                   "train with each policy of --freeze and from scratch, and compare them"),
    FS_OPTION_TEXT(settings, policies, "policies", "head,low,high,none,scratch",
                   "which ones --compare tries"),
    FS_OPTION_BOOL(settings, keep_epochs, "keep-epochs",
                   "keep the network of every epoch, epoch-STAGE-N.onnx: for `shift --series`"),
    FS_OPTION_END};

typedef struct job {
    fs_call *call;
    const settings *settings;
    fs_finetune_recipe recipe;
    fs_model *model;
    fs_pool *pool;
    fs_world_source *drawn; /* or: */
    fs_dataset *opened;
    fs_dataset *dataset; /* one of them */
    fs_pictures *pictures;
    fs_finetune_listener listener;
    fs_finetune_scene scene;
    bool policies[FS_POLICIES]; /* of a comparison */
    bool told_head, told_skipped;
} job;

/* What a comparison varies, or cannot do without, is not for the user to choose. */
static fs_status check_compare(job *j, fs_error *err) {
    const settings *s = j->settings;
    char folder[FS_COMPARISON_FOLDER_SIZE];
    fs_error why = {0};
    if (j->recipe.scratch || *j->recipe.from || *j->recipe.layers)
        return fs_call_usage(
            j->call, err, "%s",
            "--compare chooses the layers itself: no --scratch, --train-from, --train-layers");
    if (*s->network)
        return fs_call_usage(j->call, err, "--compare needs a network that has learned: --model");
    if (fs_finetune_policies_parse(j->policies, s->policies, &why) != FS_OK)
        return fs_call_usage(j->call, err, "%s", why.message);
    for (int p = 0; p < FS_POLICIES && !s->resume; p++)
        if (fs_finetune_exists(fs_comparison_folder(s->output, (fs_finetune_policy)p, folder)))
            return fs_fail(err, FS_ERROR_ARGUMENT, "%.300s has a run already: --resume goes on with it",
                           folder);
    return FS_OK;
}

static fs_status check(job *j, fs_error *err) {
    const settings *s = j->settings;
    if (!*s->output || !*s->data == !s->world)
        return fs_call_usage(j->call, err, "%s", "-o and one of --data and --world are needed");
    if (*s->network && *j->call->common.model)
        return fs_call_usage(j->call, err, "--model or --network, not both");
    if (*j->recipe.from && *j->recipe.layers)
        return fs_call_usage(j->call, err, "--train-from or --train-layers, not both");
    if (s->compare)
        return check_compare(j, err);
    if (!s->resume && fs_finetune_exists(s->output))
        return fs_fail(err, FS_ERROR_ARGUMENT, "%.300s has a run already: --resume goes on with it",
                       s->output);
    return FS_OK;
}

/* ---- what it begins with ---- */

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
    if (status == FS_OK && j->recipe.scratch && !*s->network)
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

static fs_status prepare_pictures(job *j, fs_error *err) {
    fs_status status = fs_pictures_create(&j->pictures, j->dataset, &j->model->preprocess,
                                          (size_t)j->settings->keep_mb * MEGABYTE, err);
    if (status == FS_OK && j->drawn)
        fs_world_source_attach(j->drawn, j->pictures);
    return status;
}

static void set_scene(job *j) {
    const settings *s = j->settings;
    j->scene = (fs_finetune_scene){.data = s->world ? world_names[s->world] : s->data,
                                   .dataset = j->dataset,
                                   .pictures = j->pictures,
                                   .pool = j->pool,
                                   .threads = j->call->common.threads,
                                   .seed = j->call->common.seed,
                                   .resume = s->resume,
                                   .keep_epochs = s->keep_epochs,
                                   .cluster = j->call->cluster,
                                   .listener = &j->listener};
}

static fs_status prepare(job *j, fs_error *err) {
    fs_status status = fs_make_folder(j->settings->output, err);
    if (status == FS_OK)
        status = prepare_model(j, err);
    if (status == FS_OK)
        status = prepare_dataset(j, err);
    if (status == FS_OK)
        status = fs_call_make_pool(j->call, &j->pool, err);
    if (status == FS_OK)
        status = prepare_pictures(j, err);
    if (status == FS_OK)
        set_scene(j);
    return status;
}

/* ---- what the terminal shows ---- */

static void say_start(const job *j) {
    if (!j->call->common.quiet)
        fprintf(stderr, "%d classes, %d pictures to train on, %d to validate on\n", j->dataset->n_classes,
                j->dataset->train.n, j->dataset->val.n);
}

static void on_stage(void *context, const fs_finetune_stage_note *note) {
    job *j = context;
    const fs_finetune_stage *s = note->stage;
    const long long trained = note->trained, all = note->all;
    const bool head = s->choice.freeze == FS_FREEZE_HEAD && !s->choice.from && !s->choice.layers;
    if (j->call->common.quiet)
        return;
    fs_terminal_clear();
    if (!j->told_head)
        fprintf(stderr, "1  new head on '%s'\n", note->head);
    j->told_head = true;
    if (head)
        fprintf(stderr, "2  backbone frozen: %lld of %lld weights are trained\n3  head trained", trained,
                all);
    else if (strcmp(s->name, "scratch") == 0)
        fprintf(stderr, "2  trained from scratch, %lld weights", trained);
    else
        fprintf(stderr, "4  unfrozen: %lld of %lld weights are trained\n5  trained jointly", trained, all);
    fprintf(stderr, ": %d epochs, rate %g%s%s\n", s->epochs, s->rate, s->augment ? ", augmented" : "",
            note->keeps_features ? ", on features computed once" : "");
    const int processes = fs_cluster_size(j->call->cluster);
    if (!note->keeps_features && note->runs < processes && !j->settings->compare)
        fprintf(stderr,
                "   %d of %d processes have something to do: a batch is %d runs of the network; a larger "
                "--batch or a smaller --micro-batch makes more\n",
                note->runs, processes, note->runs);
}

/* After the first epoch every picture has been looked at. */
static void say_skipped(job *j) {
    if (fs_cluster_rank(j->call->cluster) != 0)
        return;
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

static void on_policy(void *context, fs_finetune_policy policy, int number, int count) {
    job *j = context;
    fs_terminal_clear();
    say_skipped(j);
    j->told_head = false;
    if (!j->call->common.quiet)
        fprintf(stderr, "\n%s (%d of %d)\n", fs_finetune_policy_name(policy), number, count);
}

static void say_comparison(const job *j, const fs_comparison *c) {
    if (j->call->common.quiet)
        return;
    fprintf(stderr, "\n%-8s  %8s  %11s  %9s  %9s  %15s\n", "policy", "accuracy", "right", "s to best", "s",
            "weights trained");
    for (int i = 0; i < c->n; i++) {
        const fs_finetune_outcome *o = &c->runs[i].outcome;
        const fs_finetune_result *r = &o->result;
        fprintf(stderr, "%-8s  %6.1f %%  %4.0f of %4d  %9.1f  %9.1f  %15lld\n",
                fs_finetune_policy_name(c->runs[i].policy), 100 * o->accuracy, o->accuracy * o->pictures,
                o->pictures, r->rows[r->best].seconds, r->rows[r->n_rows - 1].seconds, (long long)o->trained);
    }
    fprintf(stderr, "%s: compare.png, compare.html, compare.csv, compare.json\n", j->settings->output);
}

/* ---- the whole ---- */

static fs_status compare(job *j, fs_error *err) {
    fs_comparison comparison = {0};
    fs_comparison_request request = {.model = j->model->path,
                                     .output = j->settings->output,
                                     .recipe = &j->recipe,
                                     .scene = &j->scene,
                                     .context = j,
                                     .policy = on_policy};
    memcpy(request.policies, j->policies, sizeof request.policies);
    fs_status status = fs_finetune_compare(&comparison, &request, err);
    fs_terminal_clear();
    if (status == FS_OK)
        say_comparison(j, &comparison);
    fs_comparison_free(&comparison);
    return status;
}

static fs_status train(job *j, fs_error *err) {
    fs_finetune_outcome outcome = {0};
    fs_status status =
        fs_finetune_run_recipe(&outcome, j->model, &j->recipe, j->settings->output, &j->scene, err);
    fs_terminal_clear();
    if (status == FS_OK && !j->call->common.quiet)
        fprintf(stderr, "%s: %.1f %% of %d pictures right; best.onnx, metrics.json, pictures\n",
                j->settings->output, 100 * outcome.accuracy, outcome.pictures);
    fs_finetune_outcome_free(&outcome);
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    job j = {.call = call,
             .settings = call->settings,
             .recipe = *(const fs_finetune_recipe *)call->extra,
             .listener = {&call->progress, NULL, on_stage, on_epoch}};
    j.listener.context = &j;
    fs_status status = check(&j, err);
    if (status == FS_OK)
        status = prepare(&j, err);
    status = fs_cluster_agree(call->cluster, status, err);
    if (status == FS_OK) {
        say_start(&j);
        j.recipe.scratch = j.recipe.scratch || *j.settings->network;
        status = j.settings->compare ? compare(&j, err) : train(&j, err);
    }
    fs_pictures_destroy(j.pictures);
    fs_world_source_destroy(j.drawn);
    fs_dataset_destroy(j.opened);
    fs_pool_destroy(j.pool);
    fs_model_destroy(j.model);
    return status;
}

const fs_command fs_command_finetune = {.name = "finetune",
                                        .arguments = "--data DIR [--freeze ... | --compare] [options] -o DIR",
                                        .summary = "trains a network further on your own pictures",
                                        .example = "finetune --world b --drawn 120 --freeze head -o tuned",
                                        .options = options,
                                        .settings_size = sizeof(settings),
                                        .extra_options = fs_finetune_recipe_options,
                                        .extra_size = sizeof(fs_finetune_recipe),
                                        .shares_work = true,
                                        .run = run};
