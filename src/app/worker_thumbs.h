/* The worker's job for thumbnails of channels here and there, in the order given: neighbours of the channel
 * that is looked at.
 *
 *     fs_thumbs_request request = {.model = model, .items = items, .n_items = 12};
 *     generation = fs_worker_thumbs(worker, &request);
 *
 * Gives an FS_EVENT_PICTURE for each while it sharpens, then FS_EVENT_DONE. What cannot be rendered is passed
 * over. It has the place of a panel: a newer panel takes it away. The request is copied; the model is kept.
 */
#ifndef FS_APP_WORKER_THUMBS_H
#define FS_APP_WORKER_THUMBS_H

#include "app/worker.h"

typedef struct fs_thumb_item {
    int layer;                   /* index into the model's layers */
    fs_render_settings settings; /* with the channel */
} fs_thumb_item;

typedef struct fs_thumbs_request {
    fs_shared_model *model;
    const fs_thumb_item *items;
    int n_items;
} fs_thumbs_request;

uint64_t fs_worker_thumbs(fs_worker *worker, const fs_thumbs_request *request); /* 0: memory was short */

#endif
