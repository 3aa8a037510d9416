#include "app/series_source.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"

enum { MOST_LOG_BYTES = 64 << 20, MOST_STAGE = 64, MOST_EPOCH = 1000000, PATH_SIZE = 4096, WORD = 128 };
#define HEAD "stage,epoch,"

bool fs_series_is_run(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* ---- versions ---- */

static fs_status create(fs_series_source **out, size_t most, fs_error *err) {
    fs_series_source *s = fs_calloc(1, sizeof *s);
    if (s && (s->arena = fs_arena_create()) != NULL)
        s->versions = fs_arena_alloc(s->arena, most, sizeof *s->versions);
    if (!s || !s->versions) {
        fs_series_source_destroy(s);
        return fs_fail_memory(err, "the networks of a series");
    }
    *out = s;
    return FS_OK;
}

void fs_series_source_destroy(fs_series_source *s) {
    if (!s)
        return;
    fs_arena_destroy(s->arena);
    fs_free(s);
}

static fs_status add(fs_series_source *s, const char *path, const char *name, const char *tick, int stage,
                     int epoch, fs_error *err) {
    if (s->n == FS_SHIFT_SERIES_MOST)
        return fs_fail(err, FS_ERROR_LIMIT, "a series has at most %d networks", FS_SHIFT_SERIES_MOST);
    const fs_series_version version = {fs_arena_strdup(s->arena, path), fs_arena_strdup(s->arena, name),
                                       fs_arena_strdup(s->arena, tick), stage, epoch};
    if (!version.path || !version.name || !version.tick)
        return fs_fail_memory(err, "the networks of a series");
    s->versions[s->n++] = version;
    return FS_OK;
}

static fs_status check_count(const fs_series_source *s, const char *what, fs_error *err) {
    if (s->n >= 2)
        return FS_OK;
    return fs_fail(err, FS_ERROR_ARGUMENT,
                   "%.400s: one network alone has not moved; a series needs two or more", what);
}

/* ---- a run ---- */

/* The number of a stage that was met before, or of a new one. */
static fs_status find_stage(fs_series_source *s, const char *name, size_t length, int *stage, fs_error *err) {
    for (int i = 0; i < s->n_stages; i++)
        if (strlen(s->stages[i]) == length && memcmp(s->stages[i], name, length) == 0) {
            *stage = i;
            return FS_OK;
        }
    if (s->n_stages == FS_SERIES_MAX_STAGES)
        return fs_fail(err, FS_ERROR_LIMIT, "more than %d stages", FS_SERIES_MAX_STAGES);
    const char *copy = fs_arena_strndup(s->arena, name, length);
    if (!copy)
        return fs_fail_memory(err, "the networks of a series");
    *stage = s->n_stages;
    s->stages[s->n_stages++] = copy;
    return FS_OK;
}

/* A stage's name becomes part of a file's: letters, digits, '-' and '_'. Returns its length, 0 for others. */
static size_t stage_length(const char *line) {
    size_t n = 0;
    while (n < MOST_STAGE && (isalnum((unsigned char)line[n]) || line[n] == '-' || line[n] == '_'))
        n++;
    return line[n] == ',' ? n : 0;
}

/* "joint,3,..." */
static bool read_row(const char *line, size_t *stage, int *epoch) {
    int digits = 0;
    *epoch = 0;
    if ((*stage = stage_length(line)) == 0)
        return false;
    for (const char *at = line + *stage + 1; isdigit((unsigned char)*at) && digits < 7; at++, digits++)
        *epoch = 10 * *epoch + (*at - '0');
    return digits > 0 && line[*stage + 1 + (size_t)digits] == ',' && *epoch >= 1 && *epoch <= MOST_EPOCH;
}

/* The row's network, if it was kept. */
static fs_status add_row(fs_series_source *s, const char *folder, const char *line, int number,
                         fs_error *err) {
    char path[PATH_SIZE], name[WORD], tick[16];
    size_t length;
    int epoch, stage;
    if (!read_row(line, &length, &epoch))
        return fs_fail(err, FS_ERROR_FORMAT, "line %d: not the log of a run", number);
    snprintf(path, sizeof path, "%.3000s/epoch-%.*s-%d.onnx", folder, (int)length, line, epoch);
    if (!fs_file_exists(path))
        return FS_OK;
    fs_status status = find_stage(s, line, length, &stage, err);
    snprintf(name, sizeof name, "%.*s %d", (int)length, line, epoch);
    snprintf(tick, sizeof tick, "%d", epoch);
    return status == FS_OK ? add(s, path, name, tick, stage, epoch, err) : status;
}

static fs_status add_rows(fs_series_source *s, const char *folder, const char *log, fs_error *err) {
    fs_status status = FS_OK;
    int number = 1;
    if (strncmp(log, HEAD, strlen(HEAD)) != 0)
        return fs_fail(err, FS_ERROR_FORMAT, "line 1: not the log of a run");
    for (const char *line = strchr(log, '\n'); line && status == FS_OK; line = strchr(line, '\n')) {
        line++;
        number++;
        if (*line)
            status = add_row(s, folder, line, number, err);
    }
    return status;
}

/* What the epochs are compared with, where it is none of them. */
static fs_status add_start(fs_series_source *s, const char *folder, const char *before, fs_error *err) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%.3000s/start.onnx", folder);
    if (*before)
        return add(s, before, "start", "start", -1, 0, err);
    return fs_file_exists(path) ? add(s, path, "start", "start", -1, 0, err) : FS_OK;
}

static size_t count_lines(const char *text) {
    size_t n = 1;
    while ((text = strchr(text, '\n')) != NULL) {
        text++;
        n++;
    }
    return n;
}

fs_status fs_series_source_of_run(fs_series_source **out, const char *folder, const char *before,
                                  fs_error *err) {
    char path[PATH_SIZE];
    uint8_t *log = NULL;
    size_t size;
    fs_series_source *s = NULL;
    snprintf(path, sizeof path, "%.3000s/log.csv", folder);
    fs_status status = fs_file_read(&log, &size, path, MOST_LOG_BYTES, err);
    if (status == FS_OK)
        status = create(&s, count_lines((const char *)log) + 1, err);
    if (status == FS_OK)
        status = add_start(s, folder, before, err);
    if (status == FS_OK && (status = add_rows(s, folder, (const char *)log, err)) != FS_OK)
        fs_error_prefix(err, status, "%s", path);
    if (status == FS_OK && s->n_stages == 0)
        status = fs_fail(err, FS_ERROR_NOT_FOUND,
                         "%.400s has no epoch-STAGE-N.onnx: `finetune --keep-epochs` keeps them", folder);
    if (status == FS_OK)
        status = check_count(s, folder, err);
    fs_free(log);
    if (status == FS_OK)
        *out = s;
    else
        fs_series_source_destroy(s);
    return status;
}

/* ---- files ---- */

fs_status fs_series_source_of_files(fs_series_source **out, const char *const *paths, int n,
                                    const char *before, fs_error *err) {
    const bool has_start = before && *before;
    fs_series_source *s = NULL;
    fs_status status = create(&s, (size_t)n + 1, err);
    if (status == FS_OK && has_start)
        status = add(s, before, fs_path_base(before), "start", -1, 0, err);
    for (int i = 0; i < n && status == FS_OK; i++) {
        char tick[16];
        snprintf(tick, sizeof tick, "%d", i + 1);
        status = add(s, paths[i], fs_path_base(paths[i]), tick, -1, 0, err);
    }
    if (status == FS_OK)
        status = check_count(s, paths[0], err);
    if (status == FS_OK)
        *out = s;
    else
        fs_series_source_destroy(s);
    return status;
}
