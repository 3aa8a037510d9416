/* Features below what is trained: as long as pictures are not augmented they are the same in every epoch. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/train/trainer_private.h"

static fs_status shape_at(fs_shape *out, const fs_trainer *t, int value, fs_error *err) {
    const fs_preprocess *p = &t->model->preprocess;
    fs_tensor *shapes = fs_calloc((size_t)t->model->graph->n_values, sizeof *shapes);
    if (!shapes)
        return fs_fail_memory(err, "features");
    fs_status status = fs_plan_infer_shapes(
        t->model->graph, fs_shape_of(4, 1, fs_preprocess_channels(p), p->height, p->width), shapes, err);
    *out = shapes[value].shape;
    fs_free(shapes);
    return status;
}

fs_status fs_features_plan(fs_trainer *t, bool *keep, fs_shape *shape, fs_error *err) {
    const int cut = t->trainable->cut;
    *keep = false;
    if (t->settings.augment || !t->settings.feature_bytes || cut == t->model->graph->input)
        return FS_OK;
    fs_status status = shape_at(shape, t, cut, err);
    if (status != FS_OK || shape->rank < 1 || shape->dim[0] != 1)
        return status;
    const int64_t count = fs_shape_count(shape);
    *keep = count > 0 &&
            (uint64_t)count * sizeof(float) * (uint64_t)fs_share_slots(t) <= t->settings.feature_bytes;
    return FS_OK;
}

fs_status fs_features_allocate(fs_trainer *t, int64_t count, fs_error *err) {
    const size_t n = (size_t)fs_pictures_count(t->pictures);
    t->features.count = count;
    t->features.data = fs_alloc_array((size_t)fs_share_slots(t) * (size_t)count + 1, sizeof(float));
    t->features.ready = fs_calloc(n + 1, sizeof *t->features.ready);
    t->features.seen = fs_calloc(n + 1, sizeof *t->features.seen);
    return t->features.data && t->features.ready && t->features.seen ? FS_OK
                                                                     : fs_fail_memory(err, "features");
}

void fs_features_free(fs_features *f) {
    fs_free(f->data);
    fs_free(f->ready);
    fs_free(f->seen);
    *f = (fs_features){0};
}

static fs_status run(fs_trainer *t, fs_plan *plan, fs_loader *loader, const fs_trainer_watch *watch,
                     fs_error *err) {
    const int64_t floats = fs_pictures_floats(t->pictures), count = t->features.count;
    const fs_batch *batch;
    fs_status status;
    for (int done = 0; (status = fs_loader_next(loader, &batch, err)) == FS_OK && batch->asked > 0;) {
        memcpy(fs_plan_input(plan), batch->input, (size_t)(batch->n * floats) * sizeof(float));
        status = fs_plan_forward(plan, watch->progress ? watch->progress->cancel : NULL, err);
        if (status != FS_OK)
            return status;
        for (int i = 0; i < batch->n; i++) {
            const int slot = fs_share_slot(t, batch->items[i]);
            memcpy(t->features.data + slot * count, fs_plan_output(plan, 0) + i * count,
                   (size_t)count * sizeof(float));
            t->features.ready[batch->items[i]] = true;
        }
        done += batch->asked;
        fs_trainer_report(watch, done, (double)NAN);
    }
    return status;
}

fs_status fs_features_fill(fs_trainer *t, const int *items, int n, const fs_trainer_watch *watch,
                           fs_error *err) {
    const fs_preprocess *p = &t->model->preprocess;
    int *missing = fs_alloc_array((size_t)n + 1, sizeof *missing), count = 0;
    if (!missing)
        return fs_fail_memory(err, "features");
    for (int i = 0; i < n; i++)
        if (!t->features.seen[items[i]])
            missing[count++] = items[i];
    fs_plan *plan = NULL;
    fs_loader *loader = NULL;
    fs_status status = FS_OK;
    if (count) {
        const fs_loader_settings settings = {.batch = t->micro, .threads = t->settings.threads};
        const fs_shape input = fs_shape_of(4, t->micro, fs_preprocess_channels(p), p->height, p->width);
        status = fs_trainer_plan(&plan, t, t->model->graph->input, input, t->trainable->cut, false, err);
        if (status == FS_OK)
            status = fs_loader_create(&loader, t->pictures, missing, count, &settings, err);
        if (status == FS_OK)
            status = run(t, plan, loader, watch, err);
    }
    fs_loader_destroy(loader);
    fs_plan_destroy(plan);
    for (int i = 0; i < count && status == FS_OK; i++)
        t->features.seen[missing[i]] = true;
    fs_free(missing);
    return status;
}
