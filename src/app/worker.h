/* The thread behind the window: it loads models, renders and exports, and knows neither SDL nor Cairo.
 *
 *     fs_worker_options options = {.wake = post_an_event};
 *     fs_worker_create(&worker, &options, &err);
 *     fs_worker_load(worker, "squeezenet1_0.onnx");
 *     ... in the loop of the thread that draws, when woken:
 *     while (fs_worker_poll(worker, &event)) { ...; fs_event_release(&event); }
 *     fs_worker_destroy(worker);
 *
 * Requests are values, copied on the way in; a request returns its generation, which every event it causes
 * carries (0: memory was short). Nothing here waits except fs_worker_destroy, which ends within
 * FS_WORKER_GRACE seconds and a moment: renders stop at the next node, exports that were asked for are
 * written first. Requests may come from any one thread; `wake` is called on the worker's. */
#ifndef FS_APP_WORKER_H
#define FS_APP_WORKER_H

#include "app/event_queue.h"
#include "app/job_queue.h"

#define FS_WORKER_GRACE 0.4

typedef enum fs_worker_job {
    FS_WORKER_LOAD,
    FS_WORKER_VIEW,
    FS_WORKER_WALL,
    FS_WORKER_PANEL,
    FS_WORKER_STUDY,
    FS_WORKER_INSPECT,
    FS_WORKER_THUMBS,
    FS_WORKER_SUBSTITUTE,
    FS_WORKER_EXPORT,
    FS_WORKER_TRAINING,
    FS_WORKER_FOLDER,
    FS_WORKER_CLIPBOARD,
    FS_WORKER_OTHER
} fs_worker_job;

typedef struct fs_worker fs_worker;

typedef struct fs_worker_options {
    int threads;  /* 0: one per core */
    int niceness; /* added to the computing threads' own, so that the window stays quick */
    void (*wake)(void *context);
    void *wake_context;
    const char *cache_folder; /* where thumbnails are kept from run to run; NULL: nowhere. Copied */
} fs_worker_options;

fs_status fs_worker_create(fs_worker **out, const fs_worker_options *options, fs_error *err);
void fs_worker_destroy(fs_worker *worker);

/* Gives FS_EVENT_MODEL or FS_EVENT_FAILED. */
uint64_t fs_worker_load(fs_worker *worker, const char *path);

/* One channel at full size: a picture after every step, at most 30 a second, then FS_EVENT_DONE. Replaces the
 * view before it. */
typedef struct fs_view_request {
    fs_shared_model *model;
    int layer; /* index */
    fs_render_settings settings;
} fs_view_request;
uint64_t fs_worker_view(fs_worker *worker, const fs_view_request *request);
void fs_worker_stop_view(fs_worker *worker);
/* A paused view keeps everything and goes on where it was. A new view is never paused. */
void fs_worker_pause_view(fs_worker *worker, bool paused);

/* Thumbnails of one layer, a batch at a time in the order given; runs while nothing else does. Replaces the
 * wall before it, but a batch that still has a channel among the first n_urgent is carried on. */
typedef struct fs_wall_request {
    fs_shared_model *model;
    int layer;
    fs_render_settings settings; /* channel is ignored */
    int batch;                   /* channels rendered together */
    const int *channels;
    int n_channels;
    int n_urgent;
} fs_wall_request;
uint64_t fs_worker_wall(fs_worker *worker, const fs_wall_request *request);
void fs_worker_stop_wall(fs_worker *worker);

/* Writes a picture with the settings that made it. Gives FS_EVENT_SAVED with the name it got, or
 * FS_EVENT_FAILED. Nothing is overwritten: "a.png" becomes "a-2.png", "a-3.png" and so on. */
typedef struct fs_export_request {
    fs_shared_model *model;
    fs_picture *picture;
    fs_render_settings settings; /* steps as many as the picture has had */
    const char *path;
} fs_export_request;
uint64_t fs_worker_export(fs_worker *worker, const fs_export_request *request);

bool fs_worker_poll(fs_worker *worker, fs_event *out);

/* Any other job; its step gets the worker as its context. */
uint64_t fs_worker_submit(fs_worker *worker, const fs_job_spec *spec);

/* For steps, on the worker's thread. fs_worker_send takes over what the event holds. */
fs_pool *fs_worker_pool(fs_worker *worker);
void fs_worker_send(fs_worker *worker, const fs_job *job, fs_event *event);
void fs_worker_send_failure(fs_worker *worker, const fs_job *job, const fs_error *error);

#endif
