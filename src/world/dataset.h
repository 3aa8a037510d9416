/* Pictures of the world as a folder that any tool can train on: docs/formats.md has the layout.
 *
 *     const fs_world_dataset wanted = {.folder = "world", .n = 24000, .size = 128, .split = 0.9, .seed = 1};
 *     status = fs_world_dataset_write(&wanted, pool, &progress, &err);
 *
 * Every file is written under another name and renamed, so that what is there is whole. A folder that has
 * anything is refused, except with `resume` one that was begun with the same settings: its pictures are kept.
 * Cancelled, it leaves what is finished. One call at a time for each folder. */
#ifndef FS_WORLD_DATASET_H
#define FS_WORLD_DATASET_H

#include "base/pool.h"
#include "base/progress.h"
#include "world/world.h"

enum { FS_WORLD_MAX_PICTURES = 10000000 };

typedef struct fs_world_dataset {
    const char *folder; /* borrowed */
    int n;              /* pictures, training and validation together */
    uint64_t seed;
    fs_world_set set;
    int size;
    double split; /* 0..1: what part of them is for training */
    bool no_masks, resume;
} fs_world_dataset;

fs_status fs_world_dataset_write(const fs_world_dataset *dataset, fs_pool *pool, const fs_progress *progress,
                                 fs_error *err);

#endif
