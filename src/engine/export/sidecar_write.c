#include "engine/export/sidecar_write.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/levels.h"

/* The shortest decimal number that is read back as the same float. */
static double shortest(float value) {
    char text[32];
    double decimal = (double)value;
    for (int digits = 6; digits <= 9; digits++) {
        fs_c_snprintf(text, sizeof text, "%.*g", digits, (double)value);
        decimal = fs_c_strtod(text, NULL);
        if ((float)decimal == value)
            break;
    }
    return decimal;
}

static bool add_numbers(cJSON *object, const char *key, const float *numbers, int count) {
    cJSON *list = cJSON_AddArrayToObject(object, key);
    for (int i = 0; i < count; i++)
        if (!list || !cJSON_AddItemToArray(list, cJSON_CreateNumber(shortest(numbers[i]))))
            return false;
    return list != NULL;
}

static bool add_input(cJSON *root, const fs_preprocess *p) {
    static const char *const orders[] = {"RGB", "BGR", "GRAY"};
    const int channels = fs_preprocess_channels(p), size[2] = {p->height, p->width};
    cJSON *input = cJSON_AddObjectToObject(root, "input"), *list = cJSON_CreateIntArray(size, 2);
    if (!input || !list || !cJSON_AddItemToObject(input, "size", list)) {
        cJSON_Delete(list);
        return false;
    }
    return cJSON_AddStringToObject(input, "channels", orders[p->order]) &&
           cJSON_AddNumberToObject(input, "range", shortest(p->range)) &&
           add_numbers(input, "mean", p->mean, channels) && add_numbers(input, "std", p->std, channels);
}

/* The names of one level that still stand for a layer; no member when there are none. */
static bool add_level(cJSON *levels, const fs_model *model, int level) {
    cJSON *list = NULL;
    for (int i = 0; i < model->levels->count[level]; i++) {
        const char *name = model->levels->names[level][i];
        if (!fs_levels_match(model, name))
            continue;
        if (!list && !(list = cJSON_AddArrayToObject(levels, fs_level_name((fs_level)level))))
            return false;
        if (!cJSON_AddItemToArray(list, cJSON_CreateString(name)))
            return false;
    }
    return true;
}

static bool add_levels(cJSON *root, const fs_model *model) {
    int named = 0;
    for (int level = 0; level < FS_LEVEL_COUNT; level++)
        named += model->levels->count[level];
    if (named == 0)
        return true;
    cJSON *levels = cJSON_AddObjectToObject(root, "levels");
    for (int level = 0; level < FS_LEVEL_COUNT; level++)
        if (!levels || !add_level(levels, model, level))
            return false;
    return true;
}

static fs_status write_document(const fs_model *model, const char *path, const char *labels, fs_error *err) {
    cJSON *root = cJSON_CreateObject();
    bool fine =
        root && cJSON_AddStringToObject(root, "name", model->name) && add_input(root, &model->preprocess);
    if (labels)
        fine = fine && cJSON_AddStringToObject(root, "labels", labels);
    fine = fine && add_levels(root, model);
    if (model->source)
        fine = fine && cJSON_AddStringToObject(root, "source", model->source);
    char *text = fine ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    if (!text)
        return fs_fail_memory(err, path);
    const size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL: the length is what counts from here on */
    fs_status status = fs_file_write(path, text, length + 1, err);
    cJSON_free(text);
    return status;
}

static fs_status write_labels(const fs_model *model, const char *path, fs_error *err) {
    fs_text text = {0};
    for (int i = 0; i < model->n_labels; i++)
        fs_text_add(&text, "%s\n", model->labels[i]);
    fs_status status =
        fs_text_broken(&text) ? fs_fail_memory(err, path) : fs_file_write(path, text.bytes, text.length, err);
    fs_text_free(&text);
    return status;
}

fs_status fs_sidecar_write(const fs_model *model, const char *model_path, fs_error *err) {
    char *path = fs_path_with_extension(model_path, ".json");
    char *labels = fs_path_with_extension(model_path, "_labels.txt");
    fs_status status = path && labels ? FS_OK : fs_fail_memory(err, "a file name");
    if (status == FS_OK && model->n_labels)
        status = write_labels(model, labels, err);
    if (status == FS_OK)
        status = write_document(model, path, model->n_labels ? fs_path_base(labels) : NULL, err);
    fs_free(path);
    fs_free(labels);
    return status;
}
