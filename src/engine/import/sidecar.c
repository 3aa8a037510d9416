#include "engine/import/sidecar.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/import/relative_path.h"

/* What a member must be; `kind` names it for errors. An absent member is NULL and fine. */
static fs_status get(const cJSON **out, const cJSON *object, const char *key, cJSON_bool (*is)(const cJSON *),
                     const char *kind, fs_error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (item && !is(item))
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' must be %s", key, kind);
    *out = item;
    return FS_OK;
}

static fs_status get_text(const char **out, const cJSON *object, const char *key, fs_arena *arena,
                          fs_error *err) {
    const cJSON *item;
    fs_status status = get(&item, object, key, cJSON_IsString, "a string", err);
    if (status != FS_OK || !item)
        return status;
    if (strlen(item->valuestring) > 4096)
        return fs_fail(err, FS_ERROR_LIMIT, "'%s' is too long", key);
    *out = fs_arena_strdup(arena, item->valuestring);
    return *out ? FS_OK : fs_fail_memory(err, key);
}

static fs_status read_size(fs_sidecar *out, const cJSON *input, fs_error *err) {
    const cJSON *size;
    fs_status status = get(&size, input, "size", cJSON_IsArray, "a list of height and width", err);
    if (status != FS_OK || !size)
        return status;
    int *to[2] = {&out->height, &out->width};
    if (cJSON_GetArraySize(size) != 2)
        return fs_fail(err, FS_ERROR_FORMAT, "'input.size' must be a list of height and width");
    for (int i = 0; i < 2; i++) {
        const cJSON *item = cJSON_GetArrayItem(size, i);
        const double value = cJSON_IsNumber(item) ? item->valuedouble : 0;
        if (!(value >= 1 && value <= FS_SIDECAR_MAX_SIDE) || value != floor(value))
            return fs_fail(err, FS_ERROR_FORMAT, "'input.size' must hold whole numbers in 1..%d",
                           FS_SIDECAR_MAX_SIDE);
        *to[i] = (int)value;
    }
    return FS_OK;
}

static fs_status read_order(fs_sidecar *out, const cJSON *input, fs_error *err) {
    static const char *const names[] = {"RGB", "BGR", "GRAY"};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(input, "channels");
    if (!item)
        return FS_OK;
    for (int i = 0; i < 3 && cJSON_IsString(item); i++) {
        if (strcmp(item->valuestring, names[i]) == 0) {
            out->order = (fs_channel_order)i;
            out->has_order = true;
            return FS_OK;
        }
    }
    return fs_fail(err, FS_ERROR_FORMAT, "'input.channels' must be \"RGB\", \"BGR\" or \"GRAY\"");
}

static fs_status read_range(fs_sidecar *out, const cJSON *input, fs_error *err) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(input, "range");
    if (!item)
        return FS_OK;
    if (!cJSON_IsNumber(item) || (item->valuedouble != 1 && item->valuedouble != 255))
        return fs_fail(err, FS_ERROR_FORMAT, "'input.range' must be 1 or 255");
    out->range = (float)item->valuedouble;
    out->has_range = true;
    return FS_OK;
}

/* One number for all channels, or three; magnitudes in low..1e6. */
static fs_status read_numbers(float out[3], bool *present, const cJSON *input, const char *key, double low,
                              fs_error *err) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(input, key);
    if (!list)
        return FS_OK;
    const int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (count != 1 && count != 3)
        return fs_fail(err, FS_ERROR_FORMAT, "'input.%s' must be a list of 1 or 3 numbers", key);
    for (int c = 0; c < 3; c++) {
        const cJSON *item = cJSON_GetArrayItem(list, count == 1 ? 0 : c);
        const double value = cJSON_IsNumber(item) ? item->valuedouble : NAN;
        if (!(value >= low && value <= 1e6))
            return fs_fail(err, FS_ERROR_FORMAT, "'input.%s' must hold numbers in %g..1e6", key, low);
        out[c] = (float)value;
    }
    *present = true;
    return FS_OK;
}

static fs_status read_input(fs_sidecar *out, const cJSON *root, fs_error *err) {
    const cJSON *input;
    fs_status status = get(&input, root, "input", cJSON_IsObject, "an object", err);
    if (status != FS_OK || !input)
        return status;
    if ((status = read_size(out, input, err)) != FS_OK || (status = read_order(out, input, err)) != FS_OK ||
        (status = read_range(out, input, err)) != FS_OK ||
        (status = read_numbers(out->mean, &out->has_mean, input, "mean", -1e6, err)) != FS_OK)
        return status;
    return read_numbers(out->std, &out->has_std, input, "std", 1e-6, err);
}

static fs_status read_level(fs_sidecar *out, const cJSON *list, int level, int *total, fs_arena *arena,
                            fs_error *err) {
    const char *name = fs_level_name((fs_level)level);
    const int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : -1;
    if (count < 0 || (*total += count) > FS_SIDECAR_MAX_LEVEL_NAMES)
        return fs_fail(err, FS_ERROR_FORMAT, "'levels.%s' must be a list of layer names, at most %d together",
                       name, FS_SIDECAR_MAX_LEVEL_NAMES);
    const char **names = fs_arena_alloc(arena, (size_t)count + 1, sizeof *names);
    if (!names)
        return fs_fail_memory(err, "levels");
    int i = 0;
    for (const cJSON *item = list->child; item; item = item->next) {
        if (!cJSON_IsString(item) || !item->valuestring[0] ||
            strlen(item->valuestring) > FS_LABELS_MAX_LENGTH)
            return fs_fail(err, FS_ERROR_FORMAT, "'levels.%s' must be a list of layer names", name);
        names[i] = fs_arena_strdup(arena, item->valuestring);
        if (!names[i++])
            return fs_fail_memory(err, "levels");
    }
    out->levels.names[level] = names;
    out->levels.count[level] = count;
    return FS_OK;
}

static fs_status read_levels(fs_sidecar *out, const cJSON *root, fs_arena *arena, fs_error *err) {
    const cJSON *levels;
    int total = 0;
    fs_status status = get(&levels, root, "levels", cJSON_IsObject, "an object", err);
    if (status != FS_OK || !levels)
        return status;
    for (const cJSON *item = levels->child; item; item = item->next) {
        int level = 0;
        while (level < FS_LEVEL_COUNT && strcmp(item->string, fs_level_name((fs_level)level)) != 0)
            level++;
        if (level == FS_LEVEL_COUNT || out->levels.names[level])
            return fs_fail(err, FS_ERROR_FORMAT, "'levels.%.40s' is %s", item->string,
                           level == FS_LEVEL_COUNT ? "not a level (edge, texture, pattern, part, object)"
                                                   : "there twice");
        status = read_level(out, item, level, &total, arena, err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

/* A file that is named from the sidecar's folder on; fs_free. NULL without an error: the key is absent. */
static fs_status find_beside(char **out, const cJSON *root, const char *key, const char *path,
                             fs_arena *arena, fs_error *err) {
    const char *name = NULL;
    fs_status status = get_text(&name, root, key, arena, err);
    if (status != FS_OK || !name)
        return status;
    if (!fs_path_is_inside(name))
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' must name a file in the same folder or below it", key);
    *out = fs_path_beside(path, name);
    return *out ? FS_OK : fs_fail_memory(err, key);
}

static fs_status read_labels(fs_sidecar *out, const cJSON *root, const char *path, fs_arena *arena,
                             fs_error *err) {
    char *beside = NULL;
    fs_status status = find_beside(&beside, root, "labels", path, arena, err);
    if (status != FS_OK || !beside)
        return status;
    status = fs_labels_read(&out->labels, &out->n_labels, beside, arena, err);
    fs_free(beside);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "'labels'");
}

/* What is in it needs the layers: it is read when they are there. */
static fs_status read_concepts(fs_sidecar *out, const cJSON *root, const char *path, fs_arena *arena,
                               fs_error *err) {
    char *beside = NULL;
    fs_status status = find_beside(&beside, root, "concepts", path, arena, err);
    if (status != FS_OK || !beside)
        return status;
    out->concepts = fs_arena_strdup(arena, beside);
    fs_free(beside);
    return out->concepts ? FS_OK : fs_fail_memory(err, "concepts");
}

static fs_status read_document(fs_sidecar *out, const cJSON *root, const char *path, fs_arena *arena,
                               fs_error *err) {
    fs_status status;
    if (!cJSON_IsObject(root))
        return fs_fail(err, FS_ERROR_FORMAT, "not a JSON object");
    if ((status = get_text(&out->name, root, "name", arena, err)) != FS_OK ||
        (status = get_text(&out->source, root, "source", arena, err)) != FS_OK ||
        (status = read_input(out, root, err)) != FS_OK ||
        (status = read_levels(out, root, arena, err)) != FS_OK ||
        (status = read_concepts(out, root, path, arena, err)) != FS_OK)
        return status;
    return read_labels(out, root, path, arena, err);
}

fs_status fs_sidecar_read(fs_sidecar *out, const char *path, fs_arena *arena, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, FS_SIDECAR_MAX_BYTES, err);
    if (status != FS_OK)
        return status;
    fs_sidecar result = {0};
    cJSON *root = NULL;
    status = fs_json_parse(&root, (const char *)bytes, size, err);
    if (status == FS_OK)
        status = read_document(&result, root, path, arena, err);
    cJSON_Delete(root);
    fs_free(bytes);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", path);
    *out = result;
    return FS_OK;
}
