#include "app/worker_training.h"

#include "app/worker_private.h"

uint64_t fs_worker_train(fs_worker *worker, const fs_training_request *request) {
    const fs_training_thread_options options = {
        .events = worker->events, .threads = worker->options.threads, .niceness = worker->options.niceness};
    const uint64_t generation = worker->trainings + 1;
    if (worker->training == NULL && fs_training_thread_create(&worker->training, &options, NULL) != FS_OK)
        return 0;
    if (fs_training_thread_begin(worker->training, request, generation, NULL) != FS_OK)
        return 0;
    worker->trainings = generation;
    return generation;
}

void fs_worker_training_command(fs_worker *worker, fs_training_command command) {
    if (worker->training != NULL)
        fs_training_thread_command(worker->training, command);
}

void fs_worker_training_save(fs_worker *worker, const char *folder) {
    if (worker->training != NULL)
        (void)fs_training_thread_save(worker->training, folder, NULL);
}

void fs_worker_training_layer(fs_worker *worker, const char *layer) {
    if (worker->training != NULL)
        fs_training_thread_layer(worker->training, layer);
}
