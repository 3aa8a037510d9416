/* The worker's jobs for the panels beside a channel. One is computed at a time, in turn with the picture that
 * grows; a newer request takes the place of the one before.
 *
 *     fs_panel_request request = fs_panel_request_default(FS_PANEL_TUNING, model, layer, channel);
 *     generation = fs_worker_panel(worker, &request);
 *
 * Gives FS_EVENT_PROGRESS, then FS_EVENT_PANEL (variants: one after another while they grow) and
 * FS_EVENT_DONE, or FS_EVENT_FAILED. The request is copied; the model is kept. */
#ifndef FS_APP_WORKER_PANEL_H
#define FS_APP_WORKER_PANEL_H

#include "app/worker.h"
#include "viz/attribution.h"
#include "viz/examples.h"

typedef struct fs_panel_request {
    fs_panel_kind kind;
    fs_shared_model *model;
    int layer, channel;
    fs_render_settings settings;          /* of the variants, with their number */
    char images[FS_OPTION_TEXT_SIZE];     /* folder of the examples */
    char photograph[FS_OPTION_TEXT_SIZE]; /* for attribution and activations */
    int which;                            /* fs_examples_which */
    double threshold;                     /* NaN: the usual one */
    int top;                              /* examples to show */
    int method;                           /* fs_attribution_method */
    bool explain_class;                   /* the likeliest one, rather than the channel */
} fs_panel_request;

fs_panel_request fs_panel_request_default(fs_panel_kind kind, fs_shared_model *model, int layer, int channel);

uint64_t fs_worker_panel(fs_worker *worker, const fs_panel_request *request); /* 0: memory was short */
void fs_worker_stop_panel(fs_worker *worker);

#endif
