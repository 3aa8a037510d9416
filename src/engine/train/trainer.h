/* Trains chosen weights of a model on a data set: one epoch, one evaluation at a time.
 *
 *     fs_trainer_create(&trainer, model, pictures, &trainable, &settings, pool, &err);
 *     fs_trainer_epoch(trainer, stream, &schedule, &watch, &result, &err);     // every picture once
 *     fs_trainer_evaluate(trainer, probabilities, &watch, &result, &err);
 *
 * A step is taken for each `batch` of pictures, which run `micro_batch` at a time; gradients add up. Nothing
 * below the lowest trained weight is differentiated. Where pictures are not augmented and the features below
 * it fit the memory given, they are computed once and kept, so that an epoch runs what is trained alone.
 *
 * Batch normalisation uses the statistics of the file, in trained layers too, and there is no dropout (a
 * network's Dropout nodes do nothing). The model's constants are changed in place; model, pictures, trainable
 * and pool are borrowed. Results depend on the seed and the number of threads alone. One thread at a time.
 *
 * Processes of a cluster train together (data parallel): the runs of every batch are dealt out, gradients are
 * added up over all of them in the order of runs, and each process takes the same step on its own copy of the
 * weights: to the bit the step of a process alone. As normalisation uses no statistics of the batch there are
 * none to share. Kept features are split, each process computes and has those of every n-th picture; they are
 * brought together for each step, which all take. Creating a trainer, an epoch and an evaluation are
 * meetings. */
#ifndef FS_ENGINE_TRAIN_TRAINER_H
#define FS_ENGINE_TRAIN_TRAINER_H

#include "base/pool.h"
#include "base/progress.h"
#include "cluster/cluster.h"
#include "engine/train/optimiser.h"
#include "engine/train/pictures.h"
#include "engine/train/schedule.h"
#include "engine/train/trainable.h"

typedef struct fs_trainer_settings {
    int batch, micro_batch; /* pictures of a step; of one run of the network, 0: as many as work well */
    int threads;            /* that make pictures ready, 0: one per core */
    fs_optimiser_settings optimiser;
    double smoothing;                   /* of the labels */
    const fs_augment_settings *augment; /* NULL: none */
    size_t feature_bytes; /* memory of a process for features that do not change; 0: never keep them */
    bool direct_sums;     /* see fs_plan_request */
    uint64_t seed;
    fs_cluster *cluster; /* NULL: this process alone */
} fs_trainer_settings;

fs_trainer_settings fs_trainer_defaults(void); /* batches of 32, SGD, no augmentation, 1 GiB */

/* Means over the pictures that could be read. */
typedef struct fs_trainer_result {
    double loss, accuracy;
    int pictures;
    int64_t steps;
} fs_trainer_result;

/* Who watches, and the words and numbers to show for it. `before` and `total` are pictures of the whole work
 * that this call is a part of. */
typedef struct fs_trainer_watch {
    const fs_progress *progress;
    const char *label;
    double before, total, start; /* start: fs_seconds() when the whole began */
    fs_trainer_result *batch; /* gets the means of an epoch's last batch before each report; NULL: nobody */
} fs_trainer_watch;

typedef struct fs_trainer fs_trainer;

fs_status fs_trainer_create(fs_trainer **out, fs_model *model, fs_pictures *pictures,
                            const fs_dataset *dataset, const fs_trainable *trainable,
                            const fs_trainer_settings *settings, fs_pool *pool, fs_error *err);
void fs_trainer_destroy(fs_trainer *trainer); /* NULL is fine */

/* Whether the features below what is trained are kept. */
bool fs_trainer_keeps_features(const fs_trainer *trainer);
/* How many processes can do something at the same time in a step. */
int fs_trainer_runs_per_batch(const fs_trainer *trainer);
int64_t fs_trainer_steps_per_epoch(const fs_trainer *trainer);
fs_optimiser *fs_trainer_optimiser(fs_trainer *trainer);

/* All training pictures in an order that the seed and `stream` give. The rate is the schedule's at the number
 * of the optimiser's step. FS_ERROR_DIVERGED when the loss is no number any more. */
fs_status fs_trainer_epoch(fs_trainer *trainer, uint64_t stream, const fs_schedule *schedule,
                           const fs_trainer_watch *watch, fs_trainer_result *out, fs_error *err);

/* The validation pictures: probabilities [val.n][classes] (may be NULL); the first is negative where the
 * picture could not be read. The loss is without smoothing. */
fs_status fs_trainer_evaluate(fs_trainer *trainer, float *probabilities, const fs_trainer_watch *watch,
                              fs_trainer_result *out, fs_error *err);

/* One step on n inputs [n][C,H,W] given by the caller; *loss is their mean before it. Afterwards the
 * gradients can be looked at. */
fs_status fs_trainer_step(fs_trainer *trainer, const float *inputs, const int *labels, int n, double rate,
                          double *loss, fs_error *err);
const float *fs_trainer_gradient(const fs_trainer *trainer, int weight); /* an index of the trainable */

/* To be called when the weights were changed by somebody else. */
void fs_trainer_weights_changed(fs_trainer *trainer);

#endif
