#include "app/finetune_recipe.h"

#include <string.h>

enum { HEAD_EPOCHS = 30, MEGABYTE = 1 << 20 };

static const double joint_rate = 5e-5, scratch_rate = 1e-3;

static const char *const freezes[] = {"head", "low", "high", "none", NULL};
static const char *const optimisers[] = {"sgd", "adamw", NULL};
static const char *const schedules[] = {"constant", "cosine", "step", NULL};

const fs_option fs_finetune_recipe_options[] = {
    FS_OPTION_BOOL(fs_finetune_recipe, scratch, "scratch",
                   "forget what the network has learned and train all of it"),
    FS_OPTION_CHOICE(fs_finetune_recipe, freeze, "freeze", freezes, "low",
                     "head: train the head alone; low: all but edges and textures; high: parts and objects "
                     "alone; none: everything"),
    FS_OPTION_LAYER(fs_finetune_recipe, from, "train-from", "",
                    "instead of --freeze: this layer and all that follows"),
    FS_OPTION_TEXT(fs_finetune_recipe, layers, "train-layers", "",
                   "instead of --freeze: these layers alone, a,b,c"),
    FS_OPTION_INT(fs_finetune_recipe, epochs, "epochs", 0, 100000, "0",
                  "of the last stage, 0: 30 for the head alone, else 6"),
    FS_OPTION_INT(fs_finetune_recipe, head_epochs, "head-epochs", 0, 100000, "30",
                  "of the head before layers are unfrozen, 0: at once"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, rate, "rate", 0, 1000, "0",
                     "highest learning rate of the joint stage, 0: 5e-5, from scratch 1e-3"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, head_rate, "head-rate", 0, 1000, "1e-3", "and of the head alone"),
    FS_OPTION_CHOICE(fs_finetune_recipe, optimiser, "optimiser", optimisers, "adamw", "sgd, adamw"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, momentum, "momentum", 0, 0.9999, "0.9", "of sgd"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, weight_decay, "weight-decay", 0, 10, "0.01",
                     "of kernels and matrices"),
    FS_OPTION_CHOICE(fs_finetune_recipe, schedule, "schedule", schedules, "cosine",
                     "of the rate over a stage: constant, cosine, step"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, warm_up, "warm-up", 0, 1000, "0.5",
                     "epochs in which the rate rises"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, period, "step-epochs", 0.01, 100000, "5",
                     "epochs after which --schedule step lowers it"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, gamma, "step-factor", 0.0001, 1, "0.1", "and by what"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, depth_decay, "depth-decay", 0.01, 1, "1",
                     "factor on the rate for each level below the objects"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, smoothing, "label-smoothing", 0, 0.9, "0",
                     "share of a label given to all classes"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, clip, "clip", 0, 1e9, "0", "largest norm of a gradient, 0: any"),
    FS_OPTION_INT(fs_finetune_recipe, batch, "batch", 1, 4096, "32", "pictures of a step"),
    FS_OPTION_INT(fs_finetune_recipe, micro_batch, "micro-batch", 0, 4096, "0",
                  "pictures that run at a time, 0: 8; fewer need less memory"),
    FS_OPTION_INT(fs_finetune_recipe, hidden, "hidden", 0, 65536, "0",
                  "units of a layer in the new head, 0: no such layer"),
    FS_OPTION_INT(fs_finetune_recipe, patience, "patience", 0, 100000, "0",
                  "end a stage after so many epochs without a better one, 0: never"),
    FS_OPTION_BOOL(fs_finetune_recipe, plain, "plain",
                   "no augmentation: features that rest are computed once"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, crop, "crop", 0.01, 1, "0.4",
                     "least share of a picture that a random crop shows"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, mirror, "mirror", 0, 1, "0.5", "how often a picture is mirrored"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, jitter, "jitter", 0, 0.9, "0.2",
                     "change of brightness, contrast and saturation"),
    FS_OPTION_DOUBLE(fs_finetune_recipe, rotation, "rotation", 0, 180, "8", "largest turn in degrees"),
    FS_OPTION_INT(fs_finetune_recipe, features_mb, "features-mb", 0, 1 << 20, "1024",
                  "memory for features that rest"),
    FS_OPTION_END};

/* ---- policies ---- */

static const char *const policy_names[FS_POLICIES] = {"head", "low", "high", "none", "scratch"};

const char *fs_finetune_policy_name(fs_finetune_policy policy) {
    return policy_names[policy];
}

fs_status fs_finetune_policies_parse(bool *wanted, const char *text, fs_error *err) {
    bool found[FS_POLICIES] = {false};
    for (const char *word = text;; word++) {
        const size_t length = strcspn(word, ",");
        int p = 0;
        while (p < FS_POLICIES &&
               (strlen(policy_names[p]) != length || strncmp(word, policy_names[p], length) != 0))
            p++;
        if (p == FS_POLICIES || found[p])
            return fs_fail(err, FS_ERROR_ARGUMENT, "--policies: '%.*s' %s", (int)(length < 60 ? length : 60),
                           word,
                           p < FS_POLICIES ? "is there twice" : "is none of head, low, high, none, scratch");
        found[p] = true;
        word += length;
        if (!*word)
            break;
    }
    memcpy(wanted, found, sizeof found);
    return FS_OK;
}

fs_finetune_recipe fs_finetune_recipe_of(const fs_finetune_recipe *recipe, fs_finetune_policy policy) {
    fs_finetune_recipe r = *recipe;
    r.epochs = recipe->epochs ? recipe->epochs : FS_FINETUNE_JOINT_EPOCHS_USUAL;
    r.scratch = policy == FS_POLICY_SCRATCH;
    r.freeze = r.scratch ? FS_FREEZE_NONE : (int)policy;
    r.joint_head = true;
    return r;
}

/* ---- stages ---- */

static void add_stage(fs_finetune_settings *out, const fs_finetune_stage *stage) {
    out->stages[out->n_stages++] = *stage;
}

static double rate_or(const fs_finetune_recipe *r, double otherwise) {
    return r->rate > 0 ? r->rate : otherwise;
}

static void plan_scratch(fs_finetune_settings *out, const fs_finetune_recipe *r, fs_trainable_choice all) {
    all.freeze = FS_FREEZE_NONE;
    add_stage(out, &(fs_finetune_stage){"scratch", all, r->epochs ? r->epochs : HEAD_EPOCHS,
                                        rate_or(r, scratch_rate), !r->plain});
}

static void plan_stages(fs_finetune_settings *out, const fs_finetune_recipe *r, int head_input) {
    const fs_trainable_choice head = {
        .head_input = head_input, .freeze = FS_FREEZE_HEAD, .depth_decay = r->depth_decay};
    if (r->scratch) {
        plan_scratch(out, r, head);
        return;
    }
    const bool alone = !*r->from && !*r->layers && r->freeze == FS_FREEZE_HEAD && !r->joint_head;
    const int head_epochs = alone && r->epochs ? r->epochs : r->head_epochs ? r->head_epochs : HEAD_EPOCHS;
    if (alone || r->head_epochs)
        add_stage(out, &(fs_finetune_stage){"head", head, head_epochs, r->head_rate, false});
    if (alone)
        return;
    fs_trainable_choice chosen = head;
    chosen.freeze = (fs_freeze)r->freeze;
    chosen.from = *r->from ? r->from : NULL;
    chosen.layers = *r->layers ? r->layers : NULL;
    add_stage(out,
              &(fs_finetune_stage){"joint", chosen, r->epochs ? r->epochs : FS_FINETUNE_JOINT_EPOCHS_USUAL,
                                   rate_or(r, joint_rate), !r->plain});
}

void fs_finetune_recipe_plan(fs_finetune_settings *out, const fs_finetune_recipe *r, int head_input,
                             uint64_t seed) {
    fs_finetune_settings p = {.schedule = (fs_schedule_kind)r->schedule,
                              .warm_up = r->warm_up,
                              .period = r->period,
                              .gamma = r->gamma,
                              .patience = r->patience,
                              .augment = fs_augment_defaults(),
                              .trainer = fs_trainer_defaults()};
    p.augment.least_area = r->crop;
    p.augment.mirror = r->mirror;
    p.augment.jitter = r->jitter;
    p.augment.rotation = r->rotation;
    p.trainer.batch = r->batch;
    p.trainer.micro_batch = r->micro_batch;
    p.trainer.smoothing = r->smoothing;
    p.trainer.feature_bytes = (size_t)r->features_mb * MEGABYTE;
    p.trainer.seed = seed;
    p.trainer.optimiser.kind = (fs_optimiser_kind)r->optimiser;
    p.trainer.optimiser.momentum = r->momentum;
    p.trainer.optimiser.weight_decay = r->weight_decay;
    p.trainer.optimiser.clip = r->clip;
    plan_stages(&p, r, head_input);
    *out = p;
}
