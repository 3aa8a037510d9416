#include "base/error.h"

#include <stdbool.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/utf8.h"

/* Keeps a message to one line of valid UTF-8 and free of terminal escapes: control characters (C0, DEL, and
 * C1 in its two-byte form) and malformed bytes become '?'. A sequence cut by the buffer's end goes too. */
static void sanitize(char *text) {
    size_t left = strlen(text);
    char *to = text;
    for (const char *from = text; left > 0;) {
        int length = fs_utf8_length(from, left);
        unsigned char first = (unsigned char)from[0], second = (unsigned char)from[1];
        bool control = first < 0x20 || first == 0x7f || (first == 0xc2 && second < 0xa0);
        int step = length > 0 ? length : 1;
        if (length == 0 || control) {
            *to++ = '?';
        } else {
            memmove(to, from, (size_t)length);
            to += length;
        }
        from += step;
        left -= (size_t)step;
    }
    *to = '\0';
}

/* Formats beside the message, since an argument may point into it. */
static void set_message(fs_error *err, const char *format, va_list args) {
    char text[FS_ERROR_MESSAGE_SIZE];
    if (fs_c_vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    sanitize(text);
    memcpy(err->message, text, strlen(text) + 1);
}

fs_status(fs_fail)(fs_error *err, fs_status code, const char *format, ...) {
    if (err == NULL)
        return code;
    va_list args;
    va_start(args, format);
    set_message(err, format, args);
    va_end(args);
    err->code = code;
    return code;
}

fs_status(fs_fail_memory)(fs_error *err, const char *what) {
    return fs_fail(err, FS_ERROR_MEMORY, "out of memory for %s", what);
}

fs_status(fs_error_prefix)(fs_error *err, fs_status code, const char *format, ...) {
    if (err == NULL)
        return code;
    fs_error prefix;
    va_list args;
    va_start(args, format);
    set_message(&prefix, format, args);
    va_end(args);
    return fs_fail(err, code, "%s: %s", prefix.message, err->message);
}
