/* The sidecar's "levels": for each level the layers, or modules, that belong to it. */
#ifndef FS_ENGINE_SIDECAR_LEVELS_H
#define FS_ENGINE_SIDECAR_LEVELS_H

#include "engine/model.h"

enum { FS_LEVEL_COUNT = FS_LEVEL_OBJECT + 1 };

typedef struct fs_sidecar_levels {
    const char *const *names[FS_LEVEL_COUNT];
    int count[FS_LEVEL_COUNT];
} fs_sidecar_levels;

#endif
