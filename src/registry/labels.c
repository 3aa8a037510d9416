#include "registry/labels.h"

#include "base/utf8.h"

enum { MAX_LINES = 100000, MAX_LINE = 1024 };

fs_status fs_registry_check_labels(const char *text, size_t size, fs_error *err) {
    int lines = 0;
    size_t line_length = 0;
    for (size_t at = 0; at < size;) {
        const int step = fs_utf8_length(text + at, size - at);
        if (step == 0 || text[at] == '\0')
            return fs_fail(err, FS_ERROR_FORMAT, "its labels are not UTF-8 text");
        line_length = text[at] == '\n' ? 0 : line_length + (size_t)step;
        lines += text[at] == '\n';
        if (line_length > MAX_LINE || lines > MAX_LINES)
            return fs_fail(err, FS_ERROR_FORMAT, "its labels are not one class a line");
        at += (size_t)step;
    }
    return size > 0 ? FS_OK : fs_fail(err, FS_ERROR_FORMAT, "its labels are empty");
}
