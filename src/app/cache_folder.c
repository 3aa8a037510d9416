#include "app/cache_folder.h"

#include <stdlib.h>

#include "base/text.h"

fs_status fs_cache_folder(char **out, fs_error *err) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    fs_text path = {0};
    if (cache && *cache == '/')
        fs_text_add(&path, "%s/filterscope", cache);
    else if (home && *home == '/')
        fs_text_add(&path, "%s/.cache/filterscope", home);
    else
        return fs_fail(err, FS_ERROR_NOT_FOUND,
                       "no folder for caches: neither XDG_CACHE_HOME nor HOME is an absolute path");
    if (fs_text_broken(&path)) {
        fs_text_free(&path);
        return fs_fail_memory(err, "a file name");
    }
    *out = path.bytes;
    return FS_OK;
}
