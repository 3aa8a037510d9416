/* Contact sheets of the picture world: what the classes, masks, textures and parts look like. */
#ifndef FS_APP_WORLD_SHEET_H
#define FS_APP_WORLD_SHEET_H

#include "base/pool.h"
#include "base/progress.h"
#include "world/world.h"

typedef enum fs_world_sheet_kind {
    FS_WORLD_SHEET_NONE,
    FS_WORLD_SHEET_CLASSES,
    FS_WORLD_SHEET_MASKS,
    FS_WORLD_SHEET_TEXTURES,
    FS_WORLD_SHEET_PARTS
} fs_world_sheet_kind;

typedef struct fs_world_sheet {
    fs_world_sheet_kind kind;
    uint64_t seed;
    fs_world_set set;
    int size; /* pixels a side of a tile */
} fs_world_sheet;

/* Stops at the next tile when the progress is cancelled. */
fs_status fs_world_sheet_draw(const fs_world_sheet *sheet, fs_pool *pool, const fs_progress *progress,
                              fs_image *out, fs_error *err);

#endif
