/* The worker's jobs for one picture that the user brings along.
 *
 *     fs_inspect_request request = {.kind = FS_INSPECT_READ, .model = model, .path = "cat.jpg"};
 *     generation = fs_worker_inspect(worker, &request);
 *     ... its event's inspection is kept, and from then on:
 *     request = (fs_inspect_request){.kind = FS_INSPECT_PREDICT, .model = model, .picture = read,
 *                                    .covered = &occlusion};
 *
 * Gives FS_EVENT_INSPECTION or FS_EVENT_FAILED; attributions tell their FS_EVENT_PROGRESS before. Reading and
 * predicting have the place of a view, the rest that of a panel: one of each kind at a time, a newer one
 * takes the place of the one before. A prediction costs one pass through the network: its plan stays with the
 * worker until another model is loaded or looked at. Requests are copied; model and picture are kept. */
#ifndef FS_APP_WORKER_INSPECT_H
#define FS_APP_WORKER_INSPECT_H

#include "app/occlusion.h"
#include "app/worker.h"
#include "viz/attribution.h"

typedef struct fs_inspect_request {
    fs_inspect_kind kind;
    fs_shared_model *model;
    const char *path;            /* of the picture to read, or of the folder */
    fs_inspection *picture;      /* what reading gave, for this model; of all other kinds */
    const fs_occlusion *covered; /* of the picture; NULL: nothing */
    int layer;                   /* whose maps are wanted */
    int method, class_index;     /* fs_attribution_method; what it explains */
} fs_inspect_request;

uint64_t fs_worker_inspect(fs_worker *worker, const fs_inspect_request *request); /* 0: memory was short */
/* Whatever is in the place of such a job. */
void fs_worker_stop_inspect(fs_worker *worker, fs_inspect_kind kind);

#endif
