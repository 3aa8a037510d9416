/* Transfer learning behind the window.
 *
 *     fs_training_request request = {.model = model, .settings = settings};
 *     generation = fs_worker_train(worker, &request);
 *     fs_worker_training_command(worker, FS_TRAINING_PAUSE);
 *     fs_worker_training_save(worker, "models");
 *
 * Training has a thread of its own beside the worker's, with its own copy of the network and its own pool, so
 * that walls and channels of the network as it was go on and a pause, which holds a half-finished epoch,
 * keeps nobody else waiting. The thread is made by the first request and ends with the worker: commands are
 * flags that it reads between steps, stopping ones are seen between the nodes of the network. It renders the
 * filters that moved itself, between epochs.
 *
 * Events have the kind FS_WORKER_TRAINING: FS_EVENT_TRAINING, each with all there is to know, at most 15 a
 * second; FS_EVENT_SAVED; FS_EVENT_FAILED for what did not work while the run goes on. A run that cannot
 * begin says so in its news. Requests are copied; nothing here waits. */
#ifndef FS_APP_WORKER_TRAINING_H
#define FS_APP_WORKER_TRAINING_H

#include "app/worker.h"

typedef struct fs_training_request {
    fs_shared_model *model; /* its file is read once more */
    fs_training_settings settings;
    bool step; /* pause after the first epoch */
} fs_training_request;

/* Takes the place of the run before it. Returns its generation; 0: memory was short. */
uint64_t fs_worker_train(fs_worker *worker, const fs_training_request *request);

typedef enum fs_training_command {
    FS_TRAINING_PAUSE, /* after the step that is running */
    FS_TRAINING_CONTINUE,
    FS_TRAINING_STEP, /* to the end of this epoch, or of the next where none is under way */
    FS_TRAINING_STOP, /* the best epoch stays */
    FS_TRAINING_UNDO, /* the epoch under way, or else the last one, never happened; then a pause */
    FS_TRAINING_FORGET
} fs_training_command;
void fs_worker_training_command(fs_worker *worker, fs_training_command command);

/* The best epoch so far, into a folder; training_run.h says under which name. */
void fs_worker_training_save(fs_worker *worker, const char *folder);
/* Whose filters are looked at from now on; NULL: of all layers. */
void fs_worker_training_layer(fs_worker *worker, const char *layer);

#endif
