/* Files that the program carries in itself, under paths that begin with "builtin:/".
 *
 *     fs_file_read(&bytes, &size, "builtin:/world.onnx", limit, &err);     // as any other file
 *
 * All reading through base/file.h knows them; they cannot be written. What there is: assets/CMakeLists.txt.
 */
#ifndef FS_BASE_BUILTIN_H
#define FS_BASE_BUILTIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FS_BUILTIN_PREFIX "builtin:/"

typedef struct fs_builtin_file {
    const char *name; /* "world.onnx" */
    const uint8_t *bytes, *end;
} fs_builtin_file;

/* The table, made from the folder assets when the program is built; its last name is NULL. */
extern const fs_builtin_file fs_builtin_files[];

bool fs_is_builtin(const char *path);
/* NULL when the path is none of them. */
const fs_builtin_file *fs_builtin_find(const char *path);

#endif
