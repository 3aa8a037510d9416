#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/c_locale.h"
#include "base/utf8.h"

/* Makes room for `extra` bytes and the final NUL. */
static bool reserve(fs_text *text, size_t extra) {
    if (text->failed)
        return false;
    if (extra < text->capacity && text->length < text->capacity - extra)
        return true;
    size_t needed, capacity;
    if (__builtin_add_overflow(text->length, extra, &needed) || needed > SIZE_MAX / 2 - 64) {
        text->failed = true;
        return false;
    }
    capacity = text->capacity * 2 > needed + 1 ? text->capacity * 2 : needed + 64;
    char *grown = fs_realloc(text->bytes, text->bytes != NULL ? text->length + 1 : 0, capacity);
    if (grown == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = grown;
    text->capacity = capacity;
    return true;
}

void fs_text_add(fs_text *text, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = fs_c_vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        text->failed = true;
    else if (reserve(text, (size_t)length)) {
        fs_c_vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void fs_text_add_bytes(fs_text *text, const char *bytes, size_t length) {
    if (!reserve(text, length))
        return;
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static void add_json_control(fs_text *text, unsigned char c) {
    static const char letters[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (letters[c] != '\0')
        fs_text_add(text, "\\%c", letters[c]);
    else
        fs_text_add(text, "\\u%04x", c);
}

/* Bytes that are not UTF-8 become U+FFFD, so that the document is always valid JSON. */
void fs_text_add_json(fs_text *text, const char *value) {
    fs_text_add_bytes(text, "\"", 1);
    for (size_t left = strlen(value); left > 0 && !text->failed;) {
        unsigned char c = (unsigned char)*value;
        int length = fs_utf8_length(value, left);
        if (length == 0)
            fs_text_add_bytes(text, "\xef\xbf\xbd", 3);
        else if (c < 0x20)
            add_json_control(text, c);
        else if (c == '"' || c == '\\')
            fs_text_add(text, "\\%c", c);
        else
            fs_text_add_bytes(text, value, (size_t)length);
        int step = length > 0 ? length : 1;
        value += step;
        left -= (size_t)step;
    }
    fs_text_add_bytes(text, "\"", 1);
}

void fs_text_add_number(fs_text *text, double value) {
    if (isfinite(value))
        fs_text_add(text, "%.9g", value);
    else
        fs_text_add(text, "null");
}

void fs_text_add_csv(fs_text *text, const char *value) {
    if (!strpbrk(value, ",\"\r\n")) {
        fs_text_add(text, "%s", value);
        return;
    }
    fs_text_add(text, "\"");
    for (const char *c = value; *c; c++)
        fs_text_add(text, *c == '"' ? "\"\"" : "%c", *c);
    fs_text_add(text, "\"");
}

void fs_text_add_csv_number(fs_text *text, double value) {
    if (isfinite(value))
        fs_text_add(text, "%.9g", value);
}

bool fs_text_broken(const fs_text *text) {
    return text->failed;
}

void fs_text_free(fs_text *text) {
    fs_free(text->bytes);
    *text = (fs_text){0};
}

/* strtod accepts leading space, "inf", "nan" and hexadecimal; people typing numbers mean none of these. */
bool fs_parse_double(const char *text, double *out) {
    if (text[0] == '\0' || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    char *end = NULL;
    double value = fs_c_strtod(text, &end);
    if (*end != '\0' || !isfinite(value))
        return false;
    *out = value;
    return true;
}

bool fs_parse_int(const char *text, long long *out) {
    if (text[0] == '\0' || strspn(text, "0123456789+-") != strlen(text))
        return false;
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0)
        return false;
    *out = value;
    return true;
}
