#include <string.h>

#include "app/training_run_private.h"
#include "base/alloc.h"

static void forget(fs_training_past *past) {
    fs_free(past->weights);
    fs_free(past->optimiser);
    past->weights = past->optimiser = NULL;
}

void fs_training_past_free(fs_training_past *past) {
    forget(past);
    *past = (fs_training_past){0};
}

int fs_training_past_best(const fs_training_run *run) {
    int best = -1;
    for (int i = run->n_past - 1; i >= 0 && run->past[i].stage == run->past[run->n_past - 1].stage; i--) {
        const fs_training_past *p = &run->past[i];
        /* of equal ones the earliest, as finetune has it */
        if (p->weights && p->row >= 0 &&
            (best < 0 || !fs_finetune_better(&run->rows[run->past[best].row], &run->rows[p->row])))
            best = i;
    }
    return best;
}

static size_t bytes_of(const fs_training_past *past) {
    return past->weights ? (size_t)(past->numbers + past->optimiser_count) * sizeof(float) : 0;
}

static void make_room(fs_training_run *run) {
    const int best = fs_training_past_best(run);
    size_t bytes = 0;
    for (int i = 0; i < run->n_past; i++)
        bytes += bytes_of(&run->past[i]);
    for (int i = 0; i + 2 < run->n_past && bytes > FS_TRAINING_UNDO_BYTES; i++) {
        if (i == best)
            continue;
        bytes -= bytes_of(&run->past[i]);
        forget(&run->past[i]);
    }
}

static fs_status copy_state(fs_training_run *run, fs_training_past *past, fs_error *err) {
    past->numbers = run->trainable.numbers;
    past->weights = fs_alloc_array((size_t)past->numbers + 1, sizeof(float));
    if (!past->weights)
        return fs_fail_memory(err, "a copy of the weights");
    fs_trainable_take(&run->trainable, run->model, past->weights);
    if (!run->trainer) /* a stage that has not begun: its optimiser knows nothing yet */
        return FS_OK;
    fs_optimiser *optimiser = fs_trainer_optimiser(run->trainer);
    const float *state = fs_optimiser_state(optimiser, &past->optimiser_count);
    past->optimiser_steps = fs_optimiser_steps(optimiser);
    past->optimiser = fs_alloc_array((size_t)past->optimiser_count + 1, sizeof(float));
    if (!past->optimiser)
        return fs_fail_memory(err, "a copy of the optimiser");
    memcpy(past->optimiser, state, (size_t)past->optimiser_count * sizeof(float));
    return FS_OK;
}

fs_status fs_training_past_push(fs_training_run *run, int stage, int epoch, int row, fs_error *err) {
    fs_training_past past = {.stage = stage, .epoch = epoch, .row = row};
    const size_t size = (size_t)run->n_past * sizeof past;
    fs_training_past *grown = fs_realloc(run->past, size, size + sizeof past);
    if (!grown)
        return fs_fail_memory(err, "the epochs so far");
    run->past = grown;
    fs_status status = copy_state(run, &past, err);
    if (status != FS_OK) {
        forget(&past);
        return status;
    }
    run->past[run->n_past++] = past;
    make_room(run);
    return FS_OK;
}

void fs_training_past_restore(fs_training_run *run) {
    const fs_training_past *past = &run->past[run->n_past - 1];
    fs_trainable_put(&run->trainable, run->model, past->weights);
    if (!run->trainer)
        return;
    int64_t count;
    float *state = fs_optimiser_state(fs_trainer_optimiser(run->trainer), &count);
    if (past->optimiser)
        memcpy(state, past->optimiser, (size_t)count * sizeof *state);
    else
        memset(state, 0, (size_t)count * sizeof *state);
    fs_optimiser_set_steps(fs_trainer_optimiser(run->trainer), past->optimiser_steps);
    fs_trainer_weights_changed(run->trainer);
}
