/* Where a dissection's pictures come from: drawn as they are asked for, or a folder that `filterscope world`
 * wrote with its masks.
 *
 *     fs_dissect_source_world(&source, FS_WORLD_A, seed, size, 1000, &err);
 *     fs_dissection_run(..., fs_dissect_source_get(source), ...);
 *     fs_dissect_source_destroy(source);
 *
 * Things that are not a picture's own ("clutter") are no concept, and a class that is called as a texture is
 * none of its own: its pictures show swatches of the texture. A folder is not trusted. Pictures may be asked
 * for by several threads at once. */
#ifndef FS_APP_DISSECT_SOURCE_H
#define FS_APP_DISSECT_SOURCE_H

#include "viz/dissection_run.h"
#include "world/world.h"

typedef struct fs_dissect_source fs_dissect_source;

fs_status fs_dissect_source_world(fs_dissect_source **out, fs_world_set set, uint64_t seed, int size, int n,
                                  fs_error *err);
/* At most n pictures, of training and validation, evenly chosen. */
fs_status fs_dissect_source_folder(fs_dissect_source **out, const char *folder, int n, fs_error *err);
void fs_dissect_source_destroy(fs_dissect_source *source); /* NULL is fine */

const fs_dissection_source *fs_dissect_source_get(const fs_dissect_source *source);

#endif
