/* From what a user types to an entry, and what to say when there is none. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/c_locale.h"
#include "registry/entry.h"

enum { SHARED_LETTERS = 4, MAX_LISTED = 4 };

const fs_registry_entry *fs_registry_find(const char *name) {
    for (int i = 0; i < fs_registry_count; i++)
        if (strcmp(fs_registry_catalogue[i].name, name) == 0)
            return &fs_registry_catalogue[i];
    return NULL;
}

/* The models of a family share the beginning of their names: "ResNet-34" is near "resnet18". */
static bool is_near(const char *typed, const char *name) {
    return strncasecmp(typed, name, SHARED_LETTERS) == 0;
}

fs_status fs_registry_fail_unknown(const char *name, fs_error *err) {
    char list[200] = "";
    int listed = 0;
    size_t used = 0;
    for (int i = 0; i < fs_registry_count && listed < MAX_LISTED; i++) {
        const char *known = fs_registry_catalogue[i].name;
        if (!is_near(name, known) || used + strlen(known) + 3 > sizeof list)
            continue;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", listed++ ? ", " : "", known);
    }
    if (listed)
        return fs_fail(err, FS_ERROR_NOT_FOUND, "no public model '%.80s'; near it: %s", name, list);
    return fs_fail(err, FS_ERROR_NOT_FOUND, "no public model '%.80s'; `filterscope models` lists them", name);
}

const char *fs_registry_extension(const fs_registry_entry *entry) {
    const char *dot = strrchr(entry->member ? entry->member : entry->url, '.');
    return dot ? dot : "";
}

const char *fs_registry_size_text(const fs_registry_entry *entry, char text[FS_REGISTRY_SIZE_TEXT]) {
    const double megabytes = (double)entry->bytes / 1e6;
    fs_c_snprintf(text, FS_REGISTRY_SIZE_TEXT, "%s%.*f MB", entry->is_estimate ? "about " : "",
                  megabytes < 10 ? 1 : 0, megabytes);
    return text;
}
