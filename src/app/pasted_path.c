#include "app/pasted_path.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

typedef struct piece {
    const char *at;
    size_t length;
} piece;

static bool is_blank(char c) {
    return isspace((unsigned char)c) != 0;
}

static piece trimmed(piece p) {
    while (p.length > 0 && is_blank(*p.at)) {
        p.at++;
        p.length--;
    }
    while (p.length > 0 && is_blank(p.at[p.length - 1]))
        p.length--;
    return p;
}

/* The first line that says something. */
static piece first_line(const char *text) {
    piece line = {text, 0};
    for (;;) {
        const size_t length = strcspn(text, "\r\n");
        line = trimmed((piece){text, length});
        if (line.length > 0 && *line.at == '#')
            line.length = 0; /* a comment */
        if (text[length] == '\0' || line.length > 0)
            return line;
        text += length + 1;
    }
}

static piece without_quotes(piece p) {
    const bool quoted = p.length >= 2 && (*p.at == '"' || *p.at == '\'') && p.at[p.length - 1] == *p.at;
    return quoted ? (piece){p.at + 1, p.length - 2} : p;
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %41 as A. No path has a NUL. */
static bool decode(piece from, char *out, size_t size) {
    size_t n = 0;
    for (size_t i = 0; i < from.length; i++, n++) {
        if (n + 1 >= size)
            return false;
        out[n] = from.at[i];
        if (from.at[i] != '%')
            continue;
        const int high = i + 2 < from.length ? digit_of(from.at[i + 1]) : -1;
        const int low = i + 2 < from.length ? digit_of(from.at[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return false;
        out[n] = (char)(16 * high + low);
        i += 2;
    }
    out[n] = '\0';
    return true;
}

/* What follows "file://" and the name of this machine; at NULL when it is another one's. */
static piece path_of_address(piece p) {
    const char *slash = memchr(p.at, '/', p.length);
    const size_t host = slash != NULL ? (size_t)(slash - p.at) : p.length;
    const bool here = host == 0 || (host == 9 && strncasecmp(p.at, "localhost", 9) == 0);
    return here && slash != NULL ? (piece){slash, p.length - host} : (piece){0};
}

static bool is_address(piece p) {
    const char *colon = memchr(p.at, ':', p.length);
    const size_t scheme = colon != NULL ? (size_t)(colon - p.at) : 0;
    for (size_t i = 0; i < scheme; i++)
        if (!isalnum((unsigned char)p.at[i]))
            return false;
    return scheme > 0 && p.length >= scheme + 3 && memcmp(colon, "://", 3) == 0;
}

fs_status fs_pasted_path(char *out, size_t size, const char *text, fs_error *err) {
    const piece p = trimmed(without_quotes(first_line(text)));
    const int shown = p.length < 200 ? (int)p.length : 200;
    if (p.length == 0)
        return fs_fail(err, FS_ERROR_ARGUMENT, "no path of a picture");
    if (p.length >= size)
        return fs_fail(err, FS_ERROR_LIMIT, "'%.*s...' is longer than %d bytes", 40, p.at, (int)size - 1);
    if (!is_address(p)) {
        memcpy(out, p.at, p.length);
        out[p.length] = '\0';
        return FS_OK;
    }
    piece path = {0};
    if (p.length > 7 && strncasecmp(p.at, "file://", 7) == 0)
        path = path_of_address((piece){p.at + 7, p.length - 7});
    char decoded[4096];
    if (path.at == NULL || !decode(path, decoded, sizeof decoded) || strlen(decoded) >= size)
        return fs_fail(err, FS_ERROR_ARGUMENT, "'%.*s' is no file of this machine", shown, p.at);
    memcpy(out, decoded, strlen(decoded) + 1);
    return FS_OK;
}
