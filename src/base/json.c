#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <string.h>

static int line_of(const char *text, const char *at) {
    int line = 1;
    for (; at != NULL && text < at; text++)
        line += *text == '\n';
    return line;
}

fs_status fs_json_parse(struct cJSON **out, const char *text, size_t length, fs_error *err) {
    const unsigned before = fs_json_refused();
    const char *end = text;
    cJSON *root = NULL;
    if (memchr(text, '\0', length) == NULL) /* the NUL behind it is part of the length here */
        root = cJSON_ParseWithLengthOpts(text, length + 1, &end, true);
    if (root == NULL && fs_json_refused() != before)
        return fs_fail_memory(err, "a JSON document");
    if (root == NULL)
        return fs_fail(err, FS_ERROR_FORMAT, "not JSON (line %d)", line_of(text, end));
    *out = root;
    return FS_OK;
}
