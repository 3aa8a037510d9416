#include "app/preferences.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/builtin.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"

enum { MAX_BYTES = 1 << 18, MAX_PLACE = 100000, MAX_SIDE = 16384, MIN_SIDE = 100 };
static const double max_scale = 3;

const char *const fs_theme_choices[] = {"system", "dark", "light", NULL};

void fs_preferences_default(fs_preferences *out) {
    memset(out, 0, sizeof *out);
    out->theme = FS_THEME_SYSTEM;
}

/* ---- recent files ---- */

static bool has_control_characters(const char *text) {
    while ((unsigned char)*text >= ' ')
        text++;
    return *text != '\0';
}

static bool is_recordable(const char *path) {
    return path[0] == '/' && strlen(path) < FS_OPTION_TEXT_SIZE && fs_utf8_is_valid(path, strlen(path)) &&
           !has_control_characters(path);
}

/* An absolute path to the front. */
static bool put_first(fs_recent *recent, const char *path) {
    int at = 0;
    while (at < recent->n && strcmp(recent->paths[at], path) != 0)
        at++;
    if (at == 0 && recent->n > 0)
        return false;
    if (at == recent->n && recent->n < FS_RECENT_COUNT)
        recent->n++;
    if (at == FS_RECENT_COUNT)
        at--; /* the oldest goes */
    memmove(recent->paths[1], recent->paths[0], (size_t)at * sizeof recent->paths[0]);
    snprintf(recent->paths[0], sizeof recent->paths[0], "%s", path);
    return true;
}

bool fs_recent_add(fs_recent *recent, const char *path) {
    if (fs_is_builtin(path))
        return false;
    char *whole = realpath(path, NULL); /* from the C library, hence free */
    bool changed = whole != NULL && is_recordable(whole) && put_first(recent, whole);
    free(whole);
    return changed;
}

/* ---- reading ---- */

/* A number within its range; else *out stays. */
static bool read_number(double *out, const cJSON *object, const char *key, double low, double high) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high))
        return false;
    *out = item->valuedouble;
    return true;
}

static void read_recent(fs_recent *out, const cJSON *root, const char *key) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, key);
    if (!cJSON_IsArray(list))
        return;
    for (const cJSON *item = list->child; item != NULL && out->n < FS_RECENT_COUNT; item = item->next)
        if (cJSON_IsString(item) && is_recordable(item->valuestring))
            snprintf(out->paths[out->n++], sizeof out->paths[0], "%s", item->valuestring);
}

static void read_window(fs_preferences *out, const cJSON *root) {
    const cJSON *window = cJSON_GetObjectItemCaseSensitive(root, "window");
    double x, y, width, height;
    if (read_number(&x, window, "x", -MAX_PLACE, MAX_PLACE) &&
        read_number(&y, window, "y", -MAX_PLACE, MAX_PLACE)) {
        out->placed = true;
        out->x = (int)x;
        out->y = (int)y;
    }
    if (read_number(&width, window, "width", MIN_SIDE, MAX_SIDE) &&
        read_number(&height, window, "height", MIN_SIDE, MAX_SIDE)) {
        out->width = (int)width;
        out->height = (int)height;
    }
    out->maximised = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(window, "maximised"));
}

static void read_all(fs_preferences *out, const cJSON *root) {
    const char *theme = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "theme"));
    for (int i = 0; theme != NULL && fs_theme_choices[i] != NULL; i++)
        if (strcmp(theme, fs_theme_choices[i]) == 0)
            out->theme = i;
    if (!read_number(&out->scale, root, "scale", 1, max_scale))
        out->scale = 0;
    read_window(out, root);
    read_recent(&out->models, root, "models");
    read_recent(&out->folders, root, "folders");
}

fs_status fs_preferences_read(fs_preferences *out, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size;
    fs_preferences_default(out);
    if (!fs_file_exists(path))
        return FS_OK;
    fs_status status = fs_file_read(&bytes, &size, path, MAX_BYTES, err);
    if (status != FS_OK)
        return status;
    cJSON *root = NULL;
    double format = 0;
    status = fs_json_parse(&root, (const char *)bytes, size, err);
    if (status == FS_ERROR_MEMORY)
        fs_error_prefix(err, status, "%s", path);
    else if (cJSON_IsObject(root) && read_number(&format, root, "format", 1, 1))
        read_all(out, root);
    else
        status = fs_fail(err, FS_ERROR_FORMAT, "%s: is no settings file; the usual settings are used", path);
    cJSON_Delete(root);
    fs_free(bytes);
    return status;
}

/* ---- writing ---- */

static bool add_recent(cJSON *root, const char *key, const fs_recent *recent) {
    cJSON *list = cJSON_AddArrayToObject(root, key);
    for (int i = 0; i < recent->n; i++)
        if (!list || !cJSON_AddItemToArray(list, cJSON_CreateString(recent->paths[i])))
            return false;
    return list != NULL;
}

static bool add_window(cJSON *root, const fs_preferences *p) {
    cJSON *window = cJSON_AddObjectToObject(root, "window");
    bool made = window != NULL;
    if (p->placed)
        made =
            made && cJSON_AddNumberToObject(window, "x", p->x) && cJSON_AddNumberToObject(window, "y", p->y);
    if (p->width > 0)
        made = made && cJSON_AddNumberToObject(window, "width", p->width) &&
               cJSON_AddNumberToObject(window, "height", p->height);
    return made && cJSON_AddBoolToObject(window, "maximised", p->maximised);
}

/* cJSON_free; NULL when memory is short. */
static char *to_text(const fs_preferences *p) {
    cJSON *root = cJSON_CreateObject();
    bool made = root && cJSON_AddNumberToObject(root, "format", 1) &&
                cJSON_AddStringToObject(root, "theme", fs_theme_choices[p->theme]) &&
                cJSON_AddNumberToObject(root, "scale", p->scale) && add_window(root, p) &&
                add_recent(root, "models", &p->models) && add_recent(root, "folders", &p->folders);
    char *text = made ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    return text;
}

static fs_status make_parent(const char *path, fs_error *err) {
    char *folder = fs_strdup(path);
    if (folder == NULL)
        return fs_fail_memory(err, "a file name");
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    fs_status status = slash != NULL && slash != folder ? fs_make_folder(folder, err) : FS_OK;
    fs_free(folder);
    return status;
}

fs_status fs_preferences_write(const fs_preferences *preferences, const char *path, fs_error *err) {
    char *text = to_text(preferences);
    if (text == NULL)
        return fs_fail_memory(err, "the settings");
    fs_status status = make_parent(path, err);
    if (status == FS_OK)
        status = fs_file_write(path, text, strlen(text), err);
    cJSON_free(text);
    return status;
}
