/* What the files of the worker share; nobody else includes this. */
#ifndef FS_APP_WORKER_PRIVATE_H
#define FS_APP_WORKER_PRIVATE_H

#include <pthread.h>

#include "app/folder_thread.h"
#include "app/thumb_cache.h"
#include "app/training_thread.h"
#include "app/worker.h"
#include "viz/activation.h"

enum { FS_WALL_MAX_BATCH = 16 };

/* The batch of thumbnails in progress. It outlives the request it was begun for. Worker's thread only. */
typedef struct fs_wall_batch {
    fs_render *render; /* NULL: no batch */
    fs_shared_model *model;
    fs_render_settings settings;
    int layer;
    int channels[FS_WALL_MAX_BATCH];
    int n;
    double busy, published; /* seconds of computing; the time of the last pictures */
} fs_wall_batch;

/* The way to the class scores, so that a prediction makes no plan. Worker's thread only. */
typedef struct fs_inspect_cache {
    fs_shared_model *model; /* NULL: nothing is kept */
    fs_activation *scores;
} fs_inspect_cache;

struct fs_worker {
    fs_job_queue *jobs;
    fs_event_queue *events;
    fs_pool *pool;
    pthread_t thread;
    fs_worker_options options;
    atomic_bool left; /* by its thread or by its owner; the one who leaves second tidies up */
    fs_wall_batch wall;
    fs_inspect_cache inspect;
    char *cache_folder;         /* NULL: nothing is kept */
    fs_thumb_cache *thumbs;     /* of thumbs_of; NULL: none. Worker's thread only, as what follows */
    fs_shared_model *thumbs_of; /* NULL: nobody has asked */
    uint64_t wall_serial;       /* model and layer of the last wall request; the requesting thread's */
    int wall_layer;
    fs_training_thread *training; /* NULL until something is trained; the requesting thread's */
    uint64_t trainings;           /* generations given to them */
    fs_folder_thread *folders;    /* NULL until something is exported into one; likewise */
};

/* Of the calling thread. On Linux niceness belongs to a thread and is inherited by the threads it makes, its
 * pool's. */
void fs_worker_lower_priority(int niceness);

/* Replaces a path by one that no file has: "a.png" becomes "a-2.png", "a-3.png" and so on. */
fs_status fs_worker_free_path(char **path, fs_error *err);

/* Thumbnails on disk. fs_worker_send_cached: true when it was there and has been sent as finished. */
bool fs_worker_send_cached(fs_worker *worker, const fs_job *job, fs_shared_model *model, int layer,
                           const fs_render_settings *settings);
void fs_worker_cache(fs_worker *worker, fs_shared_model *model, int layer, const fs_render_settings *settings,
                     const fs_render *render, int item);
void fs_worker_forget_cache(fs_worker *worker);

void fs_wall_batch_drop(fs_wall_batch *batch);
void fs_inspect_cache_drop(fs_inspect_cache *cache);

/* A picture of one item of a render as it is now; model, layer and rate are the caller's to fill in. */
fs_status fs_worker_snapshot(const fs_render *render, int item, const fs_render_settings *settings,
                             fs_picture **out, fs_error *err);

#endif
