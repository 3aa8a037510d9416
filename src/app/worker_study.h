/* The worker's job for the Gabor view: fits of all kernels of a layer.
 *
 *     fs_study_request request = {.model = model, .layer = fs_study_layer(model->model, false), .null_fits =
 * 200}; generation = fs_worker_study(worker, &request);
 *
 * Gives FS_EVENT_PROGRESS, then FS_EVENT_STUDY, or FS_EVENT_FAILED. It has the place of a panel: a newer
 * study or panel takes it away. The request is copied; the model is kept. */
#ifndef FS_APP_WORKER_STUDY_H
#define FS_APP_WORKER_STUDY_H

#include "app/worker.h"

typedef struct fs_study_request {
    fs_shared_model *model;
    int layer;
    bool effective; /* the gradients of its units at mid-grey instead of its weights */
    int null_fits;
    uint64_t seed; /* of the null */
} fs_study_request;

/* The layer to study: the first convolution; or the first whose units see enough pixels for a fit, but not
 * the whole picture, for effective kernels. -1: there is none. */
int fs_study_layer(const fs_model *model, bool effective);

uint64_t fs_worker_study(fs_worker *worker, const fs_study_request *request); /* 0: memory was short */
void fs_worker_stop_study(fs_worker *worker);

#endif
