#include "app/model_path.h"

#include <string.h>

#include "base/alloc.h"
#include "base/builtin.h"
#include "base/file.h"
#include "registry/store.h"

static const char default_path[] = FS_BUILTIN_PREFIX FS_DEFAULT_MODEL ".onnx";

static fs_status check_state(const fs_registry_entry *entry, const char *folder, fs_error *err) {
    fs_registry_state state = FS_REGISTRY_ABSENT;
    int64_t bytes = 0;
    char size[FS_REGISTRY_SIZE_TEXT];
    fs_status status = fs_registry_look(entry, folder, &state, &bytes, err);
    if (status != FS_OK || state == FS_REGISTRY_PRESENT)
        return status;
    fs_registry_size_text(entry, size);
    if (state == FS_REGISTRY_DAMAGED)
        return fs_fail(err, FS_ERROR_FORMAT,
                       "model '%s' is damaged; fetch it again: filterscope pull %s (%s)", entry->name,
                       entry->name, size);
    return fs_fail(err, FS_ERROR_IO, "model '%s' is not here yet: filterscope pull %s (%s)", entry->name,
                   entry->name, size);
}

static fs_status find_pulled(char **out, const fs_registry_entry *entry, fs_error *err) {
    char *folder = NULL;
    fs_status status = fs_registry_folder(&folder, err);
    if (status != FS_OK)
        return fs_error_prefix(err, status == FS_ERROR_NOT_FOUND ? FS_ERROR_IO : status, "model '%s'",
                               entry->name);
    status = check_state(entry, folder, err);
    char *path = status == FS_OK ? fs_registry_model_path(folder, entry) : NULL;
    fs_free(folder);
    if (status == FS_OK && path == NULL)
        return fs_fail_memory(err, "a file name");
    if (status == FS_OK)
        *out = path;
    return status;
}

static fs_status copy_path(char **out, const char *path, fs_error *err) {
    char *copy = fs_strdup(path);
    if (copy == NULL)
        return fs_fail_memory(err, "a file name");
    *out = copy;
    return FS_OK;
}

fs_status fs_model_path_find(char **out, const char *text, fs_error *err) {
    if (!*text)
        return copy_path(out, default_path, err);
    if (fs_file_exists(text))
        return copy_path(out, text, err);
    const fs_registry_entry *entry = fs_registry_find(text);
    if (entry != NULL)
        return find_pulled(out, entry, err);
    if (strcmp(text, FS_DEFAULT_MODEL) == 0)
        return copy_path(out, default_path, err);
    return fs_fail(err, FS_ERROR_NOT_FOUND,
                   "'%s' is neither a model file nor a known model; `filterscope models` lists those", text);
}

const char *fs_model_path_name(const char *path) {
    char *folder = NULL;
    const char *name = path;
    if (strcmp(path, default_path) == 0)
        return FS_DEFAULT_MODEL;
    if (fs_registry_folder(&folder, NULL) != FS_OK)
        return path;
    for (int i = 0; i < fs_registry_count && name == path; i++) {
        char *known = fs_registry_model_path(folder, &fs_registry_catalogue[i]);
        if (known != NULL && strcmp(known, path) == 0)
            name = fs_registry_catalogue[i].name;
        fs_free(known);
    }
    fs_free(folder);
    return name;
}
