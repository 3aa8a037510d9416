/* The worker's jobs on what the Gabor view has found out: what becomes of a picture's classes when the fits
 * stand in the place of the kernels, and a kernel's card with the parameters of all as files.
 *
 *     fs_substitute_request request = {.model = model, .study = study, .kernel = 17, .images =
 * "photographs"}; generation = fs_worker_substitute(worker, &request);
 *
 * A substitution gives FS_EVENT_SUBSTITUTED or FS_EVENT_FAILED; it has the place of a panel. The weights are
 * changed in a model of its own, read again from the file, so that nobody else ever sees them. An export
 * gives FS_EVENT_SAVED or FS_EVENT_FAILED and overwrites nothing. Requests are copied; model and study are
 * kept. */
#ifndef FS_APP_WORKER_SUBSTITUTE_H
#define FS_APP_WORKER_SUBSTITUTE_H

#include "app/worker.h"

enum { FS_SUBSTITUTE_DRAWN = 1000 }; /* pictures of the picture world that there are to choose from */

typedef struct fs_substitute_request {
    fs_shared_model *model;
    fs_kernel_study *study; /* of weights, not effective kernels */
    int kernel;             /* -1: all */
    const char *images;     /* folder to take the picture from; empty: it is drawn */
    int index;              /* of the picture there; any number, they go round */
} fs_substitute_request;
uint64_t fs_worker_substitute(fs_worker *worker, const fs_substitute_request *request);

typedef struct fs_kernel_export_request {
    fs_shared_model *model;
    fs_kernel_study *study;
    int kernel;
    const char *card; /* "gabor-17.png" */
    const char *fits; /* "fits.csv" */
} fs_kernel_export_request;
uint64_t fs_worker_export_kernel(fs_worker *worker, const fs_kernel_export_request *request);

#endif
