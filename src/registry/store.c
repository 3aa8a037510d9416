#include "registry/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/text.h"

fs_status fs_registry_folder(char **out, fs_error *err) {
    return fs_registry_folder_in(out, getenv("XDG_DATA_HOME"), getenv("HOME"), err);
}

static bool is_absolute(const char *path) {
    return path != NULL && path[0] == '/';
}

static char *join(const char *a, const char *b, const char *c) {
    const size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
    char *joined = fs_alloc(size);
    if (joined != NULL) {
        char *end = stpcpy(stpcpy(joined, a), b);
        strcpy(end, c);
    }
    return joined;
}

fs_status fs_registry_folder_in(char **out, const char *xdg_data_home, const char *home, fs_error *err) {
    const bool has_data_home = is_absolute(xdg_data_home);
    if (!has_data_home && !is_absolute(home))
        return fs_fail(err, FS_ERROR_NOT_FOUND,
                       "no folder for models: neither XDG_DATA_HOME nor HOME is an absolute path");
    char *folder = has_data_home ? join(xdg_data_home, "/filterscope/models", "")
                                 : join(home, "/.local/share", "/filterscope/models");
    if (folder == NULL)
        return fs_fail_memory(err, "a file name");
    *out = folder;
    return FS_OK;
}

char *fs_registry_path(const char *folder, const fs_registry_entry *entry, const char *ending) {
    fs_text path = {0};
    fs_text_add(&path, "%s/%s%s", folder, entry->name, ending);
    if (!fs_text_broken(&path))
        return path.bytes;
    fs_text_free(&path);
    return NULL;
}

char *fs_registry_model_path(const char *folder, const fs_registry_entry *entry) {
    return fs_registry_path(folder, entry, fs_registry_extension(entry));
}

/* The size of a regular file, or -1. */
static int64_t size_of(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (int64_t)info.st_size : -1;
}

fs_status fs_registry_look(const fs_registry_entry *entry, const char *folder, fs_registry_state *state,
                           int64_t *bytes, fs_error *err) {
    char *model = fs_registry_model_path(folder, entry), *part = fs_registry_path(folder, entry, ".part");
    fs_status status = model && part ? FS_OK : fs_fail_memory(err, "a file name");
    if (status == FS_OK) {
        const int64_t there = size_of(model), begun = size_of(part);
        const bool size_is_known = entry->member == NULL && !entry->is_estimate;
        if (there >= 0)
            *state = size_is_known && there != entry->bytes ? FS_REGISTRY_DAMAGED : FS_REGISTRY_PRESENT;
        else
            *state = begun > 0 ? FS_REGISTRY_PARTIAL : FS_REGISTRY_ABSENT;
        *bytes = there >= 0 ? there : begun > 0 ? begun : 0;
    }
    fs_free(model);
    fs_free(part);
    return status;
}
