#include "engine/import/relative_path.h"

#include <string.h>

bool fs_path_is_inside(const char *path) {
    if (path[0] == '\0' || path[0] == '/' || strlen(path) > 1024 || strchr(path, '\\'))
        return false;
    for (const char *part = path; part; part = strchr(part, '/')) {
        part += part != path; /* past the slash */
        size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return false;
    }
    return true;
}
