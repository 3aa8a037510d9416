/* How a network is trained further, as the options of `finetune`, and the stages that follow from them.
 *
 *     fs_finetune_recipe recipe;
 *     fs_options_defaults(fs_finetune_recipe_options, &recipe);
 *     recipe.freeze = FS_FREEZE_HIGH;
 *     fs_finetune_recipe_plan(&settings, &recipe, head_input, seed);
 *     settings.output = "out";
 *
 * A policy is what a comparison varies: which layers learn, or that all of them start anew. Values, any
 * thread; a plan borrows the names of layers from its recipe. */
#ifndef FS_APP_FINETUNE_RECIPE_H
#define FS_APP_FINETUNE_RECIPE_H

#include "base/option.h"
#include "engine/train/finetune.h"

enum { FS_FINETUNE_JOINT_EPOCHS_USUAL = 6 }; /* what epochs 0 means for the joint stage */

typedef struct fs_finetune_recipe {
    char from[FS_OPTION_TEXT_SIZE], layers[FS_OPTION_TEXT_SIZE];
    int freeze, epochs, head_epochs, batch, micro_batch, hidden, optimiser, schedule, patience, features_mb;
    double rate, head_rate, momentum, weight_decay, smoothing, clip, depth_decay, warm_up, period, gamma;
    double crop, mirror, jitter, rotation;
    bool plain, scratch;
    bool joint_head; /* no option: the head alone has a joint stage too */
} fs_finetune_recipe;

extern const fs_option fs_finetune_recipe_options[];

/* The first four are those of fs_freeze. */
typedef enum fs_finetune_policy {
    FS_POLICY_HEAD,
    FS_POLICY_LOW,
    FS_POLICY_HIGH,
    FS_POLICY_NONE,
    FS_POLICY_SCRATCH,
    FS_POLICIES
} fs_finetune_policy;
const char *fs_finetune_policy_name(fs_finetune_policy policy); /* "head" */
/* "head,low": each at most once; wanted [FS_POLICIES]. Errors name the word. */
fs_status fs_finetune_policies_parse(bool *wanted, const char *text, fs_error *err);

/* The recipe of a policy in a comparison: the same joint epochs for all of them. */
fs_finetune_recipe fs_finetune_recipe_of(const fs_finetune_recipe *recipe, fs_finetune_policy policy);

/* Everything but where the run goes, how many threads it has and whether it resumes. */
void fs_finetune_recipe_plan(fs_finetune_settings *out, const fs_finetune_recipe *recipe, int head_input,
                             uint64_t seed);

#endif
