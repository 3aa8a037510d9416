#include "registry/sidecar_write.h"

#include <cjson/cJSON.h>

#include "base/alloc.h"
#include "base/text.h"

static const char *const level_names[FS_REGISTRY_LEVELS] = {"edge", "texture", "pattern", "part", "object"};

static bool add_list(cJSON *object, const char *key, cJSON *list) {
    if (list != NULL && cJSON_AddItemToObject(object, key, list))
        return true;
    cJSON_Delete(list);
    return false;
}

static bool add_input(cJSON *root, const fs_registry_entry *entry) {
    const int size[2] = {entry->height, entry->width};
    cJSON *input = cJSON_AddObjectToObject(root, "input");
    return input != NULL && add_list(input, "size", cJSON_CreateIntArray(size, 2)) &&
           cJSON_AddStringToObject(input, "channels", entry->channels) &&
           cJSON_AddNumberToObject(input, "range", entry->range) &&
           add_list(input, "mean", cJSON_CreateDoubleArray(entry->mean, 3)) &&
           add_list(input, "std", cJSON_CreateDoubleArray(entry->std, 3));
}

static int count_names(const char *const *names) {
    int count = 0;
    while (names[count] != NULL)
        count++;
    return count;
}

static bool add_levels(cJSON *root, const fs_registry_entry *entry) {
    cJSON *levels = NULL;
    bool ok = true;
    for (int i = 0; i < FS_REGISTRY_LEVELS && ok; i++) {
        const char *const *names = entry->levels[i];
        if (names == NULL)
            continue;
        if (levels == NULL)
            levels = cJSON_AddObjectToObject(root, "levels");
        ok = levels != NULL &&
             add_list(levels, level_names[i], cJSON_CreateStringArray(names, count_names(names)));
    }
    return ok;
}

fs_status fs_registry_sidecar_text(char **out, const fs_registry_entry *entry, const char *labels,
                                   fs_error *err) {
    fs_text copy = {0};
    cJSON *root = cJSON_CreateObject();
    bool ok = root != NULL && cJSON_AddStringToObject(root, "name", entry->title) && add_input(root, entry) &&
              (labels == NULL || cJSON_AddStringToObject(root, "labels", labels)) &&
              add_levels(root, entry) && cJSON_AddStringToObject(root, "source", entry->source);
    char *text = ok ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (text != NULL)
        fs_text_add(&copy, "%s\n", text);
    cJSON_free(text);
    if (text == NULL || fs_text_broken(&copy)) {
        fs_text_free(&copy);
        return fs_fail_memory(err, "a sidecar");
    }
    *out = copy.bytes;
    return FS_OK;
}
