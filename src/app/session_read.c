#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "app/session.h"
#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"

/* What a key is cut to in a message. */
#define KEY "'%s.%.60s'"

/* A number goes through text: then the table's own check and message are the only ones. */
static fs_status value_text(const fs_option *field, const cJSON *item, char number[32], const char **out,
                            const char *part, fs_error *err) {
    const char *kind = NULL;
    if (field->kind == FS_OPTION_KIND_BOOL && !cJSON_IsBool(item))
        kind = "true or false";
    else if ((field->kind == FS_OPTION_KIND_INT || field->kind == FS_OPTION_KIND_DOUBLE) &&
             !cJSON_IsNumber(item))
        kind = "a number";
    else if (field->kind >= FS_OPTION_KIND_CHOICE && !cJSON_IsString(item))
        kind = "a string";
    else if (field->kind == FS_OPTION_KIND_U64 && !cJSON_IsString(item))
        kind = "a whole number as a string";
    if (kind != NULL)
        return fs_fail(err, FS_ERROR_FORMAT, KEY " must be %s", part, field->name, kind);
    if (cJSON_IsNumber(item))
        fs_c_snprintf(number, 32, "%.17g", item->valuedouble);
    *out = cJSON_IsNumber(item) ? number
           : cJSON_IsBool(item) ? (cJSON_IsTrue(item) ? "true" : "false")
                                : item->valuestring;
    return FS_OK;
}

static fs_status read_field(void *to, const fs_session_part *part, const fs_option *field, const cJSON *item,
                            fs_error *err) {
    char number[32];
    const char *text = NULL;
    fs_error wrong = {0};
    fs_status status = value_text(field, item, number, &text, part->key, err);
    if (status != FS_OK)
        return status;
    if (strlen(text) >= FS_OPTION_TEXT_SIZE)
        return fs_fail(err, FS_ERROR_LIMIT, KEY " is longer than %d bytes", part->key, field->name,
                       FS_OPTION_TEXT_SIZE - 1);
    status = fs_options_set(part->fields, to, field->name, text, &wrong);
    if (status == FS_OK)
        return FS_OK;
    const char *said = strstr(wrong.message, ": "); /* the table speaks of an option of the command line */
    return fs_fail(err, FS_ERROR_FORMAT, KEY ": %s", part->key, field->name,
                   said != NULL ? said + 2 : wrong.message);
}

static fs_status read_unfrozen(fs_session *session, const cJSON *list, fs_error *err) {
    if (!cJSON_IsArray(list))
        return fs_fail(err, FS_ERROR_FORMAT, "'finetune.unfrozen' must be a list of layers");
    session->has_unfrozen = true;
    for (const cJSON *item = list->child; item != NULL; item = item->next) {
        if (!cJSON_IsString(item) || strlen(item->valuestring) >= FS_OPTION_TEXT_SIZE)
            return fs_fail(err, FS_ERROR_FORMAT, "'finetune.unfrozen' must hold names of less than %d bytes",
                           FS_OPTION_TEXT_SIZE);
        fs_status status = fs_session_add_unfrozen(session, item->valuestring, err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

/* A number of a run, as a whole one; -1: it is none. */
static int run_number(const cJSON *item, int low) {
    const bool fits = cJSON_IsNumber(item) && item->valuedouble >= low &&
                      item->valuedouble <= FS_SESSION_MAX_SIDE &&
                      floor(item->valuedouble) == item->valuedouble;
    return fits ? (int)item->valuedouble : -1;
}

static fs_status read_run(fs_occlusion_run *run, const cJSON *const numbers[3], fs_error *err) {
    run->row = run_number(numbers[0], 0);
    run->column = run_number(numbers[1], 0);
    run->length = run_number(numbers[2], 1);
    if (run->row < 0 || run->column < 0 || run->length < 0)
        return fs_fail(err, FS_ERROR_FORMAT, "'picture.covered' must hold whole numbers up to %d",
                       FS_SESSION_MAX_SIDE);
    return FS_OK;
}

/* The number of runs in a list of strokes; -1: it is no such list. */
static int count_runs(const cJSON *strokes) {
    int n_strokes = 0, n_runs = 0;
    if (!cJSON_IsArray(strokes))
        return -1;
    for (const cJSON *stroke = strokes->child; stroke != NULL; stroke = stroke->next) {
        const int n = cJSON_IsArray(stroke) ? cJSON_GetArraySize(stroke) : 0;
        if (n == 0 || n % 3 != 0 || ++n_strokes > FS_OCCLUSION_STROKES)
            return -1;
        n_runs += n / 3;
    }
    return n_runs;
}

static fs_status read_covered(fs_session *session, const cJSON *strokes, fs_error *err) {
    const int n = count_runs(strokes);
    if (n < 0)
        return fs_fail(err, FS_ERROR_FORMAT,
                       "'picture.covered' must be a list of at most %d strokes of row, column and length",
                       FS_OCCLUSION_STROKES);
    fs_status status = fs_session_make_covered(session, n, err);
    fs_occlusion_run *run = session->covered;
    int number = 1;
    for (const cJSON *stroke = strokes->child; stroke != NULL; stroke = stroke->next, number++)
        for (const cJSON *item = stroke->child; status == FS_OK && item != NULL;
             item = item->next->next->next) {
            run->stroke = number;
            status = read_run(run++, (const cJSON *const[]){item, item->next, item->next->next}, err);
        }
    return status;
}

static bool is_there_twice(const cJSON *object, const cJSON *item) {
    return cJSON_GetObjectItemCaseSensitive(object, item->string) != item;
}

static fs_status read_part(fs_session *session, const fs_session_part *part, const cJSON *object,
                           fs_error *err) {
    if (!cJSON_IsObject(object))
        return fs_fail(err, FS_ERROR_FORMAT, "'%s' must be an object", part->key);
    const bool trains = strcmp(part->key, "finetune") == 0, covers = strcmp(part->key, "picture") == 0;
    int left = 256; /* no part has so many: a longer one would be searched in quadratic time */
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        fs_status status = FS_OK;
        const fs_option *field = fs_options_find(part->fields, item->string);
        if (left-- == 0 || is_there_twice(object, item))
            status = fs_fail(err, FS_ERROR_FORMAT, KEY " is there twice, or is one too many", part->key,
                             item->string);
        else if (trains && strcmp(item->string, "unfrozen") == 0)
            status = read_unfrozen(session, item, err);
        else if (covers && strcmp(item->string, "covered") == 0)
            status = read_covered(session, item, err);
        else if (field == NULL)
            status = fs_fail(err, FS_ERROR_FORMAT, KEY " is not known", part->key, item->string);
        else
            status = read_field((char *)session + part->offset, part, field, item, err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

static const fs_session_part *find_part(const char *key) {
    for (const fs_session_part *part = fs_session_parts; part->key != NULL; part++)
        if (strcmp(part->key, key) == 0)
            return part;
    return NULL;
}

static fs_status read_document(fs_session *session, const cJSON *root, fs_error *err) {
    if (!cJSON_IsObject(root))
        return fs_fail(err, FS_ERROR_FORMAT, "not a JSON object");
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    if (!cJSON_IsNumber(format) || format->valuedouble != FS_SESSION_FORMAT)
        return fs_fail(err, FS_ERROR_FORMAT, "'format' must be %d", FS_SESSION_FORMAT);
    int left = 64;
    for (const cJSON *item = root->child; item != NULL; item = item->next) {
        const fs_session_part *part = find_part(item->string);
        if (item == format)
            continue;
        if (part == NULL || left-- == 0 || is_there_twice(root, item))
            return fs_fail(err, FS_ERROR_FORMAT, "'%.60s' is %s", item->string,
                           part == NULL ? "not known" : "there twice");
        fs_status status = read_part(session, part, item, err);
        if (status != FS_OK)
            return status;
    }
    return FS_OK;
}

fs_status fs_session_parse(fs_session *out, const char *text, size_t length, fs_error *err) {
    if (length > FS_SESSION_MAX_BYTES)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d bytes", FS_SESSION_MAX_BYTES);
    if (!fs_utf8_is_valid(text, length)) /* what is no text would not be written as it was read */
        return fs_fail(err, FS_ERROR_FORMAT, "not UTF-8");
    cJSON *root = NULL;
    fs_status status = fs_json_parse(&root, text, length, err);
    if (status != FS_OK)
        return status;
    fs_session *read = fs_alloc(sizeof *read);
    status = read != NULL ? FS_OK : fs_fail_memory(err, "the session");
    if (status == FS_OK) {
        fs_session_init(read);
        status = read_document(read, root, err);
        if (status == FS_OK) {
            fs_session_free(out);
            *out = *read;
        } else {
            fs_session_free(read);
        }
    }
    fs_free(read);
    cJSON_Delete(root);
    return status;
}

fs_status fs_session_read(fs_session *out, const char *path, fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, FS_SESSION_MAX_BYTES, err);
    if (status != FS_OK)
        return status;
    status = fs_session_parse(out, (const char *)bytes, size, err);
    fs_free(bytes);
    return status == FS_OK ? FS_OK : fs_error_prefix(err, status, "%s", path);
}
