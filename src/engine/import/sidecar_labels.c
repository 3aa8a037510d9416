#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/utf8.h"
#include "engine/import/sidecar.h"

static bool is_utf8(const char *text, size_t length) {
    while (length > 0) {
        const int step = fs_utf8_length(text, length);
        if (step == 0 || *text == '\0')
            return false;
        text += step;
        length -= (size_t)step;
    }
    return true;
}

static int count_lines(const char *text, size_t size) {
    int count = 0;
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count + (size > 0 && text[size - 1] != '\n');
}

static fs_status split(const char **out, int count, const char *text, const char *end, fs_arena *arena,
                       fs_error *err) {
    for (int i = 0; i < count; i++) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        size_t length = (size_t)(stop - text);
        if (length > 0 && text[length - 1] == '\r')
            length--;
        if (length > FS_LABELS_MAX_LENGTH)
            return fs_fail(err, FS_ERROR_LIMIT, "line %d is too long", i + 1);
        if (!is_utf8(text, length))
            return fs_fail(err, FS_ERROR_FORMAT, "line %d is not UTF-8 text", i + 1);
        out[i] = fs_arena_strndup(arena, text, length);
        if (!out[i])
            return fs_fail_memory(err, "labels");
        text = stop + 1;
    }
    return FS_OK;
}

fs_status fs_labels_read(const char *const **out, int *count, const char *path, fs_arena *arena,
                         fs_error *err) {
    uint8_t *bytes = NULL;
    size_t size = 0;
    fs_status status = fs_file_read(&bytes, &size, path, FS_LABELS_MAX_BYTES, err);
    if (status != FS_OK)
        return status;
    const char *text = (const char *)bytes, *end = text + size;
    const int lines = count_lines(text, size);
    const char **labels = NULL;
    if (lines < 1 || lines > FS_LABELS_MAX_COUNT)
        status = fs_fail(err, FS_ERROR_LIMIT, "%d labels, outside 1..%d", lines, FS_LABELS_MAX_COUNT);
    else if (!(labels = fs_arena_alloc(arena, (size_t)lines, sizeof *labels)))
        status = fs_fail_memory(err, "labels");
    if (status == FS_OK)
        status = split(labels, lines, text, end, arena, err);
    fs_free(bytes);
    if (status != FS_OK)
        return fs_error_prefix(err, status, "%s", path);
    *out = labels;
    *count = lines;
    return FS_OK;
}
