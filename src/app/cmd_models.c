#include <cjson/cJSON.h>
#include <stdio.h>

#include "app/commands.h"
#include "app/model_path.h"
#include "base/alloc.h"
#include "base/c_locale.h"
#include "registry/store.h"

enum { FORMAT_VERSION = 1 };

typedef struct settings {
    bool json;
} settings;

static const fs_option options[] = {FS_OPTION_BOOL(settings, json, "json", "print JSON"), FS_OPTION_END};

/* An entry and what of it is on this machine. */
typedef struct row {
    const fs_registry_entry *entry;
    fs_registry_state state;
    int64_t bytes;
} row;

static const char *const state_names[] = {"absent", "partial", "damaged", "present"};

/* ---- JSON ---- */

static bool add_numbers(cJSON *object, const char *key, const double *values, int count) {
    cJSON *list = cJSON_CreateDoubleArray(values, count);
    if (list && cJSON_AddItemToObject(object, key, list))
        return true;
    cJSON_Delete(list);
    return false;
}

static bool add_input(cJSON *object, const fs_registry_entry *entry) {
    const double size[2] = {entry->height, entry->width};
    cJSON *input = cJSON_AddObjectToObject(object, "input");
    return input && add_numbers(input, "size", size, 2) &&
           cJSON_AddStringToObject(input, "channels", entry->channels) &&
           cJSON_AddNumberToObject(input, "range", entry->range) &&
           add_numbers(input, "mean", entry->mean, 3) && add_numbers(input, "std", entry->std, 3);
}

/* The path is there for a model that can be used. */
static bool add_path(cJSON *object, const row *r, const char *folder) {
    if (r->state != FS_REGISTRY_PRESENT)
        return cJSON_AddNullToObject(object, "path") != NULL;
    char *path = fs_registry_model_path(folder, r->entry);
    const bool ok = path && cJSON_AddStringToObject(object, "path", path);
    fs_free(path);
    return ok;
}

static bool add_row(cJSON *list, const row *r, const char *folder) {
    const fs_registry_entry *entry = r->entry;
    cJSON *object = cJSON_CreateObject();
    if (!object || !cJSON_AddItemToArray(list, object))
        return false;
    return cJSON_AddStringToObject(object, "name", entry->name) &&
           cJSON_AddStringToObject(object, "title", entry->title) &&
           cJSON_AddStringToObject(object, "source", entry->source) &&
           cJSON_AddStringToObject(object, "url", entry->url) &&
           cJSON_AddNumberToObject(object, "bytes", (double)entry->bytes) &&
           cJSON_AddBoolToObject(object, "bytes_are_estimate", entry->is_estimate) &&
           cJSON_AddStringToObject(object, entry->digest_kind == FS_DIGEST_SHA256 ? "sha256" : "git_blob",
                                   entry->digest) &&
           cJSON_AddStringToObject(object, "state", state_names[r->state]) && add_path(object, r, folder) &&
           add_input(object, entry);
}

static fs_status print_json(const row *rows, const char *folder, fs_error *err) {
    cJSON *root = cJSON_CreateObject();
    bool ok =
        root && cJSON_AddNumberToObject(root, "format", FORMAT_VERSION) &&
        (folder ? cJSON_AddStringToObject(root, "folder", folder) : cJSON_AddNullToObject(root, "folder"));
    ok = ok && cJSON_AddStringToObject(root, "built_in", FS_DEFAULT_MODEL);
    cJSON *list = ok ? cJSON_AddArrayToObject(root, "models") : NULL;
    ok = list != NULL;
    for (int i = 0; i < fs_registry_count && ok; i++)
        ok = add_row(list, &rows[i], folder);
    char *text = ok ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (!text)
        return fs_fail_memory(err, "the list of models");
    puts(text);
    cJSON_free(text);
    return FS_OK;
}

/* ---- a table ---- */

static const char *state_text(const row *r, char text[32]) {
    static const char *const words[] = {"no", "begun", "damaged", "yes"};
    if (r->state != FS_REGISTRY_PARTIAL)
        return words[r->state];
    fs_c_snprintf(text, 32, "%.1f MB of it", (double)r->bytes / 1e6);
    return text;
}

/* In short; the numbers of the longer form are in the JSON. */
static const char *input_text(const fs_registry_entry *e, char text[64]) {
    const bool divides = e->std[0] != 1 || e->std[1] != 1 || e->std[2] != 1;
    if (divides)
        fs_c_snprintf(text, 64, "%s (%s - mean) / std", e->channels, e->range == 1 ? "x" : "255x");
    else
        fs_c_snprintf(text, 64, "%s %s - (%g, %g, %g)", e->channels, e->range == 1 ? "x" : "255x", e->mean[0],
                      e->mean[1], e->mean[2]);
    return text;
}

static void print_row(const row *r) {
    const fs_registry_entry *e = r->entry;
    char size[FS_REGISTRY_SIZE_TEXT], state[32], input[64];
    printf("%-14s  %12s  %-12s  %-26s  %s\n", e->name, fs_registry_size_text(e, size), state_text(r, state),
           e->title, input_text(e, input));
}

static void print_table(const row *rows, const char *folder) {
    printf("%-14s  %12s  %-12s  %-26s  %s\n", "name", "size", "here", "what", "input");
    printf("%-14s  %12s  %-12s  %-26s  %s\n", FS_DEFAULT_MODEL, "-", "built in", "the picture world",
           "what is used without --model");
    for (int i = 0; i < fs_registry_count; i++)
        print_row(&rows[i]);
    if (folder)
        printf("\n`filterscope pull NAME` puts one into %s\n", folder);
}

/* Without a folder (no HOME) the list is still worth printing: nothing is here. */
static fs_status look(row *rows, const char *folder, fs_error *err) {
    fs_status status = FS_OK;
    for (int i = 0; i < fs_registry_count && status == FS_OK; i++) {
        rows[i] = (row){.entry = &fs_registry_catalogue[i], .state = FS_REGISTRY_ABSENT};
        if (folder)
            status = fs_registry_look(rows[i].entry, folder, &rows[i].state, &rows[i].bytes, err);
    }
    return status;
}

static fs_status run(fs_call *call, fs_error *err) {
    const settings *s = call->settings;
    char *folder = NULL;
    fs_status status = fs_registry_folder(&folder, err);
    if (status != FS_OK && status != FS_ERROR_NOT_FOUND)
        return status;
    row *rows = fs_calloc((size_t)fs_registry_count, sizeof *rows);
    status = rows ? look(rows, folder, err) : fs_fail_memory(err, "the list of models");
    if (status == FS_OK && s->json)
        status = print_json(rows, folder, err);
    else if (status == FS_OK)
        print_table(rows, folder);
    fs_free(rows);
    fs_free(folder);
    return status;
}

const fs_command fs_command_models = {.name = "models",
                                      .arguments = "[options]",
                                      .summary =
                                          "public models that `pull` fetches, and which of them are here",
                                      .options = options,
                                      .settings_size = sizeof(settings),
                                      .example = "models",
                                      .run = run};
