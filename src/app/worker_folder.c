#include "app/worker_folder.h"

#include "app/folder_thread.h"
#include "app/worker_private.h"

uint64_t fs_worker_fill_folder(fs_worker *worker, const fs_folder_request *request) {
    const fs_folder_thread_options options = {
        .events = worker->events, .threads = worker->options.threads, .niceness = worker->options.niceness};
    if (worker->folders == NULL && fs_folder_thread_create(&worker->folders, &options, NULL) != FS_OK)
        return 0;
    return fs_folder_thread_put(worker->folders, request);
}

void fs_worker_stop_folders(fs_worker *worker) {
    if (worker->folders != NULL)
        fs_folder_thread_stop(worker->folders);
}
