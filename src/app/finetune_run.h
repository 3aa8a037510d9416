/* One training run from its recipe to the files of its folder: a new head, the stages, the report.
 *
 *     const fs_finetune_scene scene = {.data = "hymenoptera", .dataset = dataset, .pictures = pictures, ...};
 *     fs_finetune_run_recipe(&outcome, model, &recipe, "out", &scene, &err);
 *     fs_finetune_outcome_free(&outcome);
 *
 * `finetune` and its comparison of policies both train by this function, and so may whatever else has a model
 * and pictures. It prints nothing: the watch says what there is to show. */
#ifndef FS_APP_FINETUNE_RUN_H
#define FS_APP_FINETUNE_RUN_H

#include "app/finetune_recipe.h"

/* A stage that begins. */
typedef struct fs_finetune_stage_note {
    const fs_finetune_stage *stage;
    const char *head;     /* the layer that the new head was put on */
    int64_t trained, all; /* weights that learn in it, and those of the network */
    bool keeps_features;
    int runs; /* of the network in a batch: so many processes have something to do */
} fs_finetune_stage_note;

/* All members may be NULL. */
typedef struct fs_finetune_listener {
    const fs_progress *progress;
    void *context;
    void (*stage)(void *context, const fs_finetune_stage_note *note);
    void (*epoch)(void *context, const fs_log_row *row, bool best);
} fs_finetune_listener;

/* What the runs of a comparison share; borrowed. */
typedef struct fs_finetune_scene {
    const char *data; /* what the pictures are called */
    const fs_dataset *dataset;
    fs_pictures *pictures;
    fs_pool *pool;
    int threads;
    uint64_t seed;
    bool resume, keep_epochs;
    fs_cluster *cluster; /* processes that train together; NULL: this one alone */
    const fs_finetune_listener *listener;
} fs_finetune_scene;

typedef struct fs_finetune_outcome {
    fs_finetune_settings plan; /* borrows from the recipe and the name of the folder */
    fs_finetune_result result;
    int64_t trained, all; /* weights of the last stage, and of the network */
    int pictures;         /* validated on */
    double loss, accuracy, top5;
} fs_finetune_outcome;

/* The model is changed: in the end it has the best weights. A run that was stopped leaves its curves behind
 * and gives FS_ERROR_CANCELLED. */
fs_status fs_finetune_run_recipe(fs_finetune_outcome *out, fs_model *model, const fs_finetune_recipe *recipe,
                                 const char *output, const fs_finetune_scene *scene, fs_error *err);
void fs_finetune_outcome_free(fs_finetune_outcome *outcome); /* a zeroed one is fine */

#endif
