/* Transfer learning as a recipe: a new head on a trained network, the head trained while everything below it
 * rests, then chosen layers trained with it at a low rate.
 *
 *     fs_finetune_prepare(&head_input, model, dataset, 0, seed, &err);       // the new head, its labels
 *     fs_finetune_settings settings = {.output = "out", .n_stages = 2, .stages = {...}, ...};
 *     fs_finetune_run(&result, model, pictures, dataset, &settings, pool, &watch, &err);
 *     fs_finetune_result_free(&result);
 *
 * In the folder `output` after each epoch: checkpoint.bin, log.csv, and where the epoch was the best so far
 * best.onnx with its sidecar. The best epoch has the highest validation accuracy, of several the lowest loss;
 * each stage starts from the best weights, and the model has them in the end. A run that is killed goes on
 * from its last epoch with `resume` and ends as if it had not been; only the column of seconds differs.
 *
 * One thread at a time; everything given is borrowed, the model's weights are changed in place. With
 * processes of a cluster (trainer.cluster) fs_finetune_run is a meeting: all read the checkpoint that there
 * may be, rank 0 writes, and each has the same result. */
#ifndef FS_ENGINE_TRAIN_FINETUNE_H
#define FS_ENGINE_TRAIN_FINETUNE_H

#include "engine/train/checkpoint.h"
#include "engine/train/trainer.h"

enum { FS_FINETUNE_MAX_STAGES = 4 };

typedef struct fs_finetune_stage {
    const char *name; /* "head" */
    fs_trainable_choice choice;
    int epochs;
    double rate;
    bool augment;
} fs_finetune_stage;

typedef struct fs_finetune_settings {
    const char *output;
    fs_finetune_stage stages[FS_FINETUNE_MAX_STAGES]; /* each trains at least what the one before did */
    int n_stages;
    fs_trainer_settings trainer; /* the stage decides about augmentation */
    fs_augment_settings augment;
    fs_schedule_kind schedule;
    double warm_up, period; /* epochs */
    double gamma;
    int patience; /* a stage ends after so many epochs that were no better; 0: never early */
    bool resume;
    bool keep_epochs; /* the network of each epoch too: epoch-STAGE-N.onnx with its sidecar */
} fs_finetune_settings;

/* All members may be NULL. */
typedef struct fs_finetune_watch {
    const fs_progress *progress;
    void *context;
    void (*stage)(void *context, int stage, const fs_trainable *trainable, const fs_trainer *trainer);
    void (*epoch)(void *context, const fs_log_row *row, bool best);
} fs_finetune_watch;

typedef struct fs_finetune_result {
    fs_log_row *rows;
    int n_rows, best;     /* a row; -1: none was finished */
    bool stopped;         /* on request: the model has the best weights, and there are no probabilities */
    float *probabilities; /* [val.n][classes] of the best weights, see fs_trainer_evaluate */
} fs_finetune_result;

/* Where the classifier begins, a new one for the classes there (`hidden` units in between, 0: none), and its
 * labels. The last layer starts with zeros: a linear classifier has one minimum, and features may be so large
 * that random scores would be far off. */
fs_status fs_finetune_prepare(int *head_input, fs_model *model, const fs_dataset *dataset, int hidden,
                              uint64_t seed, fs_error *err);

/* The schedule of a stage, and the order of epochs (best: NULL for none yet), for who drives a trainer alone.
 */
fs_schedule fs_finetune_schedule(const fs_finetune_settings *settings, int stage, int64_t steps_per_epoch);
bool fs_finetune_better(const fs_log_row *row, const fs_log_row *best);

/* Whether there is a checkpoint in the folder. */
bool fs_finetune_exists(const char *output);

fs_status fs_finetune_run(fs_finetune_result *out, fs_model *model, fs_pictures *pictures,
                          const fs_dataset *dataset, const fs_finetune_settings *settings, fs_pool *pool,
                          const fs_finetune_watch *watch, fs_error *err);
void fs_finetune_result_free(fs_finetune_result *result);

#endif
