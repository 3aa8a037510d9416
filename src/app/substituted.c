#include "app/substituted.h"

#include "base/alloc.h"

fs_substituted *fs_substituted_create(void) {
    fs_substituted *substituted = fs_calloc(1, sizeof *substituted);
    if (substituted != NULL)
        atomic_init(&substituted->references, 1);
    return substituted;
}

fs_substituted *fs_substituted_keep(fs_substituted *substituted) {
    atomic_fetch_add_explicit(&substituted->references, 1, memory_order_relaxed);
    return substituted;
}

void fs_substituted_release(fs_substituted *substituted) {
    if (substituted == NULL ||
        atomic_fetch_sub_explicit(&substituted->references, 1, memory_order_acq_rel) != 1)
        return;
    fs_image_free(&substituted->crop);
    fs_free(substituted);
}
