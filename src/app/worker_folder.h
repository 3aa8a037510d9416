/* Exports that fill a folder: an atlas of a layer or of the network, a Gabor report. They take minutes, and
 * so have a thread of their own, one after the other, while the rest of the worker goes on.
 *
 *     fs_folder_request request = {.model = model, .what = FS_FOLDER_ATLAS_LAYER, .layer = 3, .folder =
 * "out"}; generation = fs_worker_fill_folder(worker, &request); fs_worker_stop_folders(worker); // what is
 * finished stays
 *
 * Gives FS_EVENT_PROGRESS, then FS_EVENT_SAVED with the folder's path, or FS_EVENT_FAILED, which has the code
 * FS_ERROR_CANCELLED after fs_worker_stop_folders. An atlas that the folder holds is gone on with where it is
 * of the same model and settings; otherwise "out" becomes "out-2", "out-3" and so on, and nothing is
 * overwritten. All files are written under a temporary name and renamed. The request is copied; the model is
 * kept. */
#ifndef FS_APP_WORKER_FOLDER_H
#define FS_APP_WORKER_FOLDER_H

#include "app/worker.h"

typedef enum fs_folder_kind {
    FS_FOLDER_ATLAS_LAYER,
    FS_FOLDER_ATLAS_NETWORK,
    FS_FOLDER_GABOR
} fs_folder_kind;

typedef struct fs_folder_request {
    fs_shared_model *model;
    fs_folder_kind what;
    int layer; /* index, of an atlas of one */
    const char *folder;
    uint64_t seed;
} fs_folder_request;

uint64_t fs_worker_fill_folder(fs_worker *worker, const fs_folder_request *request); /* 0: memory was short */
void fs_worker_stop_folders(fs_worker *worker); /* the running one and those that wait */

#endif
