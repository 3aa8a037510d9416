/* What a training run needs to go on: weights, the best ones so far, the optimiser's state and the rows of
 * the log. Random numbers depend on seed, stage and epoch alone, so their position is part of these.
 *
 *     fs_checkpoint_write("out/checkpoint.bin", &state, &err);
 *     fs_checkpoint_read(&state, "out/checkpoint.bin", &err);  ...  fs_checkpoint_free(&state);
 *
 * The format is in docs/formats.md. A file is complete or absent; reading trusts no byte of it. After reading
 * the state owns everything it points to; for writing it borrows. */
#ifndef FS_ENGINE_TRAIN_CHECKPOINT_H
#define FS_ENGINE_TRAIN_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { FS_CHECKPOINT_MAX_ROWS = 1000000, FS_CHECKPOINT_MAX_TENSORS = 400000 };

/* A line of the log: one epoch. */
typedef struct fs_log_row {
    int stage, epoch; /* from 0; from 1 in its stage */
    int64_t step;     /* of the whole run */
    double seconds;   /* since it began, pauses between runs not counted */
    double train_loss, train_accuracy, val_loss, val_accuracy, rate;
} fs_log_row;

typedef struct fs_checkpoint_tensor {
    const char *name;
    int64_t count;
} fs_checkpoint_tensor;

typedef struct fs_checkpoint {
    fs_arena *arena;      /* NULL in one that is to be written */
    uint64_t fingerprint; /* of data, network and settings */
    int stage, epoch;     /* epochs of the stage that are done */
    int waited;           /* of them, since the best one */
    int best_row;         /* -1: none yet */
    int64_t optimiser_steps;
    fs_log_row *rows;
    int n_rows;
    fs_checkpoint_tensor *tensors; /* the weights of the stage */
    int n_tensors;
    int64_t numbers; /* in all of them */
    float *weights, *best, *optimiser;
    int64_t optimiser_count;
} fs_checkpoint;

fs_status fs_checkpoint_write(const char *path, const fs_checkpoint *state, fs_error *err);
fs_status fs_checkpoint_read(fs_checkpoint *out, const char *path, fs_error *err);
void fs_checkpoint_free(fs_checkpoint *state);

#endif
