/* File names inside untrusted files: only those that stay below the folder of the file that names them. */
#ifndef FS_ENGINE_IMPORT_RELATIVE_PATH_H
#define FS_ENGINE_IMPORT_RELATIVE_PATH_H

#include <stdbool.h>

/* True for "a.bin" and "data/a.bin"; false for "", "/a", "../a", "a/../b", "a\\b", and very long names. */
bool fs_path_is_inside(const char *path);

#endif
