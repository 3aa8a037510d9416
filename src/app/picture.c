#include "app/picture.h"

#include "base/alloc.h"

fs_picture *fs_picture_create(void) {
    fs_picture *picture = fs_calloc(1, sizeof *picture);
    if (picture != NULL)
        atomic_init(&picture->references, 1);
    return picture;
}

fs_picture *fs_picture_keep(fs_picture *picture) {
    atomic_fetch_add_explicit(&picture->references, 1, memory_order_relaxed);
    return picture;
}

void fs_picture_release(fs_picture *picture) {
    if (picture == NULL || atomic_fetch_sub_explicit(&picture->references, 1, memory_order_acq_rel) != 1)
        return;
    fs_image_free(&picture->image);
    fs_free(picture);
}

fs_status fs_shared_model_create(fs_shared_model **out, fs_model *model, uint64_t serial, fs_error *err) {
    fs_shared_model *shared = fs_calloc(1, sizeof *shared);
    if (shared == NULL)
        return fs_fail_memory(err, "the model");
    atomic_init(&shared->references, 1);
    shared->serial = serial;
    shared->model = model;
    *out = shared;
    return FS_OK;
}

fs_shared_model *fs_shared_model_keep(fs_shared_model *shared) {
    atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    return shared;
}

void fs_shared_model_release(fs_shared_model *shared) {
    if (shared == NULL || atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) != 1)
        return;
    fs_model_destroy(shared->model);
    fs_free(shared);
}
