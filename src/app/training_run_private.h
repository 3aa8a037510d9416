/* What the files of a watched training run share:
 *
 *     training_run.c   the recipe, its epochs, the way back
 *     training_past.c  weights and optimiser as they were, and the best of them
 *     training_save.c  the model on disk
 */
#ifndef FS_APP_TRAINING_RUN_PRIVATE_H
#define FS_APP_TRAINING_RUN_PRIVATE_H

#include "app/training_run.h"

/* The weights of a stage when it began (epoch 0), or after one of its epochs. */
typedef struct fs_training_past {
    int stage, epoch;
    int row;        /* of the log, that says how good they are; -1: nobody knows */
    float *weights; /* NULL: forgotten, for others to have room */
    float *optimiser;
    int64_t numbers, optimiser_count, optimiser_steps;
} fs_training_past;

struct fs_training_run {
    fs_model *model;
    fs_pool *pool;
    fs_dataset *dataset;
    fs_pictures *pictures;
    int head_input;
    char *layers;
    fs_finetune_settings plan;
    fs_trainable trainable; /* of the stage on top of the past */
    fs_trainer *trainer;    /* NULL: not made yet */
    fs_training_past *past; /* the newest last */
    int n_past;
    fs_log_row *rows;
    int n_rows;
};

/* The model's weights as they are now, on top. */
fs_status fs_training_past_push(fs_training_run *run, int stage, int epoch, int row, fs_error *err);
void fs_training_past_free(fs_training_past *past);
/* Weights and optimiser as the top has them. */
void fs_training_past_restore(fs_training_run *run);
/* The best of the stage on top that are still there; -1: none. */
int fs_training_past_best(const fs_training_run *run);

#endif
