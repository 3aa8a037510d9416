#include "app/user_folders.h"

#include <stdlib.h>

#include "base/text.h"

static fs_status find(char **out, const char *variable, const char *in_home, const char *what,
                      fs_error *err) {
    const char *folder = getenv(variable), *home = getenv("HOME");
    fs_text path = {0};
    if (folder && *folder == '/')
        fs_text_add(&path, "%s/filterscope", folder);
    else if (home && *home == '/')
        fs_text_add(&path, "%s/%s/filterscope", home, in_home);
    else
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no folder for %s: neither %s nor HOME is an absolute path",
                       what, variable);
    if (fs_text_broken(&path)) {
        fs_text_free(&path);
        return fs_fail_memory(err, "a file name");
    }
    *out = path.bytes;
    return FS_OK;
}

fs_status fs_cache_folder(char **out, fs_error *err) {
    return find(out, "XDG_CACHE_HOME", ".cache", "caches", err);
}

fs_status fs_config_folder(char **out, fs_error *err) {
    return find(out, "XDG_CONFIG_HOME", ".config", "settings", err);
}
