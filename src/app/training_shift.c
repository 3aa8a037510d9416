#include "app/training_shift.h"

#include "base/alloc.h"

fs_training_shift *fs_training_shift_create(void) {
    fs_training_shift *shift = fs_calloc(1, sizeof *shift);
    if (shift)
        atomic_init(&shift->references, 1);
    return shift;
}

fs_training_shift *fs_training_shift_keep(fs_training_shift *shift) {
    atomic_fetch_add_explicit(&shift->references, 1, memory_order_relaxed);
    return shift;
}

void fs_training_shift_release(fs_training_shift *shift) {
    if (!shift || atomic_fetch_sub_explicit(&shift->references, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < FS_TRAINING_FILTERS; i++) {
        fs_image_free(&shift->filters[i].before);
        fs_image_free(&shift->filters[i].now);
        fs_image_free(&shift->filters[i].difference);
    }
    fs_free(shift->layers);
    fs_kernels_free(&shift->before);
    fs_kernels_free(&shift->now);
    fs_gabor_drifts_free(&shift->drifts);
    fs_free(shift);
}
