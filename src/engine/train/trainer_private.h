/* What the files of the trainer share:
 *
 *     trainer.c           life, batches and steps, epochs
 *     trainer_features.c  features that are computed once
 */
#ifndef FS_ENGINE_TRAIN_TRAINER_PRIVATE_H
#define FS_ENGINE_TRAIN_TRAINER_PRIVATE_H

#include "engine/plan.h"
#include "engine/train/loader.h"
#include "engine/train/trainer.h"

/* Features of all pictures at one value of the graph. */
typedef struct fs_features {
    float *data; /* [pictures][count] */
    int64_t count;
    bool *ready; /* [pictures] */
    bool *seen;  /* [pictures]: ready, or not to be read */
} fs_features;

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

#endif
