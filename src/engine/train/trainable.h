/* Which weights of a network are trained, and how fast.
 *
 *     fs_trainable_choice choice = {.head_input = from, .freeze = FS_FREEZE_LOW, .depth_decay = 1};
 *     fs_trainable_choose(&trainable, model, &choice, &err);
 *
 * Weights are the constants of convolutions, linear layers, products, normalisations and of the biases added
 * to them. The mean and variance of batch normalisation are none: they stay as the file has them, in trained
 * layers too. The head's weights, all that lies above `head_input`, are always trained. Everything is owned
 * by the fs_trainable: fs_trainable_free. */
#ifndef FS_ENGINE_TRAIN_TRAINABLE_H
#define FS_ENGINE_TRAIN_TRAINABLE_H

#include "engine/model.h"

typedef enum fs_freeze {
    FS_FREEZE_HEAD, /* everything but the head: feature extraction */
    FS_FREEZE_LOW,  /* edges and textures */
    FS_FREEZE_HIGH, /* everything below parts and objects: the high level alone is trained */
    FS_FREEZE_NONE
} fs_freeze;

typedef struct fs_trainable_choice {
    int head_input; /* the value that the head was put on */
    fs_freeze freeze;
    const char *from;   /* instead: this layer with its parts and all that follows from it; NULL: not so */
    const char *layers; /* instead: these layers with their parts alone, "a,b,c"; NULL: not so */
    double depth_decay; /* rate of objects, parts, ... edges: 1, this, its square ... times smaller each */
} fs_trainable_choice;

typedef struct fs_trainable {
    int *weights;  /* value numbers, in the order of computation */
    double *rates; /* of each, times the stage's rate */
    bool *decays;  /* whether weight decay holds: for kernels and matrices, not for biases and gains */
    int n;
    int64_t numbers; /* in all of them */
    int cut;         /* the last value that every way from the image passes and below which nothing is
                        trained: the image itself when there is none */
} fs_trainable;

fs_status fs_trainable_choose(fs_trainable *out, const fs_model *model, const fs_trainable_choice *choice,
                              fs_error *err);
void fs_trainable_free(fs_trainable *trainable);

/* The chosen weights of the model one behind the other, [numbers], and back. Plans must be told. */
void fs_trainable_take(const fs_trainable *trainable, const fs_model *model, float *to);
void fs_trainable_put(const fs_trainable *trainable, fs_model *model, const float *from);

#endif
