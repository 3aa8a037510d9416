/* What the files of the trainer share:
 *
 *     trainer.c           life, batches and steps, epochs
 *     trainer_features.c  features that are computed once
 *     trainer_share.c     what one of several processes does of a batch
 */
#ifndef FS_ENGINE_TRAIN_TRAINER_PRIVATE_H
#define FS_ENGINE_TRAIN_TRAINER_PRIVATE_H

#include "engine/plan.h"
#include "engine/train/loader.h"
#include "engine/train/trainer.h"

/* Features of pictures at one value of the graph. Of several processes each has those of every n-th. */
typedef struct fs_features {
    float *data; /* [fs_share_slots][count] */
    int64_t count;
    bool *ready; /* [pictures], on any process */
    bool *seen;  /* [pictures]: ready, or not to be read */
} fs_features;

/* Sums over pictures. */
typedef struct fs_trainer_sums {
    double loss;
    int hits, pictures;
} fs_trainer_sums;

/* What this process does of the runs of an epoch. */
typedef struct fs_share {
    int *items; /* [n]: its pictures, run by run */
    int n;
    bool *problems;         /* [pictures], for telling others what cannot be read; NULL alone */
    fs_trainer_sums *notes; /* [processes] */
    float *part;            /* of the batch's gradients, see fs_cluster_part; NULL alone */
} fs_share;

struct fs_trainer {
    fs_model *model;
    fs_pictures *pictures;
    const fs_dataset *dataset;
    const fs_trainable *trainable;
    fs_trainer_settings settings;
    fs_augment_settings augment;
    fs_pool *pool;
    fs_plan *plan; /* from the image, or from the kept features, to the class scores */
    int micro;     /* pictures of one run */
    int classes;
    int64_t input_floats; /* of one picture, where the plan starts */
    bool keeps;
    fs_features features;
    fs_optimiser *optimiser;
    float **gradients; /* [weights], sums over the batch */
    float *gradient_block;
    int *order;
    fs_share share;
};

/* Whether features may be kept: they do not change and there is room for all. Then their shape. */
fs_status fs_features_plan(fs_trainer *trainer, bool *keep, fs_shape *shape, fs_error *err);
fs_status fs_features_allocate(fs_trainer *trainer, int64_t count, fs_error *err);
/* Computes those of the listed pictures that are not there yet. */
fs_status fs_features_fill(fs_trainer *trainer, const int *items, int n, const fs_trainer_watch *watch,
                           fs_error *err);
void fs_features_free(fs_features *features);

/* A plan of the model's graph from `start` to `output`; fewer pictures at a time where the graph insists. */
fs_status fs_trainer_plan(fs_plan **out, const fs_trainer *trainer, int start, fs_shape shape, int output,
                          bool gradients, fs_error *err);
void fs_trainer_report(const fs_trainer_watch *watch, int done, double value);

/* ---- shares: trainer_share.c ---- */

/* Whether runs are dealt out: there are several processes, and features are not kept. */
bool fs_share_splits(const fs_trainer *trainer);
/* Whose features this process keeps, and where; how many they are at most. */
bool fs_share_keeps(const fs_trainer *trainer, int item);
int fs_share_slot(const fs_trainer *trainer, int item);
int fs_share_slots(const fs_trainer *trainer);

fs_status fs_share_create(fs_trainer *trainer, fs_error *err);
void fs_share_free(fs_share *share);
/* Deals out order[n], batch by batch: those of this process, or all where runs are not dealt out. */
void fs_share_deal(fs_trainer *trainer, const int *order, int n, int batch);
/* Of a batch's n pictures: how many rounds of runs they are, and whether this process has a run in one. */
int fs_share_rounds(const fs_trainer *trainer, int n);
bool fs_share_has_run(const fs_trainer *trainer, int n, int round);

/* ---- meetings ---- */

/* Status and sums of all processes together. */
fs_status fs_share_meet(fs_trainer *trainer, fs_status status, fs_trainer_sums *sums, fs_error *err);
/* The gradients of a round join the batch's, run by run; in the end everybody has the batch's. */
void fs_share_begin_gradients(fs_trainer *trainer);
fs_status fs_share_add_gradients(fs_trainer *trainer, fs_error *err);
fs_status fs_share_end_gradients(fs_trainer *trainer, fs_error *err);
/* All know afterwards which pictures cannot be read. */
void fs_share_problems(fs_trainer *trainer);

#endif
