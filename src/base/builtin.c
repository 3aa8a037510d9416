#include "base/builtin.h"

#include <string.h>

bool fs_is_builtin(const char *path) {
    return strncmp(path, FS_BUILTIN_PREFIX, strlen(FS_BUILTIN_PREFIX)) == 0;
}

const fs_builtin_file *fs_builtin_find(const char *path) {
    if (!fs_is_builtin(path))
        return NULL;
    for (const fs_builtin_file *file = fs_builtin_files; file->name; file++)
        if (strcmp(file->name, path + strlen(FS_BUILTIN_PREFIX)) == 0)
            return file;
    return NULL;
}
