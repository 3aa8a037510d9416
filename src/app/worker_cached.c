/* The worker's thumbnails on disk: those of one model at a time, that which was asked for last. */
#include <string.h>

#include "app/worker_private.h"
#include "base/alloc.h"

void fs_worker_forget_cache(fs_worker *worker) {
    fs_thumb_cache_close(worker->thumbs);
    fs_shared_model_release(worker->thumbs_of);
    worker->thumbs = NULL;
    worker->thumbs_of = NULL;
}

static const fs_thumb_cache *cache_of(fs_worker *worker, fs_shared_model *model) {
    if (worker->cache_folder == NULL || worker->thumbs_of == model)
        return worker->thumbs;
    fs_worker_forget_cache(worker);
    worker->thumbs_of = fs_shared_model_keep(model);
    if (fs_thumb_cache_open(&worker->thumbs, worker->cache_folder, model->model, NULL) != FS_OK)
        worker->thumbs = NULL;
    return worker->thumbs;
}

/* Published as finished where the disk has it. */
bool fs_worker_send_cached(fs_worker *worker, const fs_job *job, fs_shared_model *model, int layer,
                           const fs_render_settings *settings) {
    const fs_thumb_cache *cache = cache_of(worker, model);
    fs_event event = {.kind = FS_EVENT_PICTURE};
    if (cache == NULL || (event.picture = fs_picture_create()) == NULL)
        return false;
    fs_picture *picture = event.picture;
    if (!fs_thumb_cache_read(cache, layer, settings, &picture->image, &picture->objective)) {
        fs_picture_release(picture);
        return false;
    }
    picture->model = model->serial;
    picture->layer = layer;
    picture->channel = settings->channel;
    picture->steps = picture->total_steps = settings->steps;
    fs_worker_send(worker, job, &event);
    return true;
}

void fs_worker_cache(fs_worker *worker, fs_shared_model *model, int layer, const fs_render_settings *settings,
                     const fs_render *render, int item) {
    const fs_thumb_cache *cache = cache_of(worker, model);
    fs_picture *picture = NULL;
    if (cache == NULL || fs_worker_snapshot(render, item, settings, &picture, NULL) != FS_OK)
        return;
    fs_thumb_cache_write(cache, layer, settings, &picture->image, picture->objective);
    fs_picture_release(picture);
}
