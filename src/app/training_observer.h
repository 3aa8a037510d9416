/* Looks at a network while it is trained, beside the one it began as.
 *
 *     fs_training_observer_create(&observer, before, now, pictures, dataset, &settings, pool, &err);
 *     between two steps or epochs:
 *         fs_training_observer_look(observer, NULL, &progress, &shift, &err);
 *         ... fs_training_shift_release(shift);
 *     fs_training_observer_destroy(observer);
 *
 * Filters are those whose weights moved most, in all layers or in one; each is rendered small, from the same
 * start and seed before and now. The picture before is kept for the next time. CKA is measured on validation
 * pictures that stay the same (viz/cka_probe.h). Everything given is borrowed; the weights may change between
 * two looks. One thread at a time. */
#ifndef FS_APP_TRAINING_OBSERVER_H
#define FS_APP_TRAINING_OBSERVER_H

#include "app/training_shift.h"
#include "base/progress.h"
#include "engine/train/pictures.h"

enum { FS_OBSERVER_PICTURES = 24 };

typedef struct fs_training_observer_settings {
    int side, steps; /* of a render */
    uint64_t seed;
} fs_training_observer_settings;

typedef struct fs_training_observer fs_training_observer;

fs_status fs_training_observer_create(fs_training_observer **out, const fs_model *before, const fs_model *now,
                                      fs_pictures *pictures, const fs_dataset *dataset,
                                      const fs_training_observer_settings *settings, fs_pool *pool,
                                      fs_error *err);
void fs_training_observer_destroy(fs_training_observer *observer); /* NULL is fine */

/* layer: whose filters are shown, a name as the shift has it; NULL: of all. */
fs_status fs_training_observer_look(fs_training_observer *observer, const char *layer,
                                    const fs_progress *progress, fs_training_shift **out, fs_error *err);

#endif
