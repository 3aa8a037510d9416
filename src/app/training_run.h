/* Transfer learning that is watched: the recipe of engine/train/finetune.h one epoch at a time, with a way
 * back.
 *
 *     fs_training_run_create(&run, model, &settings, pool, &err);      // reads the folder, puts the new head
 * on while (!fs_training_run_finished(run)) fs_training_run_epoch(run, &watch, &err);
 *     fs_training_run_undo(run, &err);                                 // the last epoch never happened
 *     fs_training_run_save(run, "models", &path, &err);                // the best epoch so far
 *     fs_training_run_destroy(run);
 *
 * An epoch that was cancelled, or diverged, never happened either: weights and optimiser are as they were
 * before it. Random numbers depend on seed, stage and epoch alone, so an epoch that is done again after an
 * undo gives the same numbers. Weights and optimiser of past epochs are kept in memory,
 * FS_TRAINING_UNDO_BYTES at most: the oldest are forgotten first, never the best. A stage begins from the
 * best epoch so far, which the model has when the recipe is over.
 *
 * The model is borrowed and its weights are changed in place; the settings are copied. One thread at a time.
 * Between two epochs, and in the watch's report between two steps, the model may be looked at and saved. */
#ifndef FS_APP_TRAINING_RUN_H
#define FS_APP_TRAINING_RUN_H

#include "engine/train/finetune.h"

#define FS_TRAINING_UNDO_BYTES ((size_t)512 << 20)

typedef struct fs_training_settings {
    const char *data;   /* a folder as engine/train/dataset.h has it */
    fs_freeze freeze;   /* what the second stage trains; FS_FREEZE_HEAD: there is none */
    const char *layers; /* instead: these layers, "a,b,c"; NULL: not so */
    int head_epochs, joint_epochs;
    double head_rate, joint_rate; /* the highest; joint_rate 0: the recipe's */
    int threads;                  /* that read pictures; 0: one per core */
    uint64_t seed;
    int look_side, look_steps; /* of the renders of filters that moved; for who looks (training_observer.h) */
} fs_training_settings;

fs_training_settings fs_training_defaults(void); /* those of the command `finetune`; no folder */

typedef struct fs_training_run fs_training_run;

/* Errors name the folder, or the layer that cannot be trained. */
fs_status fs_training_run_create(fs_training_run **out, fs_model *model, const fs_training_settings *settings,
                                 fs_pool *pool, fs_error *err);
void fs_training_run_destroy(fs_training_run *run); /* NULL is fine */

/* The next epoch and its validation; at the end of a stage the first of the next one. watch: its label and
 * totals are filled in here. */
fs_status fs_training_run_epoch(fs_training_run *run, const fs_trainer_watch *watch, fs_error *err);
bool fs_training_run_finished(const fs_training_run *run);

bool fs_training_run_can_undo(const fs_training_run *run);
fs_status fs_training_run_undo(fs_training_run *run, fs_error *err);

/* The end of it: the model gets the best weights. Nothing happens where no epoch was finished. */
void fs_training_run_keep_best(fs_training_run *run);

/* Writes the best epoch as FOLDER/NAME-finetuned.onnx with sidecar and labels, or where one of these files is
 * there already as NAME-finetuned-2 and so on; fs_free(*path). FS_ERROR_NOT_FOUND before the first epoch. */
fs_status fs_training_run_save(fs_training_run *run, const char *folder, char **path, fs_error *err);

const fs_dataset *fs_training_run_dataset(const fs_training_run *run);
fs_pictures *fs_training_run_pictures(fs_training_run *run);
/* Of the stage that is running, or was last: how many there are, its number, its epochs done and wanted. */
typedef struct fs_training_place {
    int n_stages, stage, epoch, epochs;
    bool joint;              /* rather than the head alone */
    int64_t trained_weights; /* 0: none chosen yet */
} fs_training_place;
fs_training_place fs_training_run_place(const fs_training_run *run);
/* One row for each finished epoch, borrowed until the next call; *best: a row, -1 before the first. */
const fs_log_row *fs_training_run_rows(const fs_training_run *run, int *n, int *best);

#endif
